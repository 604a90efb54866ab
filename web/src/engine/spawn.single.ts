import wasm from '#engine/glassformer_engine.wasm?inline';
import EngineWorker from './worker?worker&inline';

export function spawnWorker(): Worker {
  return new EngineWorker({ name: 'glassformer-engine' });
}

/** The bytes stand in the file itself. */
export async function fetchEngine(_again: boolean): Promise<ArrayBuffer> {
  const text = atob(wasm.slice(wasm.indexOf(',') + 1));
  return Uint8Array.from(text, (character) => character.charCodeAt(0)).buffer;
}

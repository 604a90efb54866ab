import { engineBytes } from 'virtual:engines';
import EngineWorker from './worker?worker&inline';

export function spawnWorker(): Worker {
  return new EngineWorker({ name: 'glassformer-engine' });
}

/** The bytes stand in the file itself. */
export async function fetchEngine(_name: string, _again: boolean): Promise<ArrayBuffer> {
  const text = atob(engineBytes);
  return Uint8Array.from(text, (character) => character.charCodeAt(0)).buffer;
}

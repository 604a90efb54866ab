import wasmUrl from '#engine/glassformer_engine.wasm?url';

export function spawnWorker(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'glassformer-engine' });
}

/** The engine's bytes; `again` asks the network instead of a cache that may hold something broken. */
export async function fetchEngine(again: boolean): Promise<ArrayBuffer> {
  const response = await fetch(wasmUrl, again ? { cache: 'reload' } : {});
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}

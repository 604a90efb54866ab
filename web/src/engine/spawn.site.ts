import { engineUrls } from 'virtual:engines';

export function spawnWorker(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'glassformer-engine' });
}

/** An engine's bytes; `again` asks the network instead of a cache that may hold something broken. */
export async function fetchEngine(name: string, again: boolean): Promise<ArrayBuffer> {
  const response = await fetch(engineUrls[name]!, again ? { cache: 'reload' } : {});
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}

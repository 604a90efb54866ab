import { engineNames } from 'virtual:engines';
import { EngineClient, type ClientOptions } from './client';

interface Options {
  spawn: ClientOptions['spawn'];
  fetchEngine: (name: string, again: boolean) => Promise<ArrayBuffer>;
  fetchAsset: ClientOptions['fetchAsset'];
}

/**
 * The engine comes in several files, each able to compute some of the experiments: a reader waits for one of them.
 * Each is started when first asked for, in a worker of its own.
 */
export class Engines {
  #options: Options;
  #clients = new Map<string, EngineClient>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** The engine that computes an experiment. One that nothing computes gets an engine that says so. */
  of(experiment: string): EngineClient {
    const name = engineNames[experiment] ?? Object.values(engineNames)[0]!;
    let client = this.#clients.get(name);
    if (!client) {
      const { spawn, fetchEngine, fetchAsset } = this.#options;
      client = new EngineClient({ name, spawn, fetchEngine: (again) => fetchEngine(name, again), fetchAsset });
      this.#clients.set(name, client);
    }
    return client;
  }
}

import type { Message, Reply, RequestKind, Requests } from './messages';
import type { Catalog, EngineError } from './protocol';

export interface ClientOptions {
  /** Which of the engine's files: the worker needs to know its glue. */
  name: string;
  spawn: () => Worker;
  fetchEngine: (again: boolean) => Promise<ArrayBuffer>;
  /** A file that an experiment declares: a checkpoint. */
  fetchAsset?: (name: string, again: boolean) => Promise<ArrayBuffer>;
  /** A request without an answer for so long means a stuck worker. Steps suspend every 50 ms. */
  patience?: number;
}

interface Waiting {
  resolve: (answer: never) => void;
  reject: (error: EngineError) => void;
  timer: ReturnType<typeof setTimeout>;
}

const stuck: EngineError = {
  kind: 'engine',
  message: {
    zh: '计算引擎没有响应，已经换了一个新的。可以再试一次，或把规模调小。',
    en: 'The engine did not answer and was replaced. Try again, or choose a smaller size.',
  },
};
const crashed: EngineError = {
  kind: 'engine',
  message: {
    zh: '计算引擎意外停止，已经换了一个新的。可以再试一次。',
    en: 'The engine stopped unexpectedly and was replaced. Try again.',
  },
};

function loadFailed(detail: string): EngineError {
  return {
    kind: 'engine',
    message: {
      zh: `计算引擎加载失败（${detail}）。检查网络后重试；若一直如此，文件可能已损坏，请刷新页面。`,
      en: `The engine could not be loaded (${detail}). Check the network and retry; if it persists the file may be damaged: reload the page.`,
    },
  };
}

function assetFailed(name: string, detail: string): EngineError {
  return {
    kind: 'engine',
    message: {
      zh: `训练好的模型 ${name} 加载失败（${detail}）。检查网络后重试。`,
      en: `The trained model ${name} could not be loaded (${detail}). Check the network and retry.`,
    },
  };
}

/** The experiment that a request is about to run. */
function startedBy(kind: RequestKind, ask: unknown): string | undefined {
  if (kind === 'begin') return (ask as Requests['begin']['ask']).request.experiment;
  if (kind === 'checkStart') return (ask as Requests['checkStart']['ask']).request.experiment;
  return undefined;
}

/**
 * The page's side of the engine. A worker is started with the first request and again, lazily, after one was lost; whatever
 * was waiting then gets a typed error, and handles of the lost worker are worth nothing (`generation` tells).
 */
export class EngineClient {
  #options: ClientOptions;
  #worker: Worker | undefined;
  #ready: Promise<Catalog> | undefined;
  #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #loadFailures = 0;
  /** What the present worker has been handed, or is about to be. */
  #assets = new Map<string, Promise<unknown>>();
  #lostAssets = new Set<string>();
  generation = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Starts the engine if it is not running. Rejects with an EngineError; the next call tries again. */
  catalog(): Promise<Catalog> {
    this.#ready ??= this.#load();
    return this.#ready;
  }

  async ask<K extends Exclude<RequestKind, 'load'>>(kind: K, ask: Requests[K]['ask']): Promise<Requests[K]['answer']> {
    const catalog = await this.catalog();
    const experiment = startedBy(kind, ask);
    const assets = experiment && catalog.experiments.find((entry) => entry.id === experiment)?.assets;
    // Most experiments need none: they are not made to wait a turn.
    if (assets && assets.length > 0) await Promise.all(assets.map((name) => this.#provide(name)));
    return this.#post(kind, ask);
  }

  /** Fetches what an experiment needs when it is first run, and hands it to the worker once. */
  #provide(name: string): Promise<unknown> {
    const known = this.#assets.get(name);
    if (known) return known;
    const handed = this.#fetchAsset(name);
    this.#assets.set(name, handed);
    handed.catch(() => {
      if (this.#assets.get(name) === handed) this.#assets.delete(name);
    });
    return handed;
  }

  async #fetchAsset(name: string): Promise<unknown> {
    let bytes: ArrayBuffer;
    try {
      if (!this.#options.fetchAsset) throw new Error('?');
      bytes = await this.#options.fetchAsset(name, this.#lostAssets.has(name));
      this.#lostAssets.delete(name);
    } catch (thrown) {
      this.#lostAssets.add(name);
      throw assetFailed(name, thrown instanceof Error ? thrown.message : String(thrown));
    }
    return this.#post('asset', { name, bytes }, [bytes]);
  }

  /** Ends the worker at once; the next request starts another. */
  replace(error: EngineError = crashed): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#ready = undefined;
    this.#assets.clear();
    this.generation += 1;
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject, timer } of lost) {
      clearTimeout(timer);
      reject(error);
    }
  }

  async #load(): Promise<Catalog> {
    try {
      const worker = this.#options.spawn();
      this.#worker = worker;
      worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#receive(data);
      worker.onerror = (event) => {
        event.preventDefault?.();
        if (this.#worker === worker) this.replace();
      };
      const wasm = await this.#options.fetchEngine(this.#loadFailures > 0);
      const catalog = await this.#post('load', { name: this.#options.name, wasm }, [wasm]);
      this.#loadFailures = 0;
      return catalog;
    } catch (thrown) {
      this.#loadFailures += 1;
      this.replace();
      const detail = thrown instanceof Error ? thrown.message : ((thrown as EngineError).message?.en ?? String(thrown));
      throw loadFailed(detail);
    }
  }

  #post<K extends RequestKind>(
    kind: K,
    ask: Requests[K]['ask'],
    transfer: Transferable[] = [],
  ): Promise<Requests[K]['answer']> {
    return new Promise((resolve, reject) => {
      if (!this.#worker) {
        reject(crashed);
        return;
      }
      const id = this.#nextId++;
      const timer = setTimeout(() => this.replace(stuck), this.#options.patience ?? 30_000);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#worker.postMessage({ id, kind, ask } satisfies Message<K>, transfer);
    });
  }

  #receive(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return;
    this.#waiting.delete(reply.id);
    clearTimeout(waiting.timer);
    if ('error' in reply) waiting.reject(reply.error);
    else waiting.resolve(reply.answer as never);
  }
}

/** Whatever was thrown, as the error the page shows. */
export function asEngineError(thrown: unknown): EngineError {
  if (typeof thrown === 'object' && thrown !== null && 'kind' in thrown && 'message' in thrown)
    return thrown as EngineError;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return { kind: 'internal', message: { zh: `页面内部出错：${detail}`, en: `The page failed: ${detail}` } };
}

import { createEngine } from 'virtual:engine-glue';
import type { RequestKind, Requests } from './messages';
import type { EngineModule } from './module';
import type { EngineError, Position } from './protocol';

/** The engine of one worker: turns requests into calls of the WebAssembly module. */
export class Engine {
  #module: EngineModule | undefined;

  async handle<K extends RequestKind>(kind: K, ask: Requests[K]['ask']): Promise<Requests[K]['answer']> {
    if (kind === 'load') {
      const { name, wasm } = ask as Requests['load']['ask'];
      this.#module = await (await createEngine(name))({ wasmBinary: wasm });
      return this.#json(this.#need()._glassformer_catalog()) as Requests[K]['answer'];
    }
    return this.#call(kind, ask) as Requests[K]['answer'];
  }

  #need(): EngineModule {
    if (!this.#module) throw new Error('the engine is not loaded yet');
    return this.#module;
  }

  #call(kind: RequestKind, ask: unknown): unknown {
    const module = this.#need();
    switch (kind) {
      case 'begin': {
        const { request, replaces, ...step } = ask as Requests['begin']['ask'];
        if (replaces !== 0) module._glassformer_drop(replaces);
        const { handle } = this.#withText(request, (p) => module._glassformer_start(p)) as { handle: number };
        try {
          return { handle, ...this.#step({ handle, ...step }) };
        } catch (error) {
          module._glassformer_drop(handle);
          throw error;
        }
      }
      case 'step':
        return this.#step(ask as Requests['step']['ask']);
      case 'evaluate': {
        const { handle, request } = ask as Requests['evaluate']['ask'];
        return this.#withText(request, (p) => module._glassformer_evaluate(handle, p));
      }
      case 'checkStart':
        return this.#withText((ask as Requests['checkStart']['ask']).request, (p) =>
          module._glassformer_check_start(p),
        );
      case 'checkAdvance': {
        const { handle, budget } = ask as Requests['checkAdvance']['ask'];
        return this.#json(module._glassformer_advance(handle, budget));
      }
      case 'drop':
        return this.#json(module._glassformer_drop((ask as Requests['drop']['ask']).handle));
      case 'asset': {
        const { name, bytes } = ask as Requests['asset']['ask'];
        return this.#withBytes(bytes, (start, size) =>
          this.#withText(name, (p) => module._glassformer_asset(p, start, size)),
        );
      }
      default:
        throw new Error(`no such request: ${String(kind)}`);
    }
  }

  #step({ handle, count, budget, evaluate }: Requests['step']['ask']): Requests['step']['answer'] {
    const module = this.#need();
    const deadline = performance.now() + budget;
    let position: Position;
    let advanced = 0;
    do {
      position = this.#json(module._glassformer_advance(handle, 0)) as Position;
      advanced += 1;
    } while (advanced < count && !position.last && performance.now() < deadline);
    const frame = this.#json(module._glassformer_frame(handle)) as Requests['step']['answer']['frame'];
    const start = module._glassformer_buffer();
    const size = module._glassformer_buffer_size();
    // A copy: the module's memory may move at its next call.
    const buffer = module.HEAPU8.slice(start, start + size).buffer as ArrayBuffer;
    if (!evaluate) return { position, frame, buffer };
    const evaluated = this.#withText(evaluate, (p) => module._glassformer_evaluate(handle, p));
    return { position, frame, buffer, evaluated: evaluated as Requests['step']['answer']['evaluated'] };
  }

  /** Hands JSON (or a plain text) to the module and reads its answer. */
  #withText(value: unknown, call: (pointer: number) => number): unknown {
    const module = this.#need();
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const size = module.lengthBytesUTF8(text) + 1;
    const pointer = module._malloc(size);
    if (pointer === 0) throw outOfMemory;
    try {
      module.stringToUTF8(text, pointer, size);
      return this.#json(call(pointer));
    } finally {
      module._free(pointer);
    }
  }

  #withBytes(bytes: ArrayBuffer, call: (start: number, size: number) => unknown): unknown {
    const module = this.#need();
    const start = module._malloc(Math.max(1, bytes.byteLength));
    if (start === 0) throw outOfMemory;
    try {
      module.HEAPU8.set(new Uint8Array(bytes), start);
      return call(start, bytes.byteLength);
    } finally {
      module._free(start);
    }
  }

  #json(pointer: number): unknown {
    const answer = JSON.parse(this.#need().UTF8ToString(pointer)) as { error?: EngineError };
    if (answer.error) throw answer.error;
    return answer;
  }
}

const outOfMemory: EngineError = {
  kind: 'budget',
  message: { zh: '内存不够：把规模调小一些。', en: 'Out of memory: choose a smaller size.' },
};

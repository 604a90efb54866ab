import { Engine } from './engine';
import type { Message, Reply, Requests } from './messages';
import type { EngineError } from './protocol';

const engine = new Engine();
// One at a time and in order, although loading is asynchronous.
let previous: Promise<unknown> = Promise.resolve();

function asError(thrown: unknown): EngineError {
  if (typeof thrown === 'object' && thrown !== null && 'kind' in thrown) return thrown as EngineError;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    kind: 'engine',
    message: { zh: `计算引擎出错：${detail}`, en: `The engine failed: ${detail}` },
  };
}

self.onmessage = ({ data }: MessageEvent<Message>) => {
  previous = previous.then(async () => {
    try {
      const answer = await engine.handle(data.kind, data.ask);
      const transfer =
        data.kind === 'step' || data.kind === 'begin' ? [(answer as Requests['step']['answer']).buffer] : [];
      self.postMessage({ id: data.id, answer } satisfies Reply, { transfer });
    } catch (thrown) {
      self.postMessage({ id: data.id, error: asError(thrown) } satisfies Reply);
    }
  });
};

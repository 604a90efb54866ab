import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { asEngineError, EngineClient } from '../src/engine/client';
import { FrameReader } from '../src/engine/frames';
import type { Message } from '../src/engine/messages';

/** A worker under the test's hand: it answers what it is told to, or not at all. */
class FakeWorker {
  static all: FakeWorker[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: { preventDefault?: () => void }) => void) | null = null;
  received: Message[] = [];
  terminated = false;
  silent = false;
  constructor(private behaviour: (message: Message) => unknown) {
    FakeWorker.all.push(this);
  }
  postMessage(message: Message) {
    this.received.push(message);
    if (this.silent) return;
    queueMicrotask(() => {
      const answer = this.behaviour(message);
      if (answer === undefined) return;
      this.onmessage?.({ data: { id: message.id, ...(answer as object) } });
    });
  }
  terminate() {
    this.terminated = true;
  }
}

const catalog = { answer: { version: '1', experiments: [] } };
function clientWith(behaviour: (message: Message) => unknown, options = {}) {
  return new EngineClient({
    name: 'all',
    spawn: () => new FakeWorker(behaviour) as unknown as Worker,
    fetchEngine: async () => new ArrayBuffer(8),
    ...options,
  });
}

beforeEach(() => {
  FakeWorker.all = [];
});
afterEach(() => vi.useRealTimers());

describe('EngineClient', () => {
  it('starts one worker, loads once, and answers in any order', async () => {
    const client = clientWith((m) =>
      m.kind === 'load' ? catalog : { answer: { handle: (m.ask as { handle: number }).handle } },
    );
    const answers = await Promise.all([1, 2].map((handle) => client.ask('drop', { handle })));
    expect(answers).toEqual([{ handle: 1 }, { handle: 2 }]);
    expect(FakeWorker.all).toHaveLength(1);
    expect(FakeWorker.all[0]!.received.filter((m) => m.kind === 'load')).toHaveLength(1);
  });

  it('passes typed errors on as they are', async () => {
    const error = { kind: 'out_of_range', message: { zh: '错', en: 'wrong' }, parameter: 'n' };
    const client = clientWith((m) => (m.kind === 'load' ? catalog : { error }));
    await expect(client.ask('drop', { handle: 1 })).rejects.toEqual(error);
  });

  it('replaces a worker that does not answer, and tells who waits', async () => {
    vi.useFakeTimers();
    let silent = true;
    const client = clientWith(
      (m) => (m.kind === 'load' ? catalog : silent ? undefined : { answer: { dropped: true } }),
      { patience: 1000 },
    );
    const asked = client.ask('drop', { handle: 1 });
    const outcome = expect(asked).rejects.toMatchObject({ kind: 'engine' });
    await vi.advanceTimersByTimeAsync(1500);
    await outcome;
    expect(FakeWorker.all[0]!.terminated).toBe(true);
    expect(client.generation).toBe(1);
    silent = false;
    await expect(client.ask('drop', { handle: 1 })).resolves.toEqual({ dropped: true });
    expect(FakeWorker.all).toHaveLength(2);
  });

  it('replaces a crashed worker', async () => {
    const client = clientWith((m) => (m.kind === 'load' ? catalog : undefined));
    await client.catalog();
    const asked = client.ask('drop', { handle: 1 });
    await Promise.resolve();
    FakeWorker.all[0]!.onerror!({});
    await expect(asked).rejects.toMatchObject({ kind: 'engine' });
    expect(FakeWorker.all[0]!.terminated).toBe(true);
  });

  it('tries again after a failed load, past the cache the second time', async () => {
    const again: boolean[] = [];
    const client = clientWith((m) => (m.kind === 'load' ? catalog : undefined), {
      fetchEngine: async (fresh: boolean) => {
        again.push(fresh);
        if (again.length === 1) throw new Error('offline');
        return new ArrayBuffer(8);
      },
    });
    await expect(client.catalog()).rejects.toMatchObject({
      kind: 'engine',
      message: { en: expect.stringContaining('offline') },
    });
    await expect(client.catalog()).resolves.toEqual(catalog.answer);
    expect(again).toEqual([false, true]);
  });

  describe('with a checkpoint', () => {
    const experiments = [
      { id: 'plain', assets: [] },
      { id: 'trained', assets: ['a.safetensors'] },
    ];
    const answering = (m: Message) =>
      m.kind === 'load' ? { answer: { version: '1', experiments } } : { answer: { handle: 1 } };
    const run = (client: EngineClient, experiment: string) =>
      client.ask('checkStart', {
        request: { experiment, parameters: {}, seed: 1, check: {}, full: false },
      });
    const kinds = (worker: FakeWorker) => worker.received.map((m) => m.kind);

    it('fetches it when an experiment that declares it is first run, once, and before the run', async () => {
      const fetchAsset = vi.fn(async () => new ArrayBuffer(4));
      const client = clientWith(answering, { fetchAsset });
      await run(client, 'plain');
      expect(fetchAsset).not.toHaveBeenCalled();
      await Promise.all([run(client, 'trained'), run(client, 'trained')]);
      expect(fetchAsset).toHaveBeenCalledExactlyOnceWith('a.safetensors', false);
      expect(kinds(FakeWorker.all[0]!)).toEqual(['load', 'checkStart', 'asset', 'checkStart', 'checkStart']);
      client.replace();
      await run(client, 'trained');
      expect(kinds(FakeWorker.all[1]!)).toEqual(['load', 'asset', 'checkStart']);
    });

    it('says in words that it cannot be had, and tries again past the cache', async () => {
      const again: boolean[] = [];
      const client = clientWith(answering, {
        fetchAsset: async (_: string, fresh: boolean) => {
          again.push(fresh);
          if (again.length === 1) throw new Error('404');
          return new ArrayBuffer(4);
        },
      });
      await expect(run(client, 'trained')).rejects.toMatchObject({
        kind: 'engine',
        message: { en: expect.stringContaining('a.safetensors'), zh: expect.stringContaining('404') },
      });
      await run(client, 'plain');
      await run(client, 'trained');
      expect(again).toEqual([false, true]);
    });
  });

  it('makes an error of anything thrown', () => {
    expect(asEngineError(new Error('x'))).toMatchObject({ kind: 'internal' });
    const own = { kind: 'shape', message: { zh: '', en: '' } };
    expect(asEngineError(own)).toBe(own);
  });
});

describe('FrameReader', () => {
  it('gives tensors their data and joins series', () => {
    const buffer = new Float32Array([1, 2, 3, 4]).buffer;
    const reader = new FrameReader();
    const wire = (from: number, points: [number, number][]) =>
      ({
        sequence: 0,
        values: {
          t: { kind: 'tensor', dtype: 'float32', shape: [2], axes: [], role: 'none', offset: 8, size: 2 },
          s: { kind: 'series', x: 'update', from, points },
        },
      }) as never;
    const first = reader.read(wire(0, [[0, 5]]), buffer);
    expect([...(first.values['t'] as unknown as { data: Float32Array }).data]).toEqual([3, 4]);
    const second = reader.read(
      wire(1, [
        [1, 4],
        [2, 3],
      ]),
      buffer,
    );
    expect((second.values['s'] as { points: unknown[] }).points).toEqual([
      [0, 5],
      [1, 4],
      [2, 3],
    ]);
    expect((first.values['s'] as { points: unknown[] }).points).toHaveLength(1);
  });
});

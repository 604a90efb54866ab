import { afterEach, describe, expect, it, vi } from 'vitest';
import type { EngineClient } from '../src/engine/client';
import type { TensorValue } from '../src/engine/protocol';
import { settings } from '../src/i18n/language.svelte';
import { Pins } from '../src/lesson/pins.svelte';
import { PartRun, type Shown } from '../src/lesson/part_run.svelte';
import {
  fromLink,
  isTooLong,
  linkParameters,
  presetOf,
  sameSetting,
  settingFromQuery,
  settingLabel,
  settingQuery,
} from '../src/lesson/setting';
import type { Part, View } from '../src/lesson/types';
import { highlightCpp, splitSource, withValues } from '../src/pages/code';
import { deltaText } from '../src/views/delta';
import { differenceOf, type Difference } from '../src/views/difference';
import { explainCell } from '../src/views/explain';
import ViewFrame from '../src/views/ViewFrame.svelte';
import { attentionFrame, entry, frameOf, tensor } from './fixtures';
import { cleanup, render } from './render';

afterEach(cleanup);
settings.setLanguage('zh');
const rich = (text: string) => ({ zh: [text], en: [text] });
const words = { current: 'now', pinned: 'then' };
const axes = [{ name: 'query' }, { name: 'key' }];
const part = {
  experiment: 'attention.scaling',
  parameters: { d_k: 1024 },
  seed: 3,
  controls: [],
  views: [],
  checks: [],
  predict: { question: rich(''), options: [], explain: rich('') },
  text: rich(''),
  notice: rich(''),
  try: [],
  title: rich(''),
} as unknown as Part;

describe('the difference of two runs', () => {
  const now = frameOf({ x: tensor([1, 2, -Infinity, NaN], [2, 2], axes) });
  const then = frameOf({ x: tensor([0.5, 2, -Infinity, NaN], [2, 2], axes) });
  it('is current minus pinned; what is masked in both stays masked', () => {
    const difference = differenceOf(now, then, 'x', words) as Difference;
    expect([...(difference.frame.values[difference.name] as TensorValue).data]).toEqual([0.5, 0, -Infinity, 0]);
    expect(difference).toMatchObject({ largest: 0.5, same: false });
  });
  it('knows when there is none', () => {
    expect(differenceOf(then, then, 'x', words)).toMatchObject({ same: true, largest: 0 });
  });
  it('is refused between shapes that differ, and says which', () => {
    const other = frameOf({ x: tensor([1, 2], [2], [{ name: 'query' }]) });
    expect(differenceOf(now, other, 'x', words)).toEqual({ shapes: ['2×2', '2'] });
  });
  it('explains a cell, and goes on into either run', () => {
    const { frame, name } = differenceOf(attentionFrame, attentionFrame, 'scores', words) as Difference;
    const explanation = explainCell(frame, name, [1, 0]);
    expect(explanation.lines.map((line) => line.map((token) => token.text).join(''))).toEqual([
      'scores · now[1, 0] = 1.5',
      'scores · then[1, 0] = 1.5',
      '1.5 − 1.5',
      '= 0',
    ]);
    expect(explainCell(frame, 'scores · then', [1, 0]).recomputed).toBe(1.5);
  });
});

describe('what changed on a card', () => {
  it('is signed, in the unit the card shows', () => {
    expect(deltaText(0.5, 0.25, '0.5', 'pp')).toBe('+0.25');
    expect(deltaText(0.25, 0.5, '0.25', 'pp')).toBe('−0.25');
    expect(deltaText(0.69, 0.5, '69%', 'pp')).toBe('+19 pp');
    expect(deltaText(1, 1, '1', 'pp')).toBe('±0');
  });
  it('is nothing where either is no number', () => {
    expect(deltaText(null, 1, '—', 'pp')).toBeUndefined();
    expect(deltaText(Infinity, 1, '∞', 'pp')).toBeUndefined();
    expect(deltaText(undefined, 1, '', 'pp')).toBeUndefined();
  });
});

describe('views with a pinned run', () => {
  const show = (view: View, more: object) =>
    render(ViewFrame as never, { view, frame: attentionFrame, texts: {}, parameters: {}, entry, ...more });
  it('a heatmap stands beside the pinned one and their difference', () => {
    const peer = frameOf({ ...attentionFrame.values, scores: tensor([0, 1, 1, 2], [2, 2], axes) });
    const { container } = show({ kind: 'heatmap', value: 'scores' }, { peer });
    const kinds = [...container.querySelectorAll('[data-compare]')].map((e) => e.getAttribute('data-compare'));
    expect(kinds).toEqual(['current', 'pinned', 'difference']);
    expect(container.querySelector('[data-compare=difference]')!.textContent).toMatch(/最大的差\s+0.5/);
  });
  it('sizes that differ are named', () => {
    const peer = frameOf({ scores: tensor([1], [1, 1], axes) });
    const { container } = show({ kind: 'heatmap', value: 'scores' }, { peer });
    expect(container.querySelector('[data-compare=difference]')!.textContent).toContain('2×2');
  });
  it('cards show both numbers and what changed', () => {
    const { container } = show(
      { kind: 'cards', items: [{ label: rich('死行'), expression: 'dead | .0%' }] },
      {
        texts: { 'dead | .0%': '69%' },
        peer: attentionFrame,
        peerTexts: { 'dead | .0%': '0%' },
        numbers: { 'dead | .0%': 0.69 },
        peerNumbers: { 'dead | .0%': 0 },
      },
    );
    expect(container.textContent!.replace(/\s+/g, ' ')).toContain('69% 固定的 0% Δ +69 个百分点');
  });
});

describe('settings', () => {
  const preset = presetOf(part, entry);
  const other = { parameters: { ...preset.parameters, d_k: 64, on: false }, seed: 5 };
  it('the preset is the defaults with what the part says', () => {
    expect(preset).toEqual({
      parameters: { d_k: 1024, rate: 0.1, scale: 'sqrt', on: true, corpus: 'low 狗' },
      seed: 3,
    });
    expect(sameSetting(preset, { ...preset, parameters: { ...preset.parameters } })).toBe(true);
    expect(sameSetting(preset, other)).toBe(false);
  });
  it('go into a link and come back', () => {
    expect(settingQuery(preset, preset)).toBe('');
    expect(settingFromQuery(settingQuery(other, preset), preset, entry)).toEqual(other);
    expect(fromLink(linkParameters(other, preset), other.seed, preset, entry)).toEqual(other);
    const words = { ...preset, parameters: { ...preset.parameters, corpus: 'a&b = 狗' } };
    expect(settingFromQuery(settingQuery(words, preset), preset, entry)).toEqual(words);
  });
  it('leave long texts out of links and say so', () => {
    const long = { ...preset, parameters: { ...preset.parameters, corpus: '狗'.repeat(400) } };
    expect(linkParameters(long, preset)).toEqual({});
    expect([isTooLong(long, preset), isTooLong(other, preset)]).toEqual([true, false]);
  });
  it('read as a sentence, by what differs', () => {
    const say = { t: (text: { zh: string }) => text.zh, seed: '种子', yes: '是', no: '否', preset: '预设' };
    expect(settingLabel(other, preset, entry, say)).toBe('宽度 = 64，开关 = 否，种子 5');
    expect(settingLabel(preset, preset, entry, say)).toBe('预设');
    const scaled = { ...preset, parameters: { ...preset.parameters, scale: 'none' } };
    expect(settingLabel(scaled, preset, entry, say)).toBe('缩放 = 不缩放');
  });
});

describe('pins', () => {
  const shown = (x: number): Shown => ({
    frame: frameOf({ x: tensor([x], [1], [{ name: 'i' }]) }),
    texts: {},
    numbers: {},
  });
  const at = (d_k: number) => ({ parameters: { d_k }, seed: 1 });
  it('the newest three are kept, each setting once; the chosen one stands first', () => {
    const pins = new Pins();
    for (const d of [1, 2, 3, 4]) pins.add(shown(d), at(d));
    expect(pins.list.map((pin) => pin.setting.parameters['d_k'])).toEqual([2, 3, 4]);
    pins.add(shown(9), at(3));
    expect(pins.list).toHaveLength(3);
    pins.choose(pins.list[0]!.id);
    expect(pins.against(at(7))[0]!.setting.parameters['d_k']).toBe(2);
    expect(pins.against(at(2)).map((pin) => pin.setting.parameters['d_k'])).not.toContain(2);
    pins.remove(pins.list[0]!.id);
    expect(pins.against(at(2))).toHaveLength(2);
  });

  const wire = {
    sequence: 0,
    progress: { done: 1, total: 1 },
    last: true,
    values: {},
    cost: { flops: 0, bytes: 0, matmuls: 0 },
  };
  const evaluated = { texts: [], checks: [], predicates: [] };
  it('of a link are computed beside the page; what the engine refuses is told', async () => {
    const asked: string[] = [];
    const client = {
      generation: 0,
      ask: vi.fn(async (kind: string, ask: { request?: { parameters: { d_k: number } } }) => {
        asked.push(kind);
        if (kind === 'drop') return {};
        if (ask.request?.parameters.d_k === 99) throw { kind: 'out_of_range', message: { zh: '太大', en: '' } };
        const first = kind === 'begin';
        return {
          handle: 4,
          position: { sequence: 0, progress: wire.progress, last: !first },
          frame: wire,
          buffer: new ArrayBuffer(0),
          evaluated,
        };
      }),
    };
    const pins = new Pins();
    await pins.restore(client as unknown as EngineClient, part, [at(8), at(99)], 'zh');
    expect(pins.list.map((pin) => pin.setting.parameters['d_k'])).toEqual([8]);
    expect(pins.error!.message.zh).toBe('太大');
    expect(pins.pending).toBe(0);
    // Two steps, then the run is let go.
    expect(asked.slice(0, 3)).toEqual(['begin', 'step', 'drop']);
  });

  it('a slider that moves faster than the engine never queues: what it passed is not computed', async () => {
    const begun: number[] = [];
    let release: (() => void) | undefined;
    const client = {
      generation: 0,
      ask: vi.fn(async (kind: string, ask: { request?: { parameters: { d_k: number } } }) => {
        if (kind !== 'begin') return {};
        begun.push(ask.request!.parameters.d_k);
        await new Promise<void>((resolve) => (release = resolve));
        return {
          handle: 1,
          position: { sequence: 0, progress: wire.progress, last: true },
          frame: wire,
          buffer: new ArrayBuffer(0),
          evaluated,
        };
      }),
    };
    const run = new PartRun(client as unknown as EngineClient, part, () => 'zh');
    for (let d = 0; d < 100; d += 1) run.request({ d_k: d }, 1);
    release!();
    await vi.waitFor(() => expect(begun).toHaveLength(2));
    release!();
    await vi.waitFor(() => expect(run.computed?.parameters['d_k']).toBe(99));
    expect(begun).toEqual([0, 99]);
  });

  it('a training that fails on its way stops where it is: its curve stays, and what was wrong is said', async () => {
    const diverged = { kind: 'non_finite', message: { zh: '发散了', en: 'it diverged' }, parameter: 'rate' };
    const points: [number, number][] = [
      [1, 2.5],
      [2, 9],
    ];
    const client = {
      generation: 0,
      ask: vi.fn(async (kind: string) => {
        const at = kind === 'begin' ? 0 : 1;
        if (client.ask.mock.calls.length > 2) throw diverged;
        const loss = { kind: 'series', x: 'update', from: at, points: [points[at]] };
        return {
          handle: 4,
          position: { sequence: at, progress: { done: at + 1, total: 10 }, last: false },
          frame: { ...wire, values: { loss } },
          buffer: new ArrayBuffer(0),
          evaluated,
        };
      }),
    };
    const run = new PartRun(client as unknown as EngineClient, part, () => 'zh');
    run.request({ d_k: 8 }, 1);
    await vi.waitFor(() => expect(run.error).toEqual(diverged));
    expect(run.shown!.frame.values['loss']).toMatchObject({ points });
    expect(run.playing).toBe(false);
    expect(client.ask).toHaveBeenCalledTimes(3);
  });
});

describe('the code of an experiment', () => {
  const source = [
    '// What it is.',
    'Run run(Arguments a) {',
    '  co_yield f;',
    '}',
    '',
    '}  // namespace',
    '',
    'const Experiment& x() {',
    '}',
  ].join('\n');
  it('is cut where its declaration begins', () => {
    const { body, declaration, declarationLine } = splitSource(source);
    expect(body.endsWith('}')).toBe(true);
    expect(declaration).toContain('const Experiment& x()');
    expect(
      source
        .split('\n')
        .slice(declarationLine - 1)
        .join('\n'),
    ).toBe(declaration);
    expect(splitSource('int main() {}')).toMatchObject({ body: 'int main() {}', declaration: '' });
  });
  it('is highlighted, with the values behind the reads', async () => {
    const html = await highlightCpp('const std::int64_t d_k = arguments.integer("d_k");  // width', { d_k: '64' });
    expect(html).toContain('hljs-comment');
    expect(html).toContain('&quot;d_k&quot;</span>)<span class="now"> = 64</span>;');
  });
  it('carries the present values where it reads them, escaped', async () => {
    const html =
      'arguments.<span class="hljs-built_in">integer</span>(<span class="hljs-string">&quot;d_k&quot;</span>)';
    expect(withValues(html, { d_k: '<64>' })).toBe(`${html}<span class="now"> = &lt;64&gt;</span>`);
    expect(withValues(html, { n: '3' })).toBe(html);
  });
});

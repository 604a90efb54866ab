import { describe, expect, it } from 'vitest';
import { formatRoute, parameterFromText, parseRoute } from '../src/app/route';
import { sliderPosition, sliderSteps, sliderValue } from '../src/controls/slider';
import { addViewExpressions, fillHtml, fillPlain } from '../src/lesson/live';
import type { View } from '../src/lesson/types';
import { binned } from '../src/views/bins';
import { exactNumber, formatNumber } from '../src/views/format';
import { makeColorScale, makeScale, niceStep } from '../src/views/scales';
import { gridsOf, toCsv } from '../src/views/table';
import { sliceOf, tensorOf, ViewError } from '../src/views/tensors';
import { renderRich, splitPlain } from '../build/prose.mjs';
import { attentionFrame, entry } from './fixtures';

describe('numbers', () => {
  it('shows at most four significant digits', () => {
    expect([1234.567, 0.00012345, 12345678, -0.5, 0, 1e-9].map((x) => formatNumber(x))).toEqual([
      '1235',
      '0.0001234',
      '1.235e7',
      '−0.5',
      '0',
      '1e−9',
    ]);
    expect([NaN, Infinity, -Infinity, null].map((x) => formatNumber(x))).toEqual(['NaN', '∞', '−∞', 'NaN']);
  });
  it('tells neighbours apart in the exact value', () => {
    const a = Math.fround(0.1);
    expect(exactNumber(a, true)).toBe('0.100000001');
    expect(exactNumber(0.1, false)).toBe('0.1');
  });
});

describe('scales', () => {
  it('makes round ticks within the range', () => {
    expect(niceStep(10, 5)).toBe(2);
    const scale = makeScale([0, 0.93], { range: [0, 100], min: 0 });
    expect(scale.map(0)).toBe(0);
    expect(scale.ticks.map((t) => t.label)).toContain('0.2');
    expect(scale.ticks.every((t) => t.at >= scale.min && t.at <= scale.max)).toBe(true);
  });
  it('goes by powers on a log axis and leaves out what has no logarithm', () => {
    const scale = makeScale([-1, 0, 4, 1024], { range: [0, 100], log: true, padding: 0 });
    expect([scale.map(4), scale.map(64), scale.map(1024)].map(Math.round)).toEqual([0, 50, 100]);
    expect(scale.ticks.map((t) => t.at)).toContain(64);
  });
  it('does not fall over without values, with one, or with none finite', () => {
    for (const values of [[], [5], [NaN, Infinity]]) {
      const scale = makeScale(values, { range: [0, 10] });
      expect(Number.isFinite(scale.map(5))).toBe(true);
    }
  });
  it('puts zero in the middle of signed colours and starts probabilities at zero', () => {
    const signed = makeColorScale([-1, 4], 'signed');
    expect([signed.min, signed.max]).toEqual([-4, 4]);
    expect(signed.color(0)).toContain(' 0%');
    expect(makeColorScale([0.3, 0.4], 'probability').min).toBe(0);
  });
});

describe('slices of tensors', () => {
  it('fixes axes by tick or index', () => {
    const slice = sliceOf(tensorOf(attentionFrame, 'sweep'), { scale: 'sqrt' });
    expect([slice.at([0]), slice.at([1])]).toEqual([4, 3]);
    expect(slice.index([1])).toEqual([1, 1]);
  });
  it('names what is missing', () => {
    expect(() => tensorOf(attentionFrame, 'nothing')).toThrow(ViewError);
    expect(() => sliceOf(tensorOf(attentionFrame, 'sweep'), { heads: 1 })).toThrow('heads');
    expect(() => sliceOf(tensorOf(attentionFrame, 'sweep'), { scale: 'cube' })).toThrow('cube');
  });
});

describe('histogram bins', () => {
  it('counts everything once and shares edges between sets', () => {
    const { edges, counts, left } = binned([[0, 1, 2, 3], [3]], 3, false);
    expect(edges).toHaveLength(4);
    expect(counts).toEqual([
      [1, 1, 2],
      [0, 0, 1],
    ]);
    expect(left).toBe(0);
  });
  it('sets aside what a log axis cannot hold', () => {
    expect(binned([[0, -1, NaN, 1, 10]], 2, true)).toMatchObject({ left: 3, counts: [[1, 1]] });
  });
});

describe('tables', () => {
  it('writes any value as CSV that spreadsheets read', () => {
    const csv = toCsv(gridsOf({ kind: 'table', value: 'merges' }, attentionFrame));
    expect(csv.startsWith('\uFEFF')).toBe(true);
    expect(csv.split('\r\n')).toHaveLength(22);
    expect(toCsv([{ name: '', header: ['a,b', 'say "x"'], rows: [] }])).toContain('"a,b","say ""x"""');
  });
  it('names rows and columns of a tensor by its axes', () => {
    const [grid] = gridsOf({ kind: 'heatmap', value: 'sweep' }, attentionFrame);
    expect(grid!.header).toEqual(['d_k', 'scale none', 'scale sqrt']);
    expect(grid!.rows[1]).toEqual(['8', 2, 3]);
  });
});

describe('routes', () => {
  it('go there and back', () => {
    const hash = '#/lesson/1-04?part=2&d_k=64&corpus=%E7%8B%97+a%26b&seed=7&lang=en';
    const route = parseRoute(hash);
    expect(route).toEqual({
      page: 'lesson',
      lesson: '1-04',
      item: '',
      part: 2,
      seed: 7,
      language: 'en',
      embed: false,
      locked: false,
      parameters: { d_k: '64', corpus: '狗 a&b' },
      pins: [],
    });
    expect(parseRoute(formatRoute(route))).toEqual(route);
    for (const other of [
      '#/lab/attention.scaling?d_k=8&seed=2&embed&locked',
      '#/glossary/kv-cache',
      '#/study',
      '#/present/1-04',
      '#/lesson/1-04?d_k=64&pin=d_k%3D16%26seed%3D3&pin=',
    ]) {
      expect(formatRoute(parseRoute(other))).toBe(other);
    }
  });
  it('take embed from the address before the # too', () => {
    expect(parseRoute('#/lesson/1-04', '?embed')).toMatchObject({ page: 'lesson', embed: true, locked: false });
  });
  it('take nonsense calmly', () => {
    expect(parseRoute('').page).toBe('home');
    expect(parseRoute('#/nowhere').page).toBe('missing');
    expect(parseRoute('#/lesson/1-04?part=-3&seed=abc&lang=fr')).toMatchObject({
      part: 1,
      seed: undefined,
      language: undefined,
    });
    expect(() => parseRoute('#/lesson/1-04?x=%E7%8')).not.toThrow();
  });
  it('leave what they cannot read for the engine to judge', () => {
    expect(parameterFromText(entry.parameters[0]!, '64')).toBe(64);
    expect(parameterFromText(entry.parameters[0]!, 'many')).toBe('many');
    expect(parameterFromText(entry.parameters[4]!, '12')).toBe('12');
  });
});

describe('sliders', () => {
  it('stand on powers of two', () => {
    const [d_k] = entry.parameters;
    expect(sliderSteps(d_k!)).toBe(8);
    expect([0, 4, 8].map((p) => sliderValue(d_k!, p))).toEqual([4, 64, 1024]);
    expect(sliderPosition(d_k!, 64)).toBe(4);
  });
  it('are even in the logarithm, stay in range, and take a broken value', () => {
    const rate = entry.parameters[1]!;
    expect(sliderValue(rate, 0)).toBe(0.001);
    expect(sliderValue(rate, 200)).toBe(1);
    expect(sliderPosition(rate, sliderValue(rate, 100))).toBe(100);
    expect(sliderPosition(rate, NaN)).toBe(0);
    expect(sliderPosition(rate, 99)).toBe(200);
  });
});

describe('prose', () => {
  it('sets formulas, takes out expressions, keeps Markdown apart from them', () => {
    const pieces = renderRich('**有** $x_i^\\top$ 与 {{loss | .3g}} * 2');
    expect(pieces).toHaveLength(3);
    expect(pieces[0]).toContain('<strong>有</strong>');
    expect(pieces[0]).toContain('katex');
    expect(pieces[1]).toBe('loss | .3g');
  });
  it('sets a formula around a live number', () => {
    const pieces = renderRich('有 $n={{parameter.n}}$ 个', true);
    expect(pieces).toHaveLength(3);
    expect(pieces[0]).toContain('katex');
    expect([pieces[1], pieces[2]]).toEqual(['parameter.n', ' 个']);
  });
  it('ties a formula to the mark that may not stand alone on the next or the last line, and to nothing else', () => {
    const tied = (source: string) => renderRich(source, true)[0]!.match(/<span class="tie">/g)?.length ?? 0;
    expect([tied('连 $\\gamma$、$\\beta$ 也固定'), tied('**连 $\\gamma$**。'), tied('把（$a$）合并')]).toEqual([
      1, 1, 1,
    ]);
    expect([tied('得 $a=b+c$。'), tied('把（$a=b+c$）'), tied('连 $\\gamma$ 也固定'), tied('$$a=b$$')]).toEqual([
      1, 2, 0, 0,
    ]);
    expect(document.createRange().createContextualFragment(renderRich('（$a=b+c$）')[0]!).textContent).toContain('）');
  });
  it('lets no HTML of a lesson through', () => {
    expect(renderRich('<img src=x onerror=alert(1)>')[0]).not.toContain('<img');
  });
  it('refuses a formula that cannot be set', () => {
    expect(() => renderRich('$\\frac{1$')).toThrow();
  });
  it('fills in numbers, escaped', () => {
    const pieces = splitPlain('a {{x}} b');
    expect(pieces).toEqual(['a ', 'x', ' b']);
    expect(fillPlain(pieces, { x: '3' })).toBe('a 3 b');
    expect(fillPlain(pieces, {})).toBe('a … b');
    expect(() => splitPlain('加 $\\max(0,x)$')).toThrow('\\max(0,x)');
    expect(fillHtml(pieces, { x: '<b>' })).toContain('&lt;b&gt;');
  });
  it('collects the expressions of every view', () => {
    const plain = (text: string) => ({ zh: ['', text, ''], en: ['', text, ''] });
    const views: View[] = [
      { kind: 'cards', items: [{ label: plain('a'), expression: 'b', note: plain('c') }] },
      { kind: 'line', curves: [], x: { min: 'd' }, references: [{ at: 'e', label: plain('f') }] },
      { kind: 'formula', latex: [['x=', 'g', '']] },
      { kind: 'stepper', label: plain('h'), views: [{ kind: 'heatmap', value: 'v', min: 'i' }] },
    ];
    const all = new Set<string>();
    for (const view of views) addViewExpressions(all, view);
    expect([...all].sort().join('')).toBe('abcdefghi');
  });
});

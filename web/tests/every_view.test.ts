// What every kind of view owes its reader, on fixed frames: numbers that are none are named, nothing is said to be nothing,
// a table says the same, and the keyboard reaches what a finger does. pictures.test.ts holds what is particular to each.
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Value } from '../src/engine/protocol';
import { settings } from '../src/i18n/language.svelte';
import type { View } from '../src/lesson/types';
import { preloadViews, viewKinds } from '../src/views/registry';
import { gridsOf } from '../src/views/table';
import ViewFrame from '../src/views/ViewFrame.svelte';
import { entry, frameOf, pictureFrame, tensor } from './fixtures';
import { cleanup, fireEvent, render } from './render';

beforeAll(() => preloadViews(viewKinds.map((kind) => ({ kind }) as View)));
afterEach(cleanup);
settings.setLanguage('zh');
const rich = (text: string) => ({ zh: [text], en: [text] });

function show(view: View, values: Record<string, Value>, texts: Record<string, string> = {}) {
  return render(ViewFrame as never, { view, frame: frameOf(values), texts, parameters: {}, entry }).container;
}
const two = [{ name: 'query' }, { name: 'key' }];
const strip = (pieces: string[]) => ({
  label: '',
  source: pieces.join(''),
  count: 1,
  pieces: pieces.map((text, id) => ({ id, text, span: [id, id + 1] as [number, number] })),
});
const series = (points: [number, number | null][]): Value => ({ kind: 'series', x: 'update', from: 0, points });
const table = (rows: (string | number)[][]): Value => ({
  kind: 'table',
  columns: [
    { name: 'part', kind: 'text', label: rich('') as never },
    { name: 'end', kind: 'number', label: rich('') as never },
  ].map((column) => ({ ...column, label: { zh: column.name, en: column.name } })) as never,
  rows,
});
const graph = (ids: string[]): Value => ({
  kind: 'graph',
  boxes: ids.map((id) => ({ id, label: { zh: id, en: id }, shape: '' })),
  wires: [],
  groups: [],
});

/** One view of each kind, with values among which are NaN, an infinity or both, and with none at all. */
interface Kind {
  view: View;
  broken: Record<string, Value>;
  /** What the page then says of them. */
  named: RegExp;
  nothing: Record<string, Value>;
  texts?: Record<string, string>;
}
const broken = [NaN, Infinity, -Infinity, 1];
const kinds: Record<View['kind'], Kind> = {
  heatmap: {
    view: { kind: 'heatmap', value: 'x' },
    broken: { x: tensor(broken, [2, 2], two) },
    named: /遮住 −∞ NaN ∞/,
    nothing: { x: tensor([], [0, 2], two) },
  },
  matrix: {
    view: { kind: 'matrix', value: 'x' },
    broken: { x: tensor(broken, [2, 2], two) },
    named: /遮住 −∞ NaN ∞/,
    nothing: { x: tensor([], [2, 0], two) },
  },
  line: {
    view: { kind: 'line', curves: [{ value: 'x' }] },
    broken: { x: tensor(broken, [4], [{ name: 'update' }]) },
    named: /NaN × 1.*∞ × 1/,
    nothing: { x: tensor([], [0], [{ name: 'update' }]) },
  },
  training: {
    view: { kind: 'training', curves: [{ value: 'x' }] },
    broken: {
      x: series([
        [0, 1],
        [1, null],
      ]),
    },
    named: /NaN × 1/,
    nothing: { x: series([]) },
  },
  bar: {
    view: { kind: 'bar', value: 'x' },
    broken: { x: tensor(broken, [4], [{ name: 'i' }]) },
    named: /NaN.*∞/s,
    nothing: { x: tensor([], [0], [{ name: 'i' }]) },
  },
  histogram: {
    view: { kind: 'histogram', value: 'x' },
    broken: { x: tensor(broken, [4], [{ name: 'i' }]) },
    named: /NaN × 1, ∞ × 1, −∞ × 1/,
    nothing: { x: tensor([], [0], [{ name: 'i' }]) },
  },
  scatter: {
    view: { kind: 'scatter', value: 'x' },
    broken: { x: tensor([...broken, 2, 3], [3, 2], [{ name: 'token' }, { name: 'd' }]) },
    named: /非有限值 × 2/,
    nothing: { x: tensor([], [0, 2], [{ name: 'token' }, { name: 'd' }]) },
  },
  cards: {
    view: { kind: 'cards', items: [{ label: rich('损失'), expression: 'loss' }] },
    broken: {},
    texts: { loss: 'NaN' },
    named: /NaN/,
    nothing: {},
  },
  table: {
    view: { kind: 'table', value: 'x' },
    broken: { x: table([['a', 'nan']]) },
    named: /NaN/,
    nothing: { x: table([]) },
  },
  tokens: {
    view: { kind: 'tokens', value: 'x', weights: 'w' },
    broken: { x: { kind: 'tokens', strips: [strip(['a', 'b'])] }, w: tensor([NaN, 1], [2], [{ name: 'piece' }]) },
    named: /非有限值/,
    nothing: { x: { kind: 'tokens', strips: [] }, w: tensor([], [0], [{ name: 'piece' }]) },
  },
  arcs: {
    view: { kind: 'arcs', value: 'x' },
    broken: { x: tensor([NaN, Infinity, 0.5, 1], [2, 2], two, { role: 'probability' }) },
    named: /非有限值 × 2/,
    nothing: { x: tensor([], [0, 0], two, { role: 'probability' }) },
  },
  formula: {
    view: { kind: 'formula', latex: [['\\max s=', 'x', '']] },
    broken: {},
    texts: { x: 'NaN' },
    named: /NaN/,
    nothing: {},
  },
  diagram: {
    view: { kind: 'diagram', value: 'x', weights: 'w' },
    broken: { x: graph(['q', 'k']), w: tensor([NaN, 1], [2], [{ name: 'box', ticks: ['q', 'k'] }]) },
    named: /非有限值|NaN/,
    nothing: { x: graph([]), w: tensor([], [0], [{ name: 'box', ticks: [] }]) },
  },
  stepper: {
    view: { kind: 'stepper', axis: 'layer', views: [{ kind: 'bar', value: 'x' }] },
    broken: { x: tensor(broken, [2, 2], [{ name: 'layer' }, { name: 'i' }]) },
    named: /NaN.*∞/s,
    nothing: { x: tensor([], [2, 0], [{ name: 'layer' }, { name: 'i' }]) },
  },
  image: {
    view: { kind: 'image', value: 'x' },
    broken: { x: tensor(broken, [2, 2], [{ name: 'row' }, { name: 'column' }]) },
    named: /非有限值/,
    nothing: { x: tensor([], [0, 2], [{ name: 'row' }, { name: 'column' }]) },
  },
};

/** What a screen reader and eyes get: text, and what canvases and drawings are labelled with. */
const said = (container: Element) =>
  [container.textContent!, ...[...container.querySelectorAll('[aria-label]')].map((e) => e.getAttribute('aria-label'))]
    .join('\n')
    .replace(/\s+/g, ' ');
/** Attributes that place something in a drawing: none may be no number. */
function misplaced(container: Element): string[] {
  const places = ['d', 'x', 'y', 'x1', 'y1', 'x2', 'y2', 'cx', 'cy', 'r', 'width', 'height', 'transform', 'points'];
  return [...container.querySelectorAll('svg *')].flatMap((element) =>
    places
      .map((name) => `${element.tagName} ${name}=${element.getAttribute(name) ?? ''}`)
      .filter((text) => /NaN|Infinity|undefined/.test(text)),
  );
}

it('is written down for every kind there is', () => {
  expect(Object.keys(kinds).sort()).toEqual([...viewKinds].sort());
});

for (const [name, { view, broken: values, named, nothing, texts }] of Object.entries(kinds)) {
  describe(name, () => {
    it('names what is no number and places nothing by it', async () => {
      const container = show(view, values, texts);
      await new Promise((next) => setTimeout(next, name === 'formula' ? 300 : 0));
      expect(container.querySelector('[role=alert]')).toBeNull();
      expect(said(container)).toMatch(named);
      expect(misplaced(container)).toEqual([]);
      expect(container.textContent).not.toMatch(/undefined|\[object/);
    });
    it('says that there is nothing, or waits', async () => {
      const container = show(view, nothing);
      await new Promise((next) => setTimeout(next, name === 'formula' ? 300 : 0));
      if (!['formula', 'cards'].includes(name)) expect(said(container)).toMatch(/空的|还没有数据/);
      expect(misplaced(container)).toEqual([]);
      expect(container.querySelector('[role=alert]')).toBeNull();
      expect(container.textContent).not.toMatch(/undefined|NaN|Infinity/);
    });
    if (['formula', 'cards', 'stepper'].includes(name)) return; // words already, or made of other views
    it('is a table with the same numbers, those that are none among them', () => {
      const grids = gridsOf(view, frameOf(values));
      expect(grids.length).toBeGreaterThan(0);
      const cells = grids.flatMap((grid) => grid.rows.flat()).map(String);
      if (!['tokens', 'diagram'].includes(name)) expect(cells.join(' ')).toMatch(/nan/i);
      for (const grid of grids) for (const row of grid.rows) expect(row).toHaveLength(grid.header.length);
      for (const grid of gridsOf(view, frameOf(nothing))) expect(grid.rows.length).toBeLessThanOrEqual(2);
    });
  });
}

describe('the keyboard', () => {
  /** Kinds a reader reads point by point: view, where the keys go, and what must change when one is pressed. */
  const walked: [View, string][] = [
    [{ kind: 'heatmap', value: 'map', select: { layer: 0 } }, '[role=grid]'],
    [{ kind: 'matrix', value: 'map', select: { layer: 0 } }, '[role=grid]'],
    [{ kind: 'line', curves: [{ value: 'loss' }] }, 'svg'],
    [{ kind: 'training', curves: [{ value: 'loss' }] }, 'svg'],
    [{ kind: 'bar', value: 'other' }, 'svg'],
    [{ kind: 'histogram', value: 'other', bins: 4 }, 'svg'],
    [{ kind: 'scatter', value: 'points', select: { layer: 0 } }, 'svg'],
    [{ kind: 'arcs', value: 'heads', heads: 'head' }, 'svg'],
    [{ kind: 'image', value: 'digits', select: { sample: 'four' } }, 'svg'],
    [{ kind: 'tokens', value: 'two' }, '[data-piece]'],
    [{ kind: 'diagram', value: 'graph' }, '[data-box][tabindex="0"]'],
    [{ kind: 'stepper', axis: 'layer', views: [{ kind: 'scatter', value: 'points' }] }, '.steps'],
  ];
  for (const [view, place] of walked) {
    it(`reads a ${view.kind}`, async () => {
      const { container } = render(ViewFrame as never, { view, frame: pictureFrame, texts: {}, parameters: {}, entry });
      const target = container.querySelector(place)!;
      const reachable = target.closest('[tabindex="0"]') ?? target.querySelector('button, [tabindex="0"]');
      expect(reachable, 'Tab leads there').not.toBeNull();
      const state = () => container.innerHTML + (document.activeElement?.outerHTML ?? '');
      const before = state();
      for (const key of ['ArrowRight', 'ArrowDown'])
        await fireEvent(target, new KeyboardEvent('keydown', { key, bubbles: true }));
      expect(state()).not.toBe(before);
    });
  }
});

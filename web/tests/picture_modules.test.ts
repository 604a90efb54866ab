import { describe, expect, it } from 'vitest';
import { filled, inverted, stroke, withCell } from '../src/controls/grid_edit';
import type { ArcsView, BarView, ScatterView, View } from '../src/lesson/types';
import { arcsOf, mostArcs, strongest } from '../src/views/arcs';
import { barsOf, orderOf, rectanglesOf } from '../src/views/bars';
import { bandOf, curvesOf, lostMarks, nearest, pathOf, pixelsAlong, undrawable } from '../src/views/curves';
import { nextBox, placeGraph } from '../src/views/graph_layout';
import { picturesOf } from '../src/views/image_data';
import { fitted, labelStride, placeLabels, textWidth } from '../src/views/labels';
import { asLatex, differentTerms, termsOf, withTerms } from '../src/views/latex';
import { placeMarks } from '../src/views/marks';
import { choicesOf, withSelection } from '../src/views/picking';
import { backgroundOf, contour, neighbour, pointsOf } from '../src/views/points';
import { makeScale, tickText } from '../src/views/scales';
import { missingIn, switched } from '../src/views/sets';
import { sortedRows } from '../src/views/table_sort';
import { entry, frameOf, pictureFrame, tensor } from './fixtures';

const rich = (text: string) => ({ zh: [text], en: [text] });
const plain = (low: number, high: number, length = 100) =>
  makeScale([low, high], { range: [0, length], min: low, max: high });

describe('ticks', () => {
  const labels = (values: number[], log: boolean, count = 5) =>
    makeScale(values, { range: [0, 300], log, count }).ticks.map((tick) => tick.label);
  it('go by 1, 2, 5 and are about as many as asked for', () => {
    expect(labels([0, 1], false)).toEqual(['0', '0.2', '0.4', '0.6', '0.8', '1']);
    expect(labels([-3, 4], false)).toEqual(['−2', '0', '2', '4']);
  });
  it('go by powers of two only where the numbers are', () => {
    expect(labels([4, 16, 1024], true, 20)).toContain('64');
    expect(labels([0.013, 0.4], true)).toEqual(['0.02', '0.05', '0.1', '0.2']);
    // Where they span more than anyone knows by heart, decades; and what is written is exact.
    expect(labels([2 ** 25, 2 ** 45], true)).toEqual(['10⁸', '10⁹', '10¹⁰', '10¹¹', '10¹²', '10¹³']);
    expect(labels([128, 65536], true, 20)).toContain('65536');
    expect(labels([1e-7, 10], true)).toEqual(['10⁻⁶', '10⁻⁴', '0.01', '1']);
  });
  it('fall back to even steps within one decade', () => {
    expect(labels([3.1, 4.2], true).length).toBeGreaterThanOrEqual(3);
  });
  it('write powers with raised digits', () => {
    expect([tickText(1e-4, true), tickText(1e5, true), tickText(2000, true), tickText(1e5, false)]).toEqual([
      '10⁻⁴',
      '10⁵',
      '2000',
      '100000',
    ]);
  });
});

describe('labels', () => {
  it('Chinese takes more room than Latin, and what is too long is cut', () => {
    expect(textWidth('注意力')).toBeGreaterThan(textWidth('abc'));
    expect(fitted('multi-head attention', 60)).toMatch(/^multi.*…$/);
    expect(fitted('short', 60)).toBe('short');
    expect(textWidth(fitted('一二三四五六七八', 50))).toBeLessThanOrEqual(50);
  });
  it('skips as many neighbours as it must', () => {
    expect(labelStride(['100', '200'], 40)).toBe(1);
    expect(labelStride(['100', '200'], 10)).toBeGreaterThan(1);
  });
  it('places no label over another or out of the picture', () => {
    const points = Array.from({ length: 40 }, (_, i) => ({
      x: 20 + (i % 8) * 8,
      y: 20 + Math.floor(i / 8) * 8,
      text: `点 ${i}`,
    }));
    const placed = placeLabels(points, { x: 0, y: 0, width: 200, height: 200 });
    const boxes = placed.map(({ index, x, y, anchor }) => {
      const width = textWidth(points[index]!.text);
      const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
      return { left, right: left + width, top: y - 10, bottom: y + 2 };
    });
    expect(placed.length).toBeGreaterThan(0);
    expect(placed.length).toBeLessThan(points.length);
    boxes.forEach((a, i) => {
      expect(a.left).toBeGreaterThanOrEqual(0);
      expect(a.right).toBeLessThanOrEqual(200);
      for (const b of boxes.slice(i + 1)) {
        const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
        expect(apart).toBe(true);
      }
    });
  });
});

describe('reference lines', () => {
  const bounds = { left: 40, right: 300, top: 20, bottom: 200 };
  const y = makeScale([0, 1], { range: [200, 20], min: 0, max: 1 });
  const x = makeScale([0, 1], { range: [40, 300], min: 0, max: 1 });
  it('have their names beside them, one above the other where they are close', () => {
    const placed = placeMarks(
      [0.5, 0.51, 0.52].map((at) => ({ at, label: `floor ${at}`, axis: 'y' as const })),
      x,
      y,
      bounds,
    );
    const places = placed.map((mark) => `${mark.text!.y.toFixed(0)} ${mark.text!.anchor}`);
    expect(new Set(places).size).toBe(3);
  });
  it('get a number where the name is too long, and none outside the picture', () => {
    const long = 'a bound whose name is far too long to stand inside a picture as narrow as this one';
    const placed = placeMarks(
      [
        { at: 0.5, label: long, axis: 'y' },
        { at: 7, label: 'outside', axis: 'y' },
        { at: NaN, label: 'no number', axis: 'x' },
      ],
      x,
      y,
      bounds,
    );
    expect(placed).toHaveLength(1);
    expect(placed[0]).toMatchObject({ note: 1, text: { content: '①' } });
  });
});

describe('names of reference lines and curves', () => {
  const scale = (min: number, max: number, range: [number, number]) => makeScale([min, max], { min, max, range });
  const [x, y] = [scale(0, 10, [40, 340]), scale(0, 4, [200, 20])];
  const bounds = { left: 40, right: 340, top: 20, bottom: 200 };
  const mark = { at: 2, label: 'a bound', axis: 'y' as const };
  it('keep off the curves where there is room beside them', () => {
    const free = placeMarks([mark], x, y, bounds)[0]!.text!;
    const curve = pixelsAlong([5, 10], [2.05, 2.05], x, y);
    expect(curve.length).toBeGreaterThan(20);
    const moved = placeMarks([mark], x, y, bounds, [...curve, ...curve.map(([px, py]) => [px, py + 14] as const)])[0]!
      .text!;
    expect(free.x).toBe(338);
    expect(moved.x).toBeLessThan(200);
  });
  it('points along a curve have gaps where it has none', () => {
    const points = pixelsAlong([0, 1, 2, 3], [1, NaN, 1, 1], x, y);
    expect(points.every((point) => point.every(Number.isFinite))).toBe(true);
    expect(points.some(([px]) => px > 41 && px < 99)).toBe(false);
    expect(points.some(([px]) => px > 101 && px < 129)).toBe(true);
  });
});

describe('curves', () => {
  const view = (curves: unknown[]) => ({ kind: 'line', curves }) as never;
  it('take the colour of a role only if no other curve has it', () => {
    const two = curvesOf(
      view([
        { value: 'loss', role: 'loss' },
        { value: 'other', role: 'loss' },
      ]),
      pictureFrame,
      {},
      entry,
    );
    expect(two.map((c) => c.color)).toEqual(['var(--series-1)', 'var(--series-2)']);
    const one = curvesOf(view([{ value: 'loss', role: 'loss' }, { value: 'other' }]), pictureFrame, {}, entry);
    expect(one[0]!.color).toContain('--loss');
  });
  it('differ in their dashes too, and a curve may be dashed on purpose', () => {
    const many = curvesOf(view([...Array(6).keys()].map(() => ({ value: 'loss' }))), pictureFrame, {}, entry);
    expect(new Set(many.slice(2).map((c) => c.dash)).size).toBe(4);
    expect(curvesOf(view([{ value: 'loss', dashed: true }]), pictureFrame, {}, entry)[0]!.dash).toBeDefined();
  });
  it('with names are told apart beyond six, with numbers are steps of one ramp', () => {
    const of = (names: string[]) => {
      const axes = [
        { name: 'scheme', ticks: names },
        { name: 'length', ticks: ['16', '32'] },
      ];
      const frame = frameOf({ accuracy: tensor(Array(2 * names.length).fill(1), [names.length, 2], axes) });
      return curvesOf(view([{ value: 'accuracy', x: 'length', lines: 'scheme' }]), frame, {}, entry);
    };
    const schemes = of(['none', 'sinusoidal', 'learned', 'alibi', 'rope', 'rope_interpolation', 'rope_ntk']);
    expect(new Set(schemes.map((c) => `${c.color} ${c.dash}`)).size).toBe(7);
    expect(schemes.every((c) => /^var\(--series-\d\)$/.test(c.color))).toBe(true);
    expect(of(['1', '2', '3', '4', '5', '6', '7']).every((c) => c.color.startsWith('color-mix'))).toBe(true);
  });
  it('have a gap where there is no number, and say what is there', () => {
    const [x, y] = [plain(0, 4), plain(0, 10)];
    expect(pathOf([0, 1, 2, 3, 4], [1, 2, NaN, 3, 4], x, y).match(/M/g)).toHaveLength(2);
    expect([NaN, Infinity, -Infinity, 1].map((v) => undrawable(v, false)?.mark)).toEqual(['✕', '▲', '▼', undefined]);
    expect(undrawable(0, true)).toEqual({ mark: '▼', edge: 'bottom' });
    expect(missingIn([NaN, NaN, -1, 2], true)).toBe('NaN × 2, (≤ 0) × 1');
    expect(missingIn([-1], true, '画不进的')).toBe('画不进的 × 1');
  });

  it('keeps the marks of what is no number apart, within a curve and across curves', () => {
    const gone = (key: string) => ({ key, xs: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], ys: Array<number>(11).fill(NaN) });
    const marks = lostMarks(['a', 'b', 'c', 'd'].map(gone), (x) => 5 * x, false);
    const all = [...marks.values()].flat();
    for (const [i, one] of all.entries())
      for (const other of all.slice(i + 1))
        expect(one.row !== other.row || Math.abs(one.px - other.px) >= 12).toBe(true);
    expect(['a', 'b', 'c'].map((key) => marks.get(key)!.map((mark) => mark.row))).toEqual(
      [0, 1, 2].map((row) => [row, row, row, row]),
    );
    expect(marks.get('d')).toEqual([]);
  });
  it('of more points than pixels keep every peak', () => {
    const xs = Array.from({ length: 5000 }, (_, i) => i);
    const ys = xs.map((i) => (i === 2501 ? 9 : 1));
    const path = pathOf(xs, ys, plain(0, 5000, 300), plain(0, 10));
    expect(path).toContain(' 90.0');
    expect(path.length).toBeLessThan(12_000);
  });
  it('a band goes forth above and back below', () => {
    expect(bandOf([0, 1], [1, 2], [3, NaN], plain(0, 1), plain(0, 10))).toBe('M0.0 30.0L0.0 10.0Z');
    expect(bandOf([0], [NaN], [1], plain(0, 1), plain(0, 10))).toBe('');
  });
  it('finds the nearest of sorted numbers', () => {
    expect([-5, 0.4, 0.6, 99].map((v) => nearest([0, 1, 2, 8], v))).toEqual([0, 0, 1, 3]);
  });
});

describe('bars', () => {
  const bars = (more: Partial<BarView>) =>
    barsOf({ kind: 'bar', value: 'costs', ...more } as BarView, pictureFrame, entry);
  it('of a table: the columns named, a timeline from where each begins', () => {
    const found = bars({ columns: ['end'], from: 'start' });
    expect(found.names).toEqual(['embed', 'attend', 'feed', 'broken']);
    expect(rectanglesOf(found, false)[1]).toMatchObject({ from: 2, to: 5 });
    expect(found.cell(0, 0)).toBeUndefined();
  });
  it('stand by size with what is no number last', () => {
    const found = bars({ columns: ['end'] });
    expect(orderOf(found, 'down')).toEqual([2, 1, 0, 3]);
    expect(orderOf(found, 'up')).toEqual([0, 1, 2, 3]);
  });
  it('stack positive numbers up and negative ones down', () => {
    const stacked = rectanglesOf(
      {
        names: ['a'],
        series: ['x', 'y', 'z'],
        values: [[2], [-1], [3]],
        from: undefined,
        cell: () => undefined,
        role: 'none',
      },
      true,
    );
    expect(stacked.map((r) => [r.from, r.to])).toEqual([
      [0, 2],
      [0, -1],
      [2, 5],
    ]);
  });
});

describe('points', () => {
  const view = (more: Partial<ScatterView>) => ({ kind: 'scatter', value: 'points', ...more }) as ScatterView;
  it('of a tensor: two dimensions, names, categories by whole numbers', () => {
    const points = pointsOf(
      view({ select: { layer: 1 }, dimensions: ['pc1', 'pc3'], color: 'kinds' }),
      pictureFrame,
      {},
    );
    expect(points.xs).toEqual([1, 2, 3]);
    expect(points.ys).toEqual([100, 200, 300]);
    expect(points.axes).toEqual(['pc1', 'pc3']);
    expect(points.categories).toEqual({ names: ['0', '1'], of: [0, 1, 1] });
    expect(points.extent.xs).toHaveLength(6); // both layers: the scale does not move with the slider
    expect(points.cell!(2)).toEqual([1, 2, 0]);
  });
  it('categories are named by the lesson, or by a name all their points share', () => {
    const named = pointsOf(
      view({ select: { layer: 0 }, color: 'kinds', categories: [rich('词'), rich('标点')] }),
      pictureFrame,
      {},
    );
    expect(named.categories!.names).toEqual(['词', '标点']);
    const same = frameOf({
      p: tensor([0, 0, 1, 1, 2, 2], [3, 2], [{ name: 'token', ticks: ['a', 'b', 'b'] }, { name: 'd' }]),
      k: pictureFrame.values['kinds']!,
    });
    expect(pointsOf(view({ value: 'p', color: 'k' }), same, {}).categories!.names).toEqual(['a', 'b']);
  });
  it('of a table: columns and a text column as categories', () => {
    const points = pointsOf(view({ value: 'costs', columns: ['start', 'end'], color: 'part' }), pictureFrame, {});
    expect(points.xs.slice(0, 2)).toEqual([0, 2]);
    expect(points.categories!.names).toHaveLength(4);
    expect(points.ys[3]).toBeNaN();
  });
  it('the map under them and where it crosses a level', () => {
    const map = backgroundOf(view({ background: 'map', select: { layer: 0 } }), pictureFrame)!;
    expect([map.rows, map.columns, map.xs]).toEqual([2, 3, [-1, 0, 1]]);
    const line = contour(map, 0.5);
    expect(line).toHaveLength(1);
    expect(line[0]!.map((v) => Math.round(v * 100) / 100)).toEqual([0.5, 0, 0.5, 1]);
  });
  it('an arrow key goes to the nearest point that way', () => {
    const [xs, ys] = [
      [0, 10, 30, 5],
      [0, 1, 0, 40],
    ];
    expect(neighbour(xs, ys, 0, 1, 0)).toBe(1);
    expect(neighbour(xs, ys, 0, 0, 1)).toBe(3);
    expect(neighbour(xs, ys, 0, -1, 0)).toBeUndefined();
  });
});

describe('arcs', () => {
  const view = { kind: 'arcs', value: 'heads', heads: 'head', tokens: 'words' } as ArcsView;
  it('are named by tokens and weighed on one scale over all heads', () => {
    const arcs = arcsOf(view, pictureFrame, entry);
    expect(arcs.queries.map((token) => token.name)).toEqual(['low', '##est']);
    expect(arcs.largest).toBeCloseTo(0.9);
    expect(arcs.weight(1, 0, 1)).toBeCloseTo(0.9);
    expect(arcs.cell(1, 0, 1)).toEqual([1, 0, 1]);
  });
  it('leave out what is masked or weak, and tell when there are too many', () => {
    const arcs = arcsOf(view, pictureFrame, entry);
    expect(strongest(arcs, [0], 0).drawn.map((arc) => [arc.query, arc.key])).toEqual([
      [1, 0],
      [1, 1],
      [0, 0],
    ]);
    expect(strongest(arcs, [0], 0.5).drawn).toHaveLength(2);
    const n = 40;
    const full = frameOf({ a: tensor(Array(n * n).fill(1), [n, n], [{ name: 'query' }, { name: 'key' }]) });
    const many = strongest(arcsOf({ kind: 'arcs', value: 'a' }, full, entry), [0], 0);
    expect([many.drawn.length, many.left]).toEqual([mostArcs, n * n - mostArcs]);
  });
});

describe('graphs', () => {
  const graph = pictureFrame.values['graph'] as never;
  it('are laid out the same every time, top to bottom, boxes apart', () => {
    const [one, two] = [placeGraph(graph, false), placeGraph(graph, false)];
    expect([...one.boxes]).toEqual([...two.boxes]);
    expect(one.boxes.get('x')!.y).toBeLessThan(one.boxes.get('q')!.y);
    const boxes = [...one.boxes.values()];
    boxes.forEach((a, i) => {
      expect(a.x).toBeGreaterThanOrEqual(0);
      expect(a.x + a.width).toBeLessThanOrEqual(one.width);
      for (const b of boxes.slice(i + 1)) {
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(apart).toBe(true);
      }
    });
    const group = one.groups[0]!;
    for (const id of ['q', 'k']) {
      const box = one.boxes.get(id)!;
      expect(box.x >= group.x && box.x + box.width <= group.x + group.width).toBe(true);
    }
  });
  it('arrow keys follow the wires', () => {
    const placed = placeGraph(graph, false);
    expect(['q', 'k']).toContain(nextBox(graph, placed, 'x', 'ArrowDown'));
    expect(nextBox(graph, placed, 'q', 'ArrowUp')).toBe('x');
    const right = placed.boxes.get('q')!.x < placed.boxes.get('k')!.x ? 'ArrowRight' : 'ArrowLeft';
    expect(nextBox(graph, placed, 'q', right)).toBe('k');
    expect(nextBox(graph, placed, 'x', 'ArrowUp')).toBeUndefined();
  });
});

describe('images', () => {
  it('one per index of an axis, with what lies over each patch', () => {
    const [first, second] = picturesOf(
      { kind: 'image', value: 'digits', tiles: 'sample', patch: 2, overlay: 'patchwise' },
      pictureFrame,
    );
    expect([first!.caption, first!.rows, first!.columns]).toEqual(['three', 2, 4]);
    expect(second!.at(1, 3)).toEqual([15]);
    expect(second!.cell(1, 3)).toEqual([1, 1, 3]);
    expect([first!.over!(0, 1), second!.over!(0, 0)].map((v) => Math.round(v * 10) / 10)).toEqual([0.2, 0.3]);
  });
});

describe('choosing an axis', () => {
  it('fixes it wherever a tensor of the view has it', () => {
    const view: View = { kind: 'scatter', value: 'points', choose: ['layer'], background: 'map' };
    expect(choicesOf(view, pictureFrame)).toEqual([{ axis: 'layer', ticks: ['0', '1'], start: 0 }]);
    expect(withSelection(view, { layer: 1 }, pictureFrame)).toMatchObject({ choose: [], select: { layer: 1 } });
    const line: View = { kind: 'line', curves: [{ value: 'points', select: { component: 0 } }, { value: 'loss' }] };
    expect(withSelection(line, { layer: 1 }, pictureFrame)).toMatchObject({
      curves: [{ select: { component: 0, layer: 1 } }, { value: 'loss' }],
    });
    const steps: View = { kind: 'stepper', axis: 'layer', views: [view, { kind: 'cards', items: [] }] };
    expect(withSelection(steps, { layer: 1 }, pictureFrame)).toMatchObject({
      views: [{ select: { layer: 1 } }, { kind: 'cards' }],
    });
  });
  it('leaves to a heatmap the axes it draws small itself', () => {
    expect(choicesOf({ kind: 'heatmap', value: 'heads', choose: ['head'] }, pictureFrame)).toEqual([]);
    expect(choicesOf({ kind: 'heatmap', value: 'heads', choose: ['key'] }, pictureFrame)).toHaveLength(1);
  });
});

describe('formulas', () => {
  it('terms: names, what stands for them, nested braces', () => {
    const latex = '\\term{scores}{\\frac{\\term{query}{q}k}{\\sqrt{d}}} + \\{ \\term{query}{q} \\}';
    expect(termsOf(latex)).toEqual([
      { name: 'scores', latex: '\\frac{{q}k}{\\sqrt{d}}' },
      { name: 'query', latex: 'q' },
      { name: 'query', latex: 'q' },
    ]);
    expect(differentTerms([latex])).toHaveLength(2);
    expect(withTerms('\\term{key}{k}', () => 'key')).toBe('\\htmlClass{term term-key role-key}{k}');
    expect(termsOf('\\term{broken')).toEqual([]);
  });
  it('numbers as LaTeX', () => {
    expect(['1.5e−7', '2e10', '−3', '12 %', '∞'].map(asLatex)).toEqual([
      '1.5\\times10^{-7}',
      '2\\times10^{10}',
      '-3',
      '12 \\%',
      '\\infty',
    ]);
  });
});

describe('sorting a table', () => {
  const rows = [
    ['b', 2],
    ['a10', 'nan'],
    ['a9', 10],
    ['c', 'inf'],
    ['d', 2],
  ];
  const order = (column: number, descending: boolean) => sortedRows(rows, column, descending).map((row) => row.index);
  it('numbers as numbers, NaN last either way, equal rows in their order', () => {
    expect(order(1, false)).toEqual([0, 4, 2, 3, 1]);
    expect(order(1, true)).toEqual([3, 2, 0, 4, 1]);
  });
  it('texts as a reader orders them', () => {
    expect(order(0, false)).toEqual([2, 1, 0, 3, 4]);
  });
});

describe('drawing into a grid', () => {
  const grid = { rows: 4, columns: 4, cells: Array(16).fill(0) };
  it('a stroke leaves ink along its way and never takes any', () => {
    const drawn = stroke(grid, [0.5, 0.5], [0.5, 3.5], 0.6, false);
    expect(drawn.cells.slice(0, 4)).toEqual([1, 1, 1, 1]);
    expect(drawn.cells.slice(8)).toEqual(Array(8).fill(0));
    expect(stroke(drawn, [0.5, 0.5], [0.5, 0.5], 0.6, false)).toBe(drawn);
    expect(stroke(drawn, [0.5, 0.5], [0.5, 3.5], 0.6, true).cells.slice(0, 4)).toEqual([0, 0, 0, 0]);
  });
  it('sets one cell, all, and the opposite; outside nothing happens', () => {
    expect(withCell(grid, 1, 2, 1).cells[6]).toBe(1);
    expect(withCell(grid, 4, 0, 1)).toBe(grid);
    expect(filled(grid, 1).cells).toEqual(Array(16).fill(1));
    expect(inverted(grid, 0, 1).cells).toEqual(Array(16).fill(1));
  });
});

it('hiding the last one shows all again', () => {
  expect([...switched(switched(new Set<string>(), 'a', 2), 'b', 2)]).toEqual([]);
});

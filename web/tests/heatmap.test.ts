import { flushSync } from 'svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { settings } from '../src/i18n/language.svelte';
import type { View } from '../src/lesson/types';
import { ColorTable, heatScale, kindFor, rangeOf } from '../src/views/colors';
import { cellAt, gridOf, labelsOf, layoutOf, shortened, textWidth, valueAt } from '../src/views/heat_layout';
import { css, mix, parseHex, theme } from '../src/views/palette.svelte';
import { painters } from '../src/views/picture';
import { sliceAt, sliceOf } from '../src/views/tensors';
import ViewFrame from '../src/views/ViewFrame.svelte';
import { attentionFrame, entry, frameOf, tensor } from './fixtures';
import PartPictures from './PartPictures.svelte';
import { cleanup, fireEvent, render } from './render';

afterEach(cleanup);
settings.setLanguage('zh');
const rich = (text: string) => ({ zh: [text], en: [text] });

function show(view: View, more = {}) {
  return render(ViewFrame as never, { view, frame: attentionFrame, texts: {}, parameters: {}, entry, ...more });
}
/** The picture as it would be saved: the same layout and colours that the canvas gets. */
const drawn = (container: Element, nth = 0) => {
  const svg = new DOMParser().parseFromString(
    `<svg xmlns="http://www.w3.org/2000/svg">${painters.get(container.querySelectorAll('[data-painted]')[nth]!)!().body}</svg>`,
    'image/svg+xml',
  );
  return {
    cells: [...svg.querySelectorAll('rect')].filter(
      (r) => r.getAttribute('y') !== null && !r.closest('pattern') && Number(r.getAttribute('height')) > 8,
    ),
    texts: [...svg.querySelectorAll('text')].map((e) => e.textContent),
  };
};
const key = (name: string) => new KeyboardEvent('keydown', { key: name, bubbles: true });
const explained = (container: Element) => container.querySelector('.explain')!.textContent!.replace(/\s+/g, ' ');

describe('colours', () => {
  it('mix as the style sheet does: nothing is the paper, everything the full colour', () => {
    const [full, empty] = [parseHex('#c2570c')!, parseHex('#f4f2ee')!];
    expect(mix(full, empty, 0)).toEqual(empty);
    expect(mix(full, empty, 1)).toEqual(full);
    // What Chromium makes of color-mix(in oklab, #c2570c 50%, #f4f2ee) and of #1d5fa8 25%.
    expect(mix(full, empty, 0.5)).toEqual([224, 166, 136]);
    expect(mix(parseHex('#1d5fa8')!, empty, 0.25)).toEqual([190, 205, 222]);
  });
  it('signed scales have zero in the middle, probabilities begin at 0 and end at 1', () => {
    const signed = new ColorTable(heatScale([rangeOf(tensor([-1, 4], [2], []))], 'signed'), theme.palette);
    expect([signed.scale.min, signed.scale.max]).toEqual([-4, 4]);
    expect(css(signed.colorOf(0))).toBe(css(theme.palette.cell));
    expect(signed.colorOf(-4)).not.toEqual(signed.colorOf(4));
    expect(heatScale([rangeOf(tensor([0.3, 0.4], [2], []))], 'probability')).toMatchObject({ min: 0, max: 1 });
  });
  it('round their ends outwards so that the legend reads well', () => {
    expect(heatScale([rangeOf(tensor([-3.456, 1], [2], []))], 'signed').max).toBe(3.5);
    const { min, max } = heatScale([rangeOf(tensor([102.3, 117.7], [2], []))], 'sequential');
    expect([min, max]).toEqual([102, 118]);
    expect(heatScale([rangeOf(tensor([0.1, 5], [2], []))], 'sequential').min).toBe(0);
  });
  it('stand values without a number, equal ones, and none at all', () => {
    for (const data of [[], [5], [0], [NaN, -Infinity], [-2, -2]]) {
      for (const kind of ['signed', 'probability', 'sequential'] as const) {
        const { min, max } = heatScale([rangeOf(tensor(data, [data.length], []))], kind);
        expect(max).toBeGreaterThan(min);
      }
    }
  });
  it('know what a tensor asks for', () => {
    expect(kindFor(tensor([1], [1], [], { role: 'probability' }), 'auto')).toBe('probability');
    expect(kindFor(tensor([-1], [1], []), undefined)).toBe('signed');
    expect(kindFor(tensor([1], [1], []), undefined)).toBe('sequential');
    expect(kindFor(tensor([1], [1], []), 'signed')).toBe('signed');
  });
});

describe('layout', () => {
  const words = ['我', '爱', '自然', '语言'];
  const labelled = tensor(
    Array(16).fill(0.25),
    [4, 4],
    [
      { name: 'query', ticks: words },
      { name: 'key', ticks: words },
    ],
  );
  const big = tensor(Array(64 * 64).fill(0), [64, 64], [{ name: 'query' }, { name: 'key' }]);
  const layout = (value: typeof big, width: number, zoom = 1, digits?: number) => {
    const slice = sliceOf(value);
    const grid = gridOf(slice);
    return { grid, layout: layoutOf({ slice, grid, width, tallest: 500, zoom, digits }) };
  };

  it('fits 360 px and labels every token where there is room', () => {
    const { layout: l } = layout(labelled, 330);
    expect(l.left + l.viewWidth).toBeLessThanOrEqual(330);
    const texts = labelsOf(l, { x: 0, y: 0 }).map((label) => label.text);
    for (const word of words) expect(texts.filter((text) => text === word)).toHaveLength(2);
  });
  it('writes weights that are nearly nothing as such, and zero as zero', () => {
    const weights = tensor([0, 2e-7, 0.25, 1], [2, 2], [{ name: 'query' }, { name: 'key' }], { role: 'probability' });
    const { layout: l } = layout(weights, 330);
    expect([0, 2e-7, 0.25, 1].map((value) => l.write!(value))).toEqual(['0', '≈0', '0.25', '1']);
  });
  it('turns long words, stacks short Chinese ones where cells are narrow', () => {
    const ticks = Array.from({ length: 20 }, (_, i) => `token-${i}`);
    const long = tensor(
      Array(400).fill(0),
      [20, 20],
      [
        { name: 'q', ticks },
        { name: 'k', ticks },
      ],
    );
    expect(layout(long, 330).layout.columnStyle).toBe('turned');
    const chinese = tensor(Array(400).fill(0), [20, 20], [{ name: 'q' }, { name: 'k', ticks: Array(20).fill('自然') }]);
    const { layout: l } = layout(chinese, 330);
    expect(l.columnStyle).toBe('stacked');
    expect(labelsOf(l, { x: 0, y: 0 }).filter((label) => label.text === '自')).toHaveLength(20);
  });
  it('leaves out labels that would lie on one another, never the chosen one', () => {
    const { layout: l } = layout(big, 330);
    const rows = labelsOf(l, { x: 0, y: 0 }).filter((label) => label.anchor === 'end');
    const ys = rows.map((label) => label.y);
    ys.slice(1).forEach((y, i) => expect(y - ys[i]!).toBeGreaterThanOrEqual(11));
    const chosen = labelsOf(l, { x: 0, y: 0 }, [13, 21]).filter((label) => label.strong);
    expect(chosen.map((label) => label.text)).toEqual(['13', '21']);
  });
  it('has every row in sight as long as the cells hold their numbers', () => {
    const square = (n: number) => tensor(Array(n * n).fill(0.5), [n, n], [{ name: 'query' }, { name: 'key' }]);
    const twelve = layout(square(12), 900).layout;
    expect(twelve.viewHeight).toBe(twelve.cellsHeight);
    expect(twelve.write).toBeDefined();
    const twenty = layout(square(20), 900).layout;
    expect(twenty.cellWidth).toBe(33);
    expect(twenty.viewHeight).toBe(500);
  });
  it('scrolls what it cannot fit when zoomed, labels along', () => {
    const { layout: l, grid } = layout(big, 330, 4);
    expect(l.cellsWidth).toBeGreaterThan(l.viewWidth);
    const labels = labelsOf(l, { x: l.cellsWidth - l.viewWidth, y: 0 }).map((label) => label.text);
    expect(labels).toContain('62');
    expect(cellAt(l, grid, l.cellsWidth - 1, 1)).toEqual([0, 63]);
    expect(cellAt(l, grid, l.cellsWidth + 1, 1)).toBeUndefined();
  });
  it('makes matrix cells wide enough for their numbers', () => {
    const { layout: l } = layout(tensor([-1234.5, 1], [1, 2], [{ name: 'i' }, { name: 'j' }]), 330, 1, 2);
    expect(l.write!(-1234.5)).toBe('−1234.50');
    expect(l.cellWidth).toBeGreaterThan(textWidth('−1234.50', 10));
  });
  it('shortens by width: a Chinese character is as wide as it is high', () => {
    expect(shortened('自然语言处理', 11, 34)).toBe('自然…');
    expect(shortened('abc', 11, 40)).toBe('abc');
  });
  it('reads any two axes by stride', () => {
    const t = tensor([0, 1, 2, 3, 4, 5, 6, 7], [2, 2, 2], [{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
    const grid = gridOf(sliceAt(t, new Map([[1, 1]])));
    expect([valueAt(grid, 0, 0), valueAt(grid, 0, 1), valueAt(grid, 1, 0), valueAt(grid, 1, 1)]).toEqual([2, 3, 6, 7]);
  });
});

describe('heatmap', () => {
  it('draws a cell per element, hatches masked ones, has a legend with numbers', () => {
    const { container } = show({ kind: 'heatmap', value: 'visible', title: rich('分数') });
    const { cells } = drawn(container);
    expect(cells.map((cell) => cell.getAttribute('fill')).filter((fill) => fill === 'url(#masked)')).toHaveLength(1);
    expect(cells).toHaveLength(4);
    expect(container.querySelector('.legend')!.textContent).toMatch(/0.*2.*遮住.*−∞/s);
    expect(container.querySelector('figcaption')!.textContent).toContain('分数');
  });
  it('hatches a weight that softmax got from a masked score, and says so to a screen reader', async () => {
    const { container } = show({ kind: 'heatmap', value: 'attention' });
    expect(drawn(container).cells.map((cell) => cell.getAttribute('fill'))[1]).toBe('url(#masked)');
    const grid = container.querySelector('[role=grid]')!;
    await fireEvent(grid, key('ArrowRight'));
    await fireEvent(grid, key('ArrowRight'));
    expect(container.querySelector('[role=gridcell]')!.textContent).toBe('query 0, key 1: 0 (遮住)');
  });
  it('marks and names what is not finite', () => {
    const broken = frameOf({ x: tensor([NaN, Infinity, 1], [3], [{ name: 'i' }]) });
    const { container } = show({ kind: 'heatmap', value: 'x' }, { frame: broken });
    expect(container.querySelector('.legend')!.textContent).toMatch(/NaN.*∞/s);
    expect(drawn(container).texts).toEqual(expect.arrayContaining(['NaN', '∞']));
  });
  it('is walked by keyboard; the cell explains itself; Escape ends it', async () => {
    const { container } = show({ kind: 'heatmap', value: 'attention' });
    const grid = container.querySelector('[role=grid]')!;
    await fireEvent(grid, key('ArrowRight'));
    await fireEvent(grid, key('ArrowDown'));
    expect(explained(container)).toContain('attention[1, 0] = 0.3775');
    expect(explained(container)).toContain('visible[1, 0] = 1.5');
    expect(grid.querySelector('[role=row]')!.getAttribute('aria-rowindex')).toBe('2');
    await fireEvent(grid, key('End'));
    expect(explained(container)).toContain('attention[1, 1]');
    await fireEvent(grid, key('Escape'));
    expect(explained(container)).not.toContain('attention[');
  });
  it('goes back from a number to the one it came from, and home again', async () => {
    const { container } = show({ kind: 'heatmap', value: 'attention' });
    const grid = container.querySelector('[role=grid]')!;
    await fireEvent(grid, key('ArrowRight'));
    const press = async (name: string) => {
      const button = [...container.querySelectorAll('.lines [data-source]')].find(
        (b) => b.textContent!.trim() === name,
      )!;
      await fireEvent(button, new MouseEvent('click', { bubbles: true }));
    };
    const current = () => container.querySelector('.explain')!.getAttribute('data-explain');
    expect(current()).toBe('attention[0, 0]');
    await press('0.5');
    expect(current()).toBe('visible[0, 0]');
    await press('0.5');
    expect(current()).toBe('scores[0, 0]');
    expect(explained(container)).toContain('1×1 + 2×0');
    await press('2');
    expect(current()).toBe('query[0, 1]');
    expect(explained(container)).toContain('起点');
    const panel = container.querySelector('.explain')!;
    await fireEvent(panel, key('Escape'));
    expect(current()).toBe('scores[0, 0]');
    await fireEvent(container.querySelector('.crumb')!, new MouseEvent('click', { bubbles: true }));
    expect(current()).toBe('attention[0, 0]');
    await fireEvent(panel, key('Escape'));
    expect(current()).toBeNull();
  });
  it('says how much of it is in sight where not all is', () => {
    const wide = tensor(
      Array.from({ length: 80 }, (_, i) => i / 7),
      [2, 40],
      [{ name: 'token' }, { name: 'feature' }],
    );
    const { container } = render(ViewFrame as never, {
      view: { kind: 'matrix', value: 'wide' },
      frame: frameOf({ wide }),
      texts: {},
      parameters: {},
      entry,
    });
    expect(container.querySelector('.partly')!.textContent).toMatch(/^第 1–\d+ 列，共 40 列/);
    expect(show({ kind: 'heatmap', value: 'scores' }).container.querySelector('.partly')).toBeNull();
  });
  it('writes every number of a matrix', () => {
    const { container } = show({ kind: 'matrix', value: 'query', digits: 1 });
    expect(drawn(container).texts).toEqual(expect.arrayContaining(['1.0', '2.0', '3.0', '4.0']));
  });
  it('has one scale with the run it is compared with', () => {
    const peer = frameOf({
      ...attentionFrame.values,
      scores: tensor([-9, 1, 1, 2], [2, 2], [{ name: 'query' }, { name: 'key' }]),
    });
    const { container } = show({ kind: 'heatmap', value: 'scores' }, { peer });
    const legends = [...container.querySelectorAll('.compare .legend')].map((e) => e.textContent!.replace(/\s+/g, ''));
    expect(legends[0]).toContain('9');
    expect(legends[1]).toBe(legends[0]);
  });
});

describe('the pictures of one part', () => {
  const one = (value: string): View => ({ kind: 'heatmap', value, scale: 'signed', scale_group: 'qk' });
  const views = [one('query'), one('key'), { kind: 'heatmap', value: 'scores' } as View];
  it('share a scale in one group, and only there', () => {
    const { container } = render(PartPictures as never, { views, frame: attentionFrame, entry });
    const legends = [...container.querySelectorAll('.legend')].map((e) => e.textContent!.replace(/\s+/g, ''));
    expect(legends[0]).toContain('4');
    expect(legends[1]).toBe(legends[0]);
    expect(legends[2]).not.toBe(legends[0]);
  });
  it('show where a cell came from, and only one explanation at a time', async () => {
    const { container } = render(PartPictures as never, { views, frame: attentionFrame, entry });
    const [query, , scores] = [...container.querySelectorAll('[role=grid]')];
    await fireEvent(scores!, key('ArrowRight'));
    await fireEvent(scores!, key('ArrowDown'));
    expect(container.querySelectorAll('[data-explain]')).toHaveLength(1);
    expect(container.querySelector('[data-explain]')!.getAttribute('data-explain')).toBe('scores[1, 0]');
    // Those pictures are drawn here: none has to be opened in the explanation.
    expect(container.querySelector('.explain [aria-expanded]')).toBeNull();
    await fireEvent(query!, key('ArrowRight'));
    expect(container.querySelectorAll('[data-explain]')).toHaveLength(1);
    expect(container.querySelector('[data-explain]')!.getAttribute('data-explain')).toBe('query[0, 0]');
  });
});

describe('many heads', () => {
  const heads = 12;
  const data = Array.from({ length: heads * 4 }, (_, i) => i);
  const frame = frameOf({
    attention: tensor(data, [heads, 2, 2], [{ name: 'head' }, { name: 'query' }, { name: 'key' }]),
  });
  it('are chosen by keyboard; the cells are those of the chosen head; the scale stays', async () => {
    const { container } = show({ kind: 'heatmap', value: 'attention' }, { frame });
    const list = container.querySelector('[role=listbox]')!;
    expect(list.getAttribute('data-heads')).toBe('12');
    const legend = () => container.querySelector('.legend')!.textContent;
    const before = legend();
    await fireEvent(list, key('End'));
    expect(list.querySelector('[role=option]')!.getAttribute('aria-posinset')).toBe('12');
    await fireEvent(container.querySelector('[role=grid]')!, key('ArrowRight'));
    expect(container.querySelector('[data-explain]')!.getAttribute('data-explain')).toBe('attention[11, 0, 0]');
    expect(legend()).toBe(before);
    await fireEvent(list, key('ArrowLeft'));
    flushSync();
    expect(container.querySelector('[data-explain]')!.getAttribute('data-explain')).toBe('attention[10, 0, 0]');
  });
  it('a fourth axis is a list', () => {
    const deep = frameOf({
      a: tensor(Array(24).fill(1), [3, 2, 2, 2], [{ name: 'layer' }, { name: 'head' }, { name: 'q' }, { name: 'k' }]),
    });
    const { container } = show({ kind: 'heatmap', value: 'a' }, { frame: deep });
    expect(container.querySelectorAll('select option')).toHaveLength(3);
    expect(container.querySelectorAll('[role=listbox]')).toHaveLength(1);
  });
});

vi.stubGlobal('innerHeight', 800);

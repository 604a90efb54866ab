import { flushSync } from 'svelte';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import Controls from '../src/controls/Controls.svelte';
import { settings } from '../src/i18n/language.svelte';
import type { View } from '../src/lesson/types';
import { linked } from '../src/views/linked.svelte';
import { preloadViews, viewKinds, viewOf } from '../src/views/registry';
import { gridsOf } from '../src/views/table';
import ViewFrame from '../src/views/ViewFrame.svelte';
import { entry, pictureFrame } from './fixtures';
import { cleanup, fireEvent, render } from './render';

beforeAll(() => preloadViews(viewKinds.map((kind) => ({ kind }) as View)));
afterEach(async () => {
  await cleanup();
  linked.value = linked.token = undefined;
});
settings.setLanguage('zh');
const rich = (text: string) => ({ zh: [text], en: [text] });

function show(view: View, more = {}) {
  return render(ViewFrame as never, { view, frame: pictureFrame, texts: {}, parameters: {}, entry, ...more }).container;
}
const key = (name: string) => new KeyboardEvent('keydown', { key: name, bubbles: true });
const click = (element: Element) => fireEvent(element, new MouseEvent('click', { bubbles: true }));
const press = async (element: Element, ...names: string[]) => {
  for (const name of names) await fireEvent(element, key(name));
};
const text = (container: Element, selector: string) =>
  container.querySelector(selector)!.textContent!.replace(/\s+/g, ' ').trim();
const all = (container: Element, selector: string) => [...container.querySelectorAll(selector)];

describe('every kind', () => {
  it('comes when asked for, and an unknown one does not', () => {
    for (const kind of viewKinds) expect(viewOf(kind), kind).toBeTypeOf('function');
    expect(viewOf('hologram')).toBeUndefined();
    expect(viewOf('constructor')).toBeUndefined();
  });
  it('is a table too', () => {
    const views: View[] = [
      { kind: 'scatter', value: 'points', select: { layer: 0 }, color: 'kinds' },
      { kind: 'arcs', value: 'heads' },
      { kind: 'image', value: 'digits' },
      { kind: 'diagram', value: 'graph' },
      { kind: 'tokens', value: 'words' },
      { kind: 'line', curves: [{ value: 'loss' }] },
    ];
    for (const view of views) {
      const grids = gridsOf(view, pictureFrame);
      expect(grids.length, view.kind).toBeGreaterThan(0);
      for (const grid of grids) expect(grid.rows.every((row) => row.length === grid.header.length)).toBe(true);
    }
  });
  it('says it is empty where there is nothing', () => {
    for (const view of [
      { kind: 'bar', value: 'nothing' },
      { kind: 'histogram', value: 'nothing' },
    ] as View[])
      expect(show(view).querySelector('svg')!.textContent, view.kind).toContain('空的');
    const frame = { ...pictureFrame, values: { none: { kind: 'series', x: 'update', from: 0, points: [] } } };
    expect(show({ kind: 'line', curves: [{ value: 'none' }] }, { frame }).textContent).toContain('还没有数据');
  });
});

describe('line', () => {
  it('marks what has no number, and names it in the legend', () => {
    const container = show({ kind: 'line', curves: [{ value: 'loss' }] });
    expect(all(container, 'text.bad').map((e) => e.textContent)).toEqual(['✕']);
    expect(text(container, '.keys')).toContain('NaN × 1');
  });
  it('is read point by point with the arrow keys, and said aloud', async () => {
    const container = show({ kind: 'line', curves: [{ value: 'loss', label: rich('损失') }, { value: 'other' }] });
    await press(container.querySelector('svg')!, 'ArrowRight', 'ArrowRight', 'ArrowRight');
    expect(text(container, '.keys')).toContain('损失1.5');
    expect(text(container, '[aria-live]')).toBe('2: 损失 1.5, other 3');
    await press(container.querySelector('svg')!, 'End');
    expect(text(container, '.keys')).toContain('损失1');
    await press(container.querySelector('svg')!, 'Escape');
    expect(container.querySelector('.cursor')).toBeNull();
  });
  it('what lies beyond fixed ends is cut off at the picture and counted', () => {
    const container = show(
      { kind: 'line', curves: [{ value: 'other' }], y: { max: '2.5' } },
      { texts: { 2.5: '2.5' } },
    );
    expect(container.querySelector('path.curve')!.closest('[clip-path]')).not.toBeNull();
    expect(text(container, '.keys')).toContain('在图外 × 2');
    const whole = show({ kind: 'line', curves: [{ value: 'other' }] });
    expect(text(whole, '.keys')).not.toContain('在图外');
  });
  it('a curve is hidden by its name in the legend', async () => {
    const container = show({ kind: 'line', curves: [{ value: 'loss' }, { value: 'other' }] });
    await click(all(container, '.key')[0]!);
    expect(all(container, 'path.curve')).toHaveLength(1);
    expect(all(container, '.key')[0]!.getAttribute('aria-pressed')).toBe('false');
  });
  it('several pinned runs lie over one another with their names', () => {
    const peers = [
      { label: 'n = 4', frame: pictureFrame },
      { label: 'n = 8', frame: pictureFrame },
    ];
    const container = show({ kind: 'training', curves: [{ value: 'loss' }] }, { peers });
    expect(all(container, 'path.peer')).toHaveLength(2);
    expect(container.textContent).toContain('n = 4');
    expect(container.textContent).toContain('n = 8');
  });
  it('a bound that has no room is named below', () => {
    const label = '一个很长很长的名字'.repeat(6);
    const container = show(
      { kind: 'line', curves: [{ value: 'other' }], references: [{ at: '2', label: rich(label) }] },
      { texts: { 2: '2' } },
    );
    expect(text(container, '.mark-label')).toBe('①');
    expect(text(container, '.notes')).toBe(`① ${label}`);
  });
});

describe('bar and histogram', () => {
  it('a table as a timeline lies down, with its names, and marks what is no number', () => {
    const container = show({ kind: 'bar', value: 'costs', columns: ['end'], from: 'start' });
    expect(all(container, 'rect.bar')).toHaveLength(4);
    expect(all(container, '.tick').map((e) => e.textContent)).toContain('attend');
    expect(text(container, 'text.bad')).toBe('NaN');
  });
  it('groups have a legend and are walked bar by bar', async () => {
    const container = show({ kind: 'bar', value: 'points', select: { layer: 0 }, groups: 'component' });
    expect(all(container, 'rect.bar')).toHaveLength(9);
    expect(all(container, '.key').map((e) => e.textContent)).toEqual(['pc1', 'pc2', 'pc3']);
    await press(container.querySelector('svg')!, 'ArrowRight', 'ArrowRight', 'ArrowUp');
    expect(text(container, '.reading')).toBe('cat · pc2 · 10');
  });
  it('histograms per group lie over one another and are read bin by bin', async () => {
    const container = show({ kind: 'histogram', value: 'points', groups: 'layer', bins: 4 });
    expect(all(container, 'path.layer')).toHaveLength(2);
    await press(container.querySelector('svg')!, 'ArrowRight');
    expect(text(container, '.note')).toContain('0 – 75');
    expect(text(container, '.note')).toContain('18');
  });
});

describe('scatter', () => {
  const view: View = {
    kind: 'scatter',
    value: 'points',
    choose: ['layer'],
    color: 'kinds',
    categories: [rich('词'), rich('符号')],
    background: 'map',
  };
  it('points with shapes per category, names, a legend', () => {
    const container = show(view);
    expect(all(container, 'path.point')).toHaveLength(3);
    expect(new Set(all(container, 'path.point').map((e) => e.getAttribute('d'))).size).toBe(2);
    expect(
      all(container, '.key')
        .map((e) => e.textContent!.trim())
        .slice(0, 2),
    ).toEqual(['词', '符号']);
    expect(text(container, '[data-legend]')).toMatch(/0.*0\.5.*1/);
    expect(container.querySelector('path.boundary')).not.toBeNull();
  });
  it('the keyboard goes from point to point', async () => {
    const container = show(view);
    await press(container.querySelector('svg')!, 'ArrowRight');
    expect(text(container, '.reading')).toContain('the pc1 = 0, pc2 = 0');
    await press(container.querySelector('svg')!, 'ArrowRight');
    expect(text(container, '.reading')).toContain('cat pc1 = 1, pc2 = 10');
  });
  it('the axis a reader chooses moves the points and not the scale', async () => {
    const container = show(view);
    const ticks = () => all(container, '.tick').map((e) => e.textContent);
    const before = ticks();
    const places = () => all(container, 'path.point').map((e) => e.getAttribute('transform'));
    const first = places();
    const slider = container.querySelector<HTMLInputElement>('.chooser input')!;
    slider.value = '1';
    await fireEvent(slider, new Event('input', { bubbles: true }));
    expect(text(container, '.chooser output')).toBe('1');
    expect(places()).not.toEqual(first);
    expect(ticks()).toEqual(before);
  });
  it('arrows to where points go, points joined, a category hidden', async () => {
    const container = show({
      kind: 'scatter',
      value: 'points',
      select: { layer: 0 },
      to: 'points',
      connect: true,
      color: 'kinds',
    });
    expect(all(container, 'line.arrow')).toHaveLength(3);
    expect(all(container, 'path.joined')).toHaveLength(1);
    await click(all(container, 'button.key')[1]!);
    expect(all(container, 'path.point')).toHaveLength(1);
  });
  it('a point that is not finite is named', () => {
    const container = show({ kind: 'scatter', value: 'costs', columns: ['start', 'end'] });
    expect(all(container, 'path.point')).toHaveLength(3);
    expect(text(container, '.bad')).toBe('非有限值 × 1');
  });
});

describe('arcs', () => {
  const view: View = { kind: 'arcs', value: 'heads', heads: 'head', tokens: 'words' };
  it('one arc per weight of the heads that are on; masked ones have none', async () => {
    const container = show(view);
    expect(all(container, 'path.arc')).toHaveLength(7);
    expect(all(container, '.token').map((e) => e.textContent)).toEqual(['low', '##est', 'low', '##est']);
    await click(all(container, '.head')[1]!);
    expect(all(container, 'path.arc')).toHaveLength(3);
    await click(all(container, '.head')[0]!); // the last one stays on
    expect(all(container, 'path.arc')).toHaveLength(3);
  });
  it('by keyboard: a query alone, then the key whose weight is explained', async () => {
    const container = show(view);
    const svg = container.querySelector('svg')!;
    await press(svg, 'ArrowDown');
    expect(all(container, 'path.arc.faint')).toHaveLength(4);
    expect(text(container, '[aria-live]')).toContain('low → low 0.8');
    expect(all(container, '.token.masked').map((e) => e.textContent)).toEqual(['##est']);
    expect(text(container, '.legend')).toContain('合计 0.8');
    await press(svg, 'ArrowRight');
    expect(text(container, '.explain')).toContain('0.8');
    await press(svg, 'Escape');
    expect(all(container, 'path.arc.faint')).toHaveLength(0);
  });
  it('thickness has a legend with numbers', () => {
    expect(text(show(view), '[data-legend]')).toMatch(/0\.9.*0\.45.*0\.09/);
  });
});

describe('tokens', () => {
  it('ids, weights with a legend, what is not finite marked', () => {
    const container = show({ kind: 'tokens', value: 'two', ids: true, weights: 'amounts' });
    expect(all(container, '.id').map((e) => e.textContent)).toEqual(['5', '9', '5', '7', '8']);
    expect(text(container, '[data-legend]')).toContain('0.5');
    expect(text(container, '[data-legend]')).toContain('非有限值');
  });
  it('pieces that differ from the first strip are marked', () => {
    const container = show({ kind: 'tokens', value: 'two', differences: true, align: true });
    expect(all(container, '.piece.differs').map((e) => e.textContent!.split('(')[0]!.trim())).toEqual(['e', 'st']);
  });
  it('pointing at a piece lights up what covers the same characters everywhere', async () => {
    const container = show({ kind: 'tokens', value: 'two' });
    await fireEvent(container.querySelector('[data-piece="0.1"]')!, new FocusEvent('focus'));
    expect(all(container, '.piece.linked').map((e) => e.textContent!.trim())).toEqual(['est', 'e', 'st']);
  });
  it('arrow keys walk through the pieces, one stop for Tab', async () => {
    const container = show({ kind: 'tokens', value: 'two' });
    expect(all(container, '.piece[tabindex="0"]')).toHaveLength(1);
    await press(container.querySelector('[data-piece="0.0"]')!, 'ArrowDown');
    expect(document.activeElement!.getAttribute('data-piece')).toBe('1.0');
    await press(document.activeElement!, 'ArrowRight');
    expect(document.activeElement!.getAttribute('data-piece')).toBe('1.1');
  });
});

describe('table', () => {
  const view: View = { kind: 'table', value: 'costs', bars: ['end'] };
  const order = (container: Element) =>
    all(container, 'tbody tr').map((row) => row.querySelector('td')!.textContent!.trim());
  it('sorts by a tap on the heading: down, up, and back', async () => {
    const container = show(view);
    const heading = () => all(container, 'th button')[2]!;
    await click(heading());
    expect(order(container)).toEqual(['feed', 'attend', 'embed', 'broken']);
    expect(all(container, 'th')[2]!.getAttribute('aria-sort')).toBe('descending');
    await click(heading());
    expect(order(container)).toEqual(['embed', 'attend', 'feed', 'broken']);
    await click(heading());
    expect(all(container, 'th')[2]!.getAttribute('aria-sort')).toBe('none');
  });
  it('begins as the lesson says; yes and no, bars and NaN are drawn', () => {
    const container = show({ ...view, sort: { column: 'start', descending: true }, limit: 2 });
    expect(order(container)).toEqual(['broken', 'feed']);
    expect(text(container, 'td.yes')).toBe('✓是');
    expect(text(container, 'td.lost')).toBe('NaN');
    expect(all(container, '.bar').map((e) => (e as HTMLElement).style.width)).toEqual(['0%', '100%']);
    expect(container.textContent).toContain('还有 2 行');
  });
});

describe('diagram', () => {
  const view: View = { kind: 'diagram', value: 'graph', weights: 'shares' };
  it('boxes with shapes, groups, lit wires, weights with a legend', () => {
    const container = show(view);
    expect(all(container, '[data-box]')).toHaveLength(4);
    expect(text(container, '[data-box="x"]')).toBe('输入[3, 3]');
    expect(text(container, '.group-name')).toBe('注意力');
    expect(all(container, '.wire.lit')).toHaveLength(1);
    expect(container.querySelector('[data-box="k"]')!.classList.contains('quiet')).toBe(true);
    expect(text(container, '[data-legend]')).toContain('0.75');
  });
  it('a box opens its tensor beside it and closes again', async () => {
    const container = show(view);
    await click(container.querySelector('[data-box="q"]')!);
    expect(container.querySelector('.inside [data-view="heatmap"]')).not.toBeNull();
    await click(container.querySelector('[data-box="k"]')!);
    expect(text(container, '.inside')).toContain('没有可看的张量');
    await press(container.querySelector('[data-box="k"]')!, 'Escape');
    expect(container.querySelector('.inside')).toBeNull();
  });
  it('arrow keys move along the wires, one stop for Tab', async () => {
    const container = show({ ...view, open: 'x' });
    expect(all(container, '[data-box][tabindex="0"]').map((e) => e.getAttribute('data-box'))).toEqual(['x']);
    await press(container.querySelector('[data-box="x"]')!, 'ArrowDown');
    expect(['q', 'k', 'out']).toContain(document.activeElement!.getAttribute('data-box'));
  });
});

describe('image', () => {
  it('a picture per index with its caption, patches outlined, a number laid over each', () => {
    const container = show({ kind: 'image', value: 'digits', tiles: 'sample', patch: 2, overlay: 'patchwise' });
    expect(all(container, '[data-picture]')).toHaveLength(2);
    expect(all(container, '.caption').map((e) => e.textContent)).toEqual(['three', 'four']);
    expect(all(container, '[data-over]')).toHaveLength(4);
    expect(all(container, 'line.cut')).toHaveLength(2);
    expect(text(container, '.keys')).toMatch(/15.*patchwise.*0\.4/);
  });
  it('is read pixel by pixel', async () => {
    const container = show({
      kind: 'image',
      value: 'digits',
      select: { sample: 'four' },
      patch: 2,
      overlay: 'patches' as never,
    });
    expect(container.querySelector('[role=alert]')!.textContent).toContain('patches');
    const good = show({ kind: 'image', value: 'digits', select: { sample: 'four' }, patch: 2 });
    await press(good.querySelector('svg')!, 'ArrowRight', 'ArrowRight', 'ArrowDown');
    expect(text(good, '.reading')).toBe('像素 [1, 1] = 13 · 图块 0');
  });
});

describe('formula', () => {
  it('a term and the picture of its value light each other up', async () => {
    const formula = show({ kind: 'formula', latex: [['\\term{points}{P}+\\term{heads}{h}']] });
    const picture = show({ kind: 'image', value: 'digits', tiles: 'sample' });
    const bars = show({ kind: 'scatter', value: 'points', select: { layer: 0 } });
    await vi.waitFor(() => expect(formula.querySelectorAll('.terms button')).toHaveLength(2));
    expect(text(formula, '.terms')).toContain('points [2, 3, 3]');
    await fireEvent(formula.querySelector('.terms button')!, new FocusEvent('focus'));
    expect(bars.querySelector('figure')!.classList.contains('lit')).toBe(true);
    expect(picture.querySelector('figure')!.classList.contains('lit')).toBe(false);
    expect(formula.querySelector('.formula .term-points')!.classList.contains('lit')).toBe(true);
    await fireEvent(formula.querySelector('.terms button')!, new FocusEvent('blur'));
    expect(bars.querySelector('figure')!.classList.contains('lit')).toBe(false);
    await fireEvent(bars.querySelector('figure')!, new FocusEvent('focusin', { bubbles: true }));
    expect(formula.querySelector('.formula .term-points')!.classList.contains('lit')).toBe(true);
  });
});

describe('stepper along an axis', () => {
  it('moves every picture that has the axis, by slider, buttons and keys', async () => {
    const container = show({
      kind: 'stepper',
      axis: 'layer',
      views: [
        { kind: 'scatter', value: 'points' },
        { kind: 'bar', value: 'points', select: { component: 'pc1' } },
      ],
    });
    const first = () => all(container, 'path.point')[0]!.getAttribute('transform');
    const before = first();
    expect(text(container, 'p.label')).toBe('层 0');
    await press(container.querySelector('.steps')!, 'ArrowRight');
    expect(text(container, 'p.label')).toBe('层 1');
    expect(first()).not.toBe(before);
    expect(all(container, '.steps button')[1]!.hasAttribute('disabled')).toBe(true);
    await click(all(container, '.steps button')[0]!);
    expect(first()).toBe(before);
  });
  it('plays to its end and stops', async () => {
    vi.useFakeTimers();
    const container = show({ kind: 'stepper', axis: 'layer', views: [{ kind: 'scatter', value: 'points' }] });
    container.querySelector<HTMLButtonElement>('.steps button[aria-pressed]')!.click();
    flushSync();
    vi.advanceTimersByTime(3000);
    flushSync();
    expect(text(container, 'p.label')).toBe('层 1');
    expect(container.querySelector('.steps button[aria-pressed="true"]')).toBeNull();
    vi.useRealTimers();
  });
});

describe('controls for grids and images', () => {
  const parameter = (kind: 'grid' | 'image') => ({
    name: 'drawn',
    kind,
    label: { zh: '画', en: 'draw' },
    doc: { zh: '', en: '' },
    default: { rows: 2, columns: 2, cells: [0, 0, 0, 0] },
    minimum: 0,
    maximum: 1,
  });
  function control(kind: 'grid' | 'image', cells = [0, 0, 0, 1]) {
    const onchange = vi.fn();
    const value = { rows: 2, columns: 2, cells };
    const { container } = render(Controls as never, {
      entry: { ...entry, parameters: [parameter(kind)] },
      names: ['drawn'],
      values: { drawn: value },
      presets: { drawn: value },
      error: undefined,
      onchange,
    });
    const svg = container.querySelector('[data-parameter="drawn"] svg')!;
    svg.getBoundingClientRect = () => ({ left: 0, top: 0, width: 100, height: 100 }) as DOMRect;
    return { container, svg, onchange };
  }
  const pointer = (type: string, x: number, y: number) =>
    Object.assign(new MouseEvent(type, { clientX: x, clientY: y, button: 0, buttons: 1, bubbles: true }), {
      pointerId: 1,
    });

  it('a mask: a tap switches a cell, a drag paints what the first one became', async () => {
    const { svg, onchange } = control('grid');
    await fireEvent(svg, pointer('pointerdown', 10, 10));
    expect(onchange).toHaveBeenLastCalledWith('drawn', { rows: 2, columns: 2, cells: [1, 0, 0, 1] });
    await fireEvent(svg, pointer('pointermove', 90, 10));
    expect(onchange).toHaveBeenLastCalledWith('drawn', { rows: 2, columns: 2, cells: [0, 1, 0, 1] });
  });
  it('by keyboard', async () => {
    const { svg, onchange } = control('image');
    await press(svg, 'ArrowRight', 'ArrowDown', ' ');
    expect(onchange).toHaveBeenLastCalledWith('drawn', { rows: 2, columns: 2, cells: [0, 0, 0, 0] });
  });
  it('an image: a stroke leaves ink, the rubber takes it, and all can be cleared', async () => {
    const { svg, container, onchange } = control('image');
    await fireEvent(svg, pointer('pointerdown', 25, 25));
    expect(onchange.mock.lastCall![1].cells[0]).toBe(1);
    const [rubber, clear] = all(container, '.tools button');
    await click(rubber!);
    await fireEvent(svg, pointer('pointerdown', 75, 75));
    expect(onchange.mock.lastCall![1].cells[3]).toBe(0);
    await click(clear!);
    expect(onchange.mock.lastCall![1].cells).toEqual([0, 0, 0, 0]);
  });
});

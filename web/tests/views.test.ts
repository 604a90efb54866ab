import { cleanup, fireEvent, render } from './render';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import Controls from '../src/controls/Controls.svelte';
import { settings } from '../src/i18n/language.svelte';
import type { View } from '../src/lesson/types';
import { preloadViews, viewKinds } from '../src/views/registry';
import ViewFrame from '../src/views/ViewFrame.svelte';
import { attentionFrame, entry, frameOf, tensor } from './fixtures';

beforeAll(() => preloadViews(viewKinds.map((kind) => ({ kind }) as View)));
afterEach(cleanup);
settings.setLanguage('zh');
const rich = (text: string) => ({ zh: [text], en: [text] });

function show(view: View, texts: Record<string, string> = {}, more = {}) {
  return render(ViewFrame as never, { view, frame: attentionFrame, texts, parameters: {}, entry, ...more });
}

describe('views with a fixed frame', () => {
  it('line: one curve per tick, named as the control names it', () => {
    const { container } = show(
      {
        kind: 'line',
        curves: [{ value: 'sweep', lines: 'scale', x: 'd_k' }],
        references: [{ at: '2.5', label: rich('界') }],
      },
      { '2.5': '2.5' },
    );
    expect(container.querySelectorAll('path.curve')).toHaveLength(2);
    expect(container.querySelector('.keys')!.textContent).toContain('不缩放');
    expect(container.querySelector('.mark-label')!.textContent).toBe('界');
  });

  it('line: a pinned run lies in the same picture', () => {
    const { container } = show({ kind: 'line', curves: [{ value: 'curve' }] }, {}, { peer: attentionFrame });
    expect(container.querySelectorAll('path.curve.peer')).toHaveLength(1);
  });

  it('bar and histogram', () => {
    expect(show({ kind: 'bar', value: 'rows' }).container.querySelectorAll('svg rect')).toHaveLength(4);
    const { container } = show({ kind: 'histogram', value: 'rows', bins: 5, x: { log: true } });
    expect(container.querySelectorAll('svg rect')).toHaveLength(5);
  });

  it('cards show evaluated numbers', () => {
    const { container } = show(
      { kind: 'cards', items: [{ label: rich('损失'), expression: 'loss | .3g' }] },
      { 'loss | .3g': '0.123' },
    );
    expect(container.querySelector('dd')!.textContent).toBe('0.123');
  });

  it('table: counts stand in full, options read as on the control', () => {
    const columns = [
      { name: 'scale', kind: 'text', label: { zh: '缩放', en: 'scale' } },
      { name: 'flops', kind: 'integer', label: { zh: '次数', en: 'count' } },
      { name: 'ms', kind: 'number', label: { zh: '毫秒', en: 'ms' } },
    ];
    const rows = [['none', 8388608, 0.123456]];
    const frame = frameOf({ costs: { kind: 'table', columns, rows } } as never);
    const { container } = show({ kind: 'table', value: 'costs' }, {}, { frame });
    const cells = [...container.querySelectorAll('tbody td')].map((cell) => cell.textContent!.trim());
    expect(cells).toEqual(['不缩放', '8\u202f388\u202f608', '0.1235']);
  });

  it('table: one wider than its column says that it scrolls; the hint goes with the need', async () => {
    const wide = vi.spyOn(HTMLElement.prototype, 'scrollWidth', 'get').mockReturnValue(600);
    const { container } = show({ kind: 'table', value: 'merges', columns: ['count'] });
    const box = container.querySelector('.scroll')!;
    await fireEvent(box, new Event('scroll'));
    expect(container.textContent).toContain('左右滑动看其余');
    expect([box.classList.contains('right'), box.getAttribute('tabindex')]).toEqual([true, '0']);
    wide.mockReturnValue(0);
    await fireEvent(box, new Event('scroll'));
    expect(container.textContent).not.toContain('左右滑动看其余');
    wide.mockRestore();
  });

  it('names stand in the language of the reader: ticks, axes, what lies over an image', () => {
    const moved = tensor(
      [1, 2, 3, 4],
      [2, 2],
      [{ name: 'sublayer', ticks: ['feed-forward', 'attention'] }, { name: 'token' }],
    );
    const image = tensor([0, 1, 1, 0], [2, 2], [{ name: 'row' }, { name: 'column' }]);
    const frame = frameOf({ moved, image, marks: image });
    const told = {
      ...entry,
      outputs: [{ name: 'marks', kind: 'tensor', doc: { zh: '看到的份额', en: 'share seen' } }],
    };
    const keys = show({ kind: 'bar', value: 'moved', groups: 'sublayer' }, {}, { frame }).container.textContent;
    expect(keys).toContain('前馈网络');
    expect(keys).not.toContain('feed-forward');
    const over = show({ kind: 'image', value: 'image', overlay: 'marks' }, {}, { frame, entry: told }).container;
    expect(over.querySelector('.keys')!.textContent).toContain('看到的份额');
  });

  it('table: long ones are cut with a way to the rest; the last row may be marked', async () => {
    const { container } = show({ kind: 'table', value: 'merges', columns: ['count'], highlight: 'last' });
    expect(container.querySelectorAll('tbody tr')).toHaveLength(14);
    expect(container.querySelector('tbody tr.highlight')!.textContent!.trim()).toBe('19');
    await fireEvent([...container.querySelectorAll('button')].at(-1)!, new MouseEvent('click', { bubbles: true }));
    expect(container.querySelectorAll('tbody tr')).toHaveLength(20);
  });

  it('tokens: a byte fragment is part of its character, never a replacement sign', async () => {
    const { container } = show({ kind: 'tokens', value: 'tokens' });
    const pieces = [...container.querySelectorAll('.piece')].map((e) => e.textContent!.replace(/\s/g, ''));
    expect(pieces).toEqual(['狗1/2', '狗2/2', '␣', 'a', '##b', '[UNK]']);
    expect(container.textContent).not.toContain('\uFFFD');
    await fireEvent(container.querySelector('.piece')!, new MouseEvent('click', { bubbles: true }));
    expect(container.querySelector('.detail')!.textContent).toContain('E7 8B');
  });

  it('formula: KaTeX with the numbers in it, terms in the colour of their role', async () => {
    const { container } = show({ kind: 'formula', latex: [['\\term{query}{q}=', 'x', '']] }, { x: '2.5' });
    await vi.waitFor(() => expect(container.querySelector('.katex')).not.toBeNull());
    expect(container.querySelector('.role-query')).not.toBeNull();
    expect(container.querySelector('.formula')!.textContent).toContain('2.5');
  });

  it('a missing output is an error in place that names it', () => {
    const { container } = show({ kind: 'heatmap', value: 'nothing' });
    expect(container.querySelector('[role=alert]')!.textContent).toContain('nothing');
    expect(show({ kind: 'hologram' } as never).container.querySelector('.error')!.textContent).toContain('hologram');
  });

  it('values that are not finite are marked, in every picture', () => {
    const broken = frameOf({ x: tensor([NaN, Infinity, 1], [3], [{ name: 'i' }]) });
    const bars = show({ kind: 'bar', value: 'x' }, {}, { frame: broken }).container;
    expect([...bars.querySelectorAll('.bad')].map((e) => e.textContent!.trim())).toEqual(['NaN', '∞']);
  });

  it('any figure is a table too, in words', async () => {
    const { container } = show({ kind: 'heatmap', value: 'sweep' });
    await fireEvent(container.querySelector('.tools button')!, new MouseEvent('click', { bubbles: true }));
    expect(container.querySelector('table')!.textContent).toContain('缩放 开方');
  });
});

describe('Controls', () => {
  const values = { d_k: 64, rate: 0.1, scale: 'sqrt', on: true, corpus: 'low 狗' };
  const names = ['d_k', 'rate', 'scale', 'on', 'corpus'];
  const make = (more = {}) => {
    const onchange = vi.fn();
    const { container } = render(Controls as never, {
      entry,
      names,
      values,
      presets: values,
      error: undefined,
      onchange,
      ...more,
    });
    return { container, onchange, at: (name: string) => container.querySelector(`[data-parameter="${name}"]`)! };
  };

  it('are made from the catalog', () => {
    const { at } = make();
    expect(at('d_k').querySelector('input[type=range]')!.getAttribute('max')).toBe('8');
    expect(at('scale').querySelectorAll('option')).toHaveLength(2);
    expect(at('on').querySelector<HTMLInputElement>('[role=switch]')!.checked).toBe(true);
    expect(at('corpus').textContent).toContain('5 / 100');
  });

  it('report changes by name', async () => {
    const { at, onchange } = make();
    const slider = at('d_k').querySelector<HTMLInputElement>('input[type=range]')!;
    slider.value = '5';
    await fireEvent(slider, new Event('input', { bubbles: true }));
    expect(onchange).toHaveBeenLastCalledWith('d_k', 128);
    const field = at('rate').querySelector<HTMLInputElement>('input.number')!;
    field.value = 'much';
    await fireEvent(field, new Event('change', { bubbles: true }));
    expect(onchange).toHaveBeenLastCalledWith('rate', 'much');
  });

  it('show an error at its parameter, with a way back', async () => {
    const error = { kind: 'out_of_range', message: { zh: '太大', en: 'too large' }, parameter: 'd_k' };
    const { at, onchange } = make({ error, values: { ...values, d_k: 4096 } });
    expect(at('d_k').querySelector('[role=alert]')!.textContent).toContain('太大');
    expect(at('scale').querySelector('[role=alert]')).toBeNull();
    await fireEvent(at('d_k').querySelector('[role=alert] button')!, new MouseEvent('click', { bubbles: true }));
    expect(onchange).toHaveBeenLastCalledWith('d_k', 64);
  });

  it('show a parameter at fault even where it is no control of this part', () => {
    const error = { kind: 'out_of_range', message: { zh: '太大', en: '' }, parameter: 'rate' };
    expect(make({ error, names: ['d_k'] }).at('rate').textContent).toContain('太大');
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import type { Part, Rich, View } from '../src/lesson/types';
import Predict from '../src/pages/Predict.svelte';
import Cards from '../src/views/Cards.svelte';
import { cleanup, render } from './render';

afterEach(cleanup);
const rich = (text: string): Rich => ({ zh: [text], en: [text] });

describe('what is still being computed', () => {
  const cards = (run: object | undefined) => {
    const view = { kind: 'cards', items: [{ expression: 'speed', label: rich('speed') }] } as unknown as View;
    return render(Cards as never, { view, texts: { speed: 'NaN' }, run }).container.querySelector('dd')!.textContent;
  };
  it('is no number on a card yet; one that failed is', () => {
    expect(cards({ mode: 'once', last: false })).toBe('…');
    expect(cards({ mode: 'once', last: true })).toBe('NaN');
    expect(cards({ mode: 'training', last: false })).toBe('NaN');
    expect(cards(undefined)).toBe('NaN');
  });
  it('is not said to differ from the preset by a prediction', () => {
    const predict = { question: rich('?'), options: [], explain: rich('!') } as unknown as Part['predict'];
    const said = (computing: boolean) =>
      render(Predict as never, {
        predict,
        results: undefined,
        texts: {},
        computing,
        revealed: true,
        onreveal: () => undefined,
      }).container.textContent;
    expect(said(true)).toMatch(/正在算|computing/);
    expect(said(false)).toMatch(/参数改过|settings differ/);
  });
});

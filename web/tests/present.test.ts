import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseRoute } from '../src/app/route';
import type { Lesson, Rich } from '../src/lesson/types';
import { actionOf, fromRemote } from '../src/pages/present_keys';
import { rememberedPlace, rememberPlace } from '../src/pages/present_place';
import { slidesOf, wordsOf } from '../src/pages/present_slides';

const rich = (text: string): Rich => ({ zh: [text], en: [text] });

function press(target: Element, key: string, how: KeyboardEventInit & { taken?: boolean } = {}) {
  let action;
  let remote = false;
  const own = (event: Event) => how.taken && event.preventDefault();
  const read = (event: Event) => {
    action = actionOf(event as KeyboardEvent);
    remote = fromRemote(event as KeyboardEvent);
  };
  target.addEventListener('keydown', own);
  window.addEventListener('keydown', read, { once: true });
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...how }));
  target.removeEventListener('keydown', own);
  return { action, remote };
}

describe('keys while presenting', () => {
  const place = (html: string): Element => {
    document.body.innerHTML = html;
    return document.body.querySelector('[data-here]')!;
  };
  afterEach(() => document.body.replaceChildren());

  it('turn slides, figures, and the film', () => {
    const stage = place('<div data-here></div>');
    const keys = [' ', 'Enter', 'ArrowRight', 'PageDown', 'ArrowLeft', 'ArrowDown', 'ArrowUp', 'P', 'f', 'Escape', 'x'];
    expect(keys.map((key) => press(stage, key).action)).toEqual([
      ...['forward', 'forward', 'forward', 'forward', 'back', 'down', 'up', 'play', 'full', 'leave'],
      undefined,
    ]);
    expect(press(stage, 'f', { ctrlKey: true }).action).toBeUndefined();
  });
  it('belong to a control or a figure that has the focus; Escape there only lets go', () => {
    for (const html of ['<select data-here></select>', '<div role="grid" data-here></div>', '<input data-here>']) {
      const held = place(html);
      expect(press(held, 'ArrowRight').action).toBeUndefined();
      expect(press(held, 'Escape').action).toBe('release');
    }
    expect(press(place('<div data-here></div>'), 'ArrowRight', { taken: true }).action).toBeUndefined();
    const button = place('<button data-here>x</button>');
    expect([press(button, ' ').action, press(button, 'ArrowRight').action]).toEqual([undefined, 'forward']);
  });
  it('of a remote control turn slides wherever the focus is, but not in a text', () => {
    const grid = press(place('<div role="grid" data-here></div>'), 'PageDown');
    expect([grid.action, grid.remote]).toEqual(['forward', true]);
    expect(press(place('<div role="grid" data-here></div>'), 'PageUp').action).toBe('back');
    expect(press(place('<textarea data-here></textarea>'), 'PageDown')).toEqual({ action: undefined, remote: false });
    expect(press(place('<p data-here></p>'), 'ArrowRight').remote).toBe(false);
  });
  it('leave the slides alone under an open card', () => {
    expect(press(place('<dialog open></dialog><p data-here></p>'), 'ArrowRight').action).toBeUndefined();
  });
});

describe('slides', () => {
  const lesson = {
    question: rich('why'),
    answer: { short: rich('because'), full: rich('at length') },
    parts: [{}, {}],
    wrong: [{ claim: rich('no'), why: rich('since') }],
    followups: [{ question: rich('and'), answer: rich('so') }],
    rubric: [rich('point')],
  } as unknown as Lesson;

  it('hide every answer once before they show it', () => {
    const slides = slidesOf(lesson);
    expect(slides.map((slide) => (slide.kind === 'text' ? (slide.hidden ? '?' : '!') : slide.kind))).toEqual([
      ...['question', 'part', 'part', '?', '!', '!', '?', '!', '?', '!'],
      'list',
    ]);
  });
  it('tell their words as far as they are shown', () => {
    const words = slidesOf(lesson).map((slide) => wordsOf(slide).map((text) => text.en[0]));
    expect(words[3]).toEqual(['why']);
    expect(words[4]).toEqual(['why', 'because']);
    expect(words.at(-1)).toEqual(['point']);
    expect(words[1]).toEqual([]);
  });
});

describe('where a presentation goes on', () => {
  const from = (hash: string) => {
    location.hash = hash;
    return rememberedPlace(parseRoute(hash));
  };
  beforeEach(() => sessionStorage.clear());

  it('is where this tab left off, after a reload with settings in the address too', () => {
    expect(from('#/present/1-04')).toBe(0);
    rememberPlace('1-04', 6);
    expect(from('#/present/1-04')).toBe(6);
    expect(from('#/present/1-02')).toBe(0);
    location.hash = '#/present/1-04?d_k=64';
    rememberPlace('1-04', 7);
    expect(from('#/present/1-04?d_k=64')).toBe(7);
  });
  it('is the part that a link names', () => {
    rememberPlace('1-04', 6);
    expect(from('#/present/1-04?part=2')).toBe(2);
    expect(from('#/present/1-04?seed=3')).toBe(1);
  });
  it('is the front where what was kept cannot be read', () => {
    for (const junk of ['{', 'null', '"7"', '{"at":"x"}']) {
      sessionStorage.setItem('glassformer.present.1-04', junk);
      expect(from('#/present/1-04')).toBe(0);
    }
  });
});

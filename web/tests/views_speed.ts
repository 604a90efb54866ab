// Mounted by tests/bench/views.mjs in a real browser: how long a picture takes from a new frame to drawn pixels.
import { flushSync, mount } from 'svelte';
import type { Frame, TensorValue } from '../src/engine/protocol';
import type { View } from '../src/lesson/types';
import { preloadViews } from '../src/views/registry';
import { entry, frameOf, tensor } from './fixtures';
import SpeedFrame from './SpeedFrame.svelte';

type Axes = TensorValue['axes'];
const filled = (shape: number[], axes: Axes, seed: number, role: TensorValue['role'] = 'none') =>
  tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.abs(Math.sin(seed + i * 1.7))),
    shape,
    axes,
    { role },
  );
const square: Axes = [{ name: 'query' }, { name: 'key' }];
const lines: Axes = [
  { name: 'update', ticks: Array.from({ length: 1000 }, (_, i) => String(i)) },
  { name: 'curve', ticks: ['a', 'b', 'c', 'd'] },
];

const kinds: Record<string, { view: View; frame: (seed: number) => Frame }> = {
  heatmap: {
    view: { kind: 'heatmap', value: 'x' },
    frame: (seed) => frameOf({ x: filled([64, 64], square, seed, 'probability') }),
  },
  chart: {
    view: { kind: 'line', curves: [{ value: 'x', lines: 'curve', x: 'update' }] },
    frame: (seed) => frameOf({ x: filled([1000, 4], lines, seed) }),
  },
  heads: {
    view: { kind: 'heatmap', value: 'x' },
    frame: (seed) => frameOf({ x: filled([128, 32, 32], [{ name: 'head' }, ...square], seed, 'probability') }),
  },
};

const state: Record<string, { set: (frame: Frame) => void; host: HTMLElement }> = {};
async function show(kind: string) {
  const { view, frame } = kinds[kind]!;
  await preloadViews([view]);
  const host = document.body.appendChild(document.createElement('div'));
  host.style.width = '640px';
  const component = mount(SpeedFrame as never, { target: host, props: { view, entry, first: frame(0) } }) as {
    set: (frame: Frame) => void;
  };
  flushSync();
  state[kind] = { set: component.set, host };
}
/** Milliseconds of script for each of so many new frames: state, document and canvas, up to a pixel read back. */
async function redraw(kind: string, times: number): Promise<number[]> {
  const { set, host } = state[kind]!;
  const spent: number[] = [];
  for (let i = 1; i <= times; i += 1) {
    const next = kinds[kind]!.frame(i);
    const start = performance.now();
    set(next);
    flushSync();
    const canvas = [...host.querySelectorAll('canvas')].at(-1);
    if (canvas) canvas.getContext('2d')!.getImageData(0, 0, 1, 1);
    else void host.getBoundingClientRect(); // style and layout of the drawing
    spent.push(performance.now() - start);
    await new Promise((done) => setTimeout(done, 5));
  }
  return spent;
}
/** Scrolls the strip of heads to its end and back: script per position, and the time between frames of the browser. */
async function scroll(steps: number): Promise<{ script: number[]; between: number[] }> {
  const strip = state['heads']!.host.querySelector<HTMLElement>('[role=listbox]')!;
  const script: number[] = [];
  const between: number[] = [];
  let before = await new Promise<number>(requestAnimationFrame);
  for (let i = 0; i <= steps; i += 1) {
    const part = i / steps;
    const start = performance.now();
    strip.scrollTop = (part < 0.5 ? 2 * part : 2 - 2 * part) * (strip.scrollHeight - strip.clientHeight);
    strip.dispatchEvent(new Event('scroll'));
    flushSync();
    script.push(performance.now() - start);
    const now = await new Promise<number>(requestAnimationFrame);
    between.push(now - before);
    before = now;
  }
  return { script, between };
}
Object.assign(globalThis, { speed: { show, redraw, scroll } });

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { otherwise } from '../src/views/palette.svelte';

// The style sheet as it is shipped: what a reader with another colour vision can tell apart, and what everybody can read.
const sheet = readFileSync(join(import.meta.dirname, '../src/app/theme.css'), 'utf8');

const colorsOf = (block: string) =>
  Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name!, hex!]));
const light = colorsOf(/:root \{([^}]*)\}/.exec(sheet)![1]!);
const dark = { ...light, ...colorsOf(/:root\[data-theme='dark'\] \{([^}]*)\}/.exec(sheet)![1]!) };
const themes = { light, dark };

type Triple = [number, number, number];
const linear = (hex: string): Triple =>
  [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as Triple;
const times = (m: Triple[], v: Triple): Triple =>
  m.map((row) => row.reduce((sum, c, i) => sum + c * v[i]!, 0)) as Triple;

// Machado, Oliveira and Fernandes (2009), "A Physiologically-based Model for Simulation of Color Vision Deficiency",
// severity 1, on linear RGB.
const visions: Record<string, Triple[]> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** CIE L*a*b*, D65. */
function lab(rgb: Triple): Triple {
  const [r, g, b] = rgb.map((c) => Math.min(1, Math.max(0, c))) as Triple;
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
/** How far apart two colours look (CIE 1976): 2 is just noticed side by side, over 15 is another colour. */
const difference = (a: string, b: string, vision: Triple[]) => {
  const [one, other] = [a, b].map((hex) => lab(times(vision, linear(hex))));
  return Math.hypot(...one!.map((c, i) => c - other![i]!));
};
const luminance = (hex: string) => {
  const [r, g, b] = linear(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a: string, b: string) => {
  const [more, less] = [luminance(a), luminance(b)].sort((p, q) => q - p);
  return (more! + 0.05) / (less! + 0.05);
};

const told = {
  series: ['series-1', 'series-2', 'series-3', 'series-4', 'series-5', 'series-6'],
  'query, key, value': ['query', 'key', 'value'],
  'ends of the diverging scale': ['positive', 'negative'],
  'right and wrong': ['good', 'bad'],
};
const written = ['ink', 'ink-soft', 'accent', 'good', 'bad', 'warn', ...told.series];
const roles = ['query', 'key', 'value', 'score', 'probability', 'gradient', 'weight', 'loss'];

describe.each(Object.entries(themes))('the %s theme', (_, colors) => {
  const color = (name: string) => colors[name]!;

  it.each(Object.entries(told))('%s: told apart whatever the colour vision', (_what, names) => {
    const close = Object.entries(visions).flatMap(([vision, matrix]) =>
      names.flatMap((a, i) =>
        names.slice(i + 1).flatMap((b) => {
          const apart = difference(color(a), color(b), matrix);
          return apart < 14 ? [`${a} and ${b}, ${vision}: ${apart.toFixed(1)}`] : [];
        }),
      ),
    );
    expect(close).toEqual([]);
  });

  it('every colour that letters have can be read on paper and panel (WCAG 1.4.3)', () => {
    const weak = [...written, ...roles].flatMap((name) =>
      ['paper', 'panel'].flatMap((ground) => {
        const ratio = contrast(color(name), color(ground));
        return ratio < 4.5 ? [`${name} on ${ground}: ${ratio.toFixed(2)}`] : [];
      }),
    );
    expect(weak).toEqual([]);
  });

  it('both scales run from light to dark or dark to light all the way, so that they read in grey', () => {
    const [cell, ...full] = ['cell', 'positive', 'negative', 'sequential'].map((name) => luminance(color(name)));
    const apart = full.map((end) => (Math.max(end, cell!) + 0.05) / (Math.min(end, cell!) + 0.05));
    expect(Math.min(...apart)).toBeGreaterThan(3);
  });
});

it('what a page without the style sheet gets is the light theme', () => {
  expect(otherwise).toEqual(Object.fromEntries(Object.keys(otherwise).map((name) => [name, light[name]])));
});

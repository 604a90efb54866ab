// What a reader of a lesson does, for the end-to-end files.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './browsers.mjs';

/** The lessons that every figure test walks through, with how many parts each has. */
export const lessons = [
  ['1-02', 2],
  ['1-04', 2],
  ['1-18', 3],
];

/** Files of all lessons there are. */
export const lessonFiles = () =>
  readdirSync(join(root, 'lessons'), { recursive: true }).filter((name) => /^chapter-\d+\/\d\d-.*\.json$/.test(name));

/** A lesson as its file has it. */
export function lessonFile(id) {
  const [chapter, number] = id.split('-');
  const folder = join(root, 'lessons', `chapter-${chapter}`);
  return JSON.parse(readFileSync(join(folder, readdirSync(folder).find((name) => name.startsWith(`${number}-`))), 'utf8'));
}

export async function showMe(page) {
  await page.locator('[data-show-me]').click();
  await page.locator('[data-figure] figure').first().waitFor();
}

/** Waits until every check has been judged, and gives their states. */
export async function checkStates(page, timeout = 40_000) {
  await page.waitForFunction(
    () => {
      const all = [...document.querySelectorAll('[data-check]')].map((e) => e.dataset.check);
      return all.length > 0 && !all.some((state) => state === 'waiting' || state === 'needs_runs');
    },
    undefined,
    { timeout },
  );
  return page.locator('[data-check]').evaluateAll((all) => all.map((e) => e.dataset.check));
}

/** The last frame of a run, computed by the native build: what the page must agree with, bit for bit. */
export function nativeValues(experiment, parameters, seed = 1) {
  const values = Object.entries(parameters).flatMap(([name, value]) => [
    '--param',
    `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ]);
  const output = execFileSync(join(root, 'build/native/glassformer'), ['run', experiment, ...values, '--seed', String(seed), '--json'], {
    maxBuffer: 1 << 28,
  });
  return JSON.parse(output).frame.values;
}

const nonFinite = { nan: NaN, inf: Infinity, '-inf': -Infinity };
export const asNumber = (value) => (typeof value === 'string' ? (nonFinite[value] ?? Number(value)) : (value ?? NaN));
/** An element of a tensor of `nativeValues`. */
export function element(tensor, index) {
  const flat = index.reduce((at, i, axis) => at * tensor.shape[axis] + i, 0);
  return asNumber(tensor.data[flat]);
}

/** A number as the page writes it, read back. */
export const read = (text) => Number(text.trim().replace(/[()]/g, '').replaceAll('−', '-').replace('∞', 'Infinity'));
/** What four significant digits leave of a number. */
export const rounded = (value, digits = 4) => (Number.isFinite(value) ? Number(value.toPrecision(digits)) : value);

/** Waits until a training has run to its end. */
export const trained = (page) =>
  page.waitForFunction(
    () => {
      const bar = document.querySelector('.player progress');
      return !bar || bar.value === bar.max;
    },
    undefined,
    { timeout: 40_000 },
  );

import { formatNumber } from './format';
import { textWidth } from './labels';

export interface Tick {
  at: number;
  label: string;
}
export interface Scale {
  min: number;
  max: number;
  log: boolean;
  /** Value -> pixel. */
  map: (value: number) => number;
  ticks: Tick[];
}

/** 1, 2 or 5 times a power of ten: the one that makes nearest to `count` steps. */
export function niceStep(span: number, count: number): number {
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const ratio = rough / power;
  // Halfway between two steps, on a logarithmic measure.
  return (ratio >= Math.sqrt(50) ? 10 : ratio >= Math.sqrt(10) ? 5 : ratio >= Math.SQRT2 ? 2 : 1) * power;
}

function linearTicks(min: number, max: number, count: number): number[] {
  const step = niceStep(max - min, count);
  const ticks: number[] = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max + step * 1e-9; i += 1) ticks.push(i * step);
  return ticks;
}

/** Powers of `base` times each of `factors`, within the range. */
function powers(min: number, max: number, base: number, factors: number[], stride = 1): number[] {
  const low = Math.floor(Math.log(min) / Math.log(base) + 1e-9);
  const high = Math.floor(Math.log(max) / Math.log(base) + 1e-9);
  const ticks: number[] = [];
  for (let exponent = low; exponent <= high; exponent += stride)
    for (const factor of factors) ticks.push(factor * base ** exponent);
  return ticks.filter((tick) => tick >= min * (1 - 1e-9) && tick <= max * (1 + 1e-9));
}

/** Powers of two are read as such up to here; beyond, a decade says more. */
const mostCounted = 2 ** 20;

/** Powers of two where the numbers are (widths); else of ten, with 2 and 5 or 3 between them where the range is short. */
function logTicks(min: number, max: number, count: number, doubling: boolean): number[] {
  if (doubling && max <= mostCounted) {
    const all = powers(min, max, 2, [1]);
    const stride = Math.max(1, Math.ceil(all.length / Math.max(2, count)));
    return all.filter((_, i) => i % stride === 0);
  }
  for (const factors of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = powers(min, max, 10, factors);
    if (ticks.length <= count * 1.6 && ticks.length >= 2) return ticks;
  }
  const decades = powers(min, max, 10, [1]);
  if (decades.length >= 2) return powers(min, max, 10, [1], Math.ceil(decades.length / Math.max(2, count)));
  return linearTicks(min, max, count).filter((tick) => tick > 0);
}

export interface ScaleOptions {
  log?: boolean;
  min?: number | undefined;
  max?: number | undefined;
  /** Pixels of min and max. */
  range: [number, number];
  count?: number;
  /** Room at the ends, as a share of the span; none where an end is given. */
  padding?: number;
}

/** A scale over the finite values. Without any it is 0 ... 1. On a log axis only positive values count. */
export function makeScale(
  values: Iterable<number>,
  { log = false, min, max, range, count = 5, padding = 0.04 }: ScaleOptions,
): Scale {
  let low = Infinity;
  let high = -Infinity;
  let doubling = log;
  for (const value of values) {
    if (!Number.isFinite(value) || (log && value <= 0)) continue;
    if (doubling) doubling = Number.isInteger(Math.log2(value));
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) [low, high] = log ? [0.1, 1] : [0, 1];
  if (min !== undefined) low = Math.min(min, high);
  if (max !== undefined) high = Math.max(max, low);
  const forward = log ? Math.log : (x: number) => x;
  if (low === high)
    [low, high] = log
      ? [low / 2, high * 2]
      : [low - Math.max(0.5, Math.abs(low) / 10), high + Math.max(0.5, Math.abs(high) / 10)];
  const span = forward(high) - forward(low);
  const room = span * padding;
  const start = forward(low) - (min === undefined ? room : 0);
  const end = forward(high) + (max === undefined ? room : 0);
  const back = log ? Math.exp : (x: number) => x;
  const map = (value: number) => range[0] + ((forward(value) - start) / (end - start)) * (range[1] - range[0]);
  const ticks = log
    ? logTicks(back(start), back(end), count, doubling && Number.isFinite(low))
    : linearTicks(back(start), back(end), count);
  return { min: back(start), max: back(end), log, map, ticks: ticks.map((at) => ({ at, label: tickText(at, log) })) };
}

const raised = '⁰¹²³⁴⁵⁶⁷⁸⁹';
/** A power of ten on a log axis stands as 10⁻⁴ where it is shorter so. */
export function tickText(at: number, log: boolean): string {
  const exponent = Math.round(Math.log10(at));
  const power = log && Math.abs(exponent) >= 3 && Math.abs(at / 10 ** exponent - 1) < 1e-9;
  // A tick is exact: 65536, not 65540.
  if (!power) return Number.isInteger(at) && Math.abs(at) < 1e6 ? formatNumber(at, 6) : formatNumber(at, 4);
  const digits = [...String(Math.abs(exponent))].map((digit) => raised[Number(digit)]).join('');
  return `10${exponent < 0 ? '⁻' : ''}${digits}`;
}

/** Room for the labels left of an axis. */
export const leftMargin = (ticks: Tick[]): number =>
  Math.ceil(Math.max(30, ...ticks.map((tick) => textWidth(tick.label) + 10)));

export type ColorKind = 'signed' | 'probability' | 'sequential';
export interface ColorScale {
  kind: ColorKind;
  min: number;
  max: number;
  color: (value: number) => string;
}

/** Signed values diverge from zero in the middle; probabilities and magnitudes grow from the least. */
export function makeColorScale(values: Iterable<number>, kind: ColorKind, min?: number, max?: number): ColorScale {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) [low, high] = [0, 1];
  if (kind === 'signed') {
    const bound = Math.max(Math.abs(min ?? low), Math.abs(max ?? high)) || 1;
    return {
      kind,
      min: -bound,
      max: bound,
      color: (value) => mixed(value < 0 ? '--negative' : '--positive', Math.abs(value) / bound),
    };
  }
  const from = min ?? (kind === 'probability' ? 0 : low);
  const to = Math.max(max ?? high, from + 1e-12);
  return { kind, min: from, max: to, color: (value) => mixed('--sequential', (value - from) / (to - from)) };
}

/** Even steps to the eye; the empty end is the paper's own colour, in light and dark alike. */
function mixed(variable: string, share: number): string {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  return `color-mix(in oklab, var(${variable}) ${percent}%, var(--cell))`;
}

import type { TensorValue } from '../engine/protocol';
import { luminance, mix, type Palette, type Rgb } from './palette.svelte';

/** Signed values diverge from zero in the middle; probabilities and magnitudes grow from the least. */
export type HeatKind = 'signed' | 'probability' | 'sequential';

export interface Range {
  low: number;
  high: number;
  nan: boolean;
  infinite: boolean;
  minusInfinite: boolean;
}

const known = new WeakMap<object, Range>();

/** Least and greatest finite value, and what else there is. Frames never change, so it is found once. */
export function rangeOf(tensor: Pick<TensorValue, 'data'>): Range {
  const before = known.get(tensor.data);
  if (before) return before;
  const range: Range = { low: Infinity, high: -Infinity, nan: false, infinite: false, minusInfinite: false };
  const { data } = tensor;
  for (let i = 0; i < data.length; i += 1) {
    const value = data[i]!;
    if (value - value !== 0) {
      if (value === Infinity) range.infinite = true;
      else if (value === -Infinity) range.minusInfinite = true;
      else range.nan = true;
      continue;
    }
    if (value < range.low) range.low = value;
    if (value > range.high) range.high = value;
  }
  known.set(data, range);
  return range;
}

export interface HeatScale {
  kind: HeatKind;
  min: number;
  max: number;
}

/**
 * One scale for all pictures that are compared: `ranges` are of every tensor among them. Ends are rounded outwards to two
 * digits of the span, so that a legend reads well and does not tremble while a training plays.
 */
export function heatScale(ranges: Range[], kind: HeatKind, min?: number, max?: number): HeatScale {
  let low = Math.min(...ranges.map((r) => r.low));
  let high = Math.max(...ranges.map((r) => r.high));
  if (!(low <= high)) [low, high] = [0, 1];
  if (kind === 'probability') return { kind, min: min ?? 0, max: max ?? Math.max(1, roundUp(high, high)) };
  if (kind === 'signed') {
    const size = Math.max(Math.abs(min ?? low), Math.abs(max ?? high));
    const bound = min !== undefined && max !== undefined ? size : roundUp(size, size) || 1;
    return { kind, min: -bound, max: bound };
  }
  // From zero where zero is near: a magnitude reads best from nothing.
  const from = min ?? (low >= 0 && low <= high / 4 ? 0 : -roundUp(-low, high - low));
  const to = max ?? roundUp(high, high - from);
  return { kind, min: from, max: to > from ? to : from + (Math.abs(from) || 1) };
}

function roundUp(value: number, span: number): number {
  if (!(span > 0)) return value;
  const unit = 10 ** (Math.floor(Math.log10(span)) - 1);
  // Through text: 0.1 * 7 must not read 0.7000000000000001.
  return Number((Math.ceil(value / unit - 1e-9) * unit).toPrecision(12));
}

const steps = 256;

/** Colours of a scale, worked out once: pictures look values up. Signed scales hold two halves. */
export class ColorTable {
  readonly scale: HeatScale;
  /** As four bytes of an ImageData, least first. */
  readonly packed: Uint32Array;
  readonly colors: Rgb[];
  readonly #dark: boolean[];

  constructor(scale: HeatScale, palette: Palette) {
    this.scale = scale;
    const { cell, positive, negative, sequential } = palette;
    const ramp = (full: Rgb) => Array.from({ length: steps }, (_, i) => mix(full, cell, i / (steps - 1)));
    this.colors =
      scale.kind === 'signed' ? [...ramp(negative).reverse(), ...ramp(positive).slice(1)] : ramp(sequential);
    this.packed = Uint32Array.from(this.colors, ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0);
    // Where black and white contrast alike (WCAG): either side of it one of them has more than 4.5.
    this.#dark = this.colors.map((color) => luminance(color) < 0.179);
  }

  /** Which entry a finite value has; beyond the ends it has the end's. */
  indexOf(value: number): number {
    const { min, max } = this.scale;
    const share = (value - min) / (max - min);
    const last = this.colors.length - 1;
    return share <= 0 ? 0 : share >= 1 ? last : Math.round(share * last);
  }
  colorOf(value: number): Rgb {
    return this.colors[this.indexOf(value)]!;
  }
  /** True where the cell is so dark that a number on it must be light. */
  isDark(value: number): boolean {
    return this.#dark[this.indexOf(value)]!;
  }
}

/** The kind of scale a tensor asks for, where the lesson leaves it open. */
export function kindFor(tensor: Pick<TensorValue, 'data' | 'role'>, wanted: HeatKind | 'auto' | undefined): HeatKind {
  if (wanted && wanted !== 'auto') return wanted;
  if (tensor.role === 'probability') return 'probability';
  return rangeOf(tensor).low < 0 ? 'signed' : 'sequential';
}

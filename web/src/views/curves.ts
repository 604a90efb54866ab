import type { ExperimentEntry, Frame } from '../engine/protocol';
import { pieces, t } from '../i18n/language.svelte';
import { fillPlain, type Texts } from '../lesson/live';
import type { Curve, LineView } from '../lesson/types';
import type { Scale } from './scales';
import { axisIndex, sliceOf, tensorOf, tickLabel, ViewError, type Slice } from './tensors';
import { tickWord } from './words';

export interface DrawnCurve {
  /** Unique within the picture, and the same from run to run. */
  key: string;
  name: string;
  /** The output it was read from. */
  value: string;
  xs: number[];
  ys: number[];
  low?: number[] | undefined;
  high?: number[] | undefined;
  color: string;
  dash: string | undefined;
  /** Labels along x where they are not numbers. */
  labels?: string[] | undefined;
}

const dashes = [undefined, undefined, undefined, '8 3', '2 3', '9 3 2 3'];

/** The colour of the i-th of n curves: six that are told apart, or steps of one ramp when there are more. */
export function seriesColor(i: number, n: number): string {
  if (n <= 6) return `var(--series-${(i % 6) + 1})`;
  const share = Math.round((100 * i) / (n - 1));
  return `color-mix(in oklab, var(--series-4) ${share}%, color-mix(in oklab, var(--series-3) 62%, var(--panel)))`;
}

export const tickName = (entry: ExperimentEntry, axis: string, tick: string): string => t(tickWord(entry, axis, tick));

function along(slice: Slice, xAxis: number, l: number): number[] {
  const extent = slice.tensor.shape[xAxis]!;
  return Array.from({ length: extent }, (_, i) => slice.at(slice.axes.map((axis) => (axis === xAxis ? i : l))));
}

function ofTensor(curve: Curve, c: number, frame: Frame, texts: Texts, entry: ExperimentEntry): DrawnCurve[] {
  const tensor = tensorOf(frame, curve.value);
  const slice = sliceOf(tensor, curve.select);
  const edges = (['low', 'high'] as const).map((edge) => {
    const name = curve[edge];
    return name === undefined ? undefined : sliceOf({ ...tensor, data: tensorOf(frame, name).data }, curve.select);
  });
  const xAxis = curve.x
    ? axisIndex(tensor, curve.x)
    : slice.axes.find((axis) => tensor.axes[axis]!.name !== curve.lines)!;
  const lineAxis = curve.lines === undefined ? undefined : axisIndex(tensor, curve.lines);
  if (!(xAxis >= 0) || lineAxis === -1 || slice.axes.length !== (lineAxis === undefined ? 1 : 2))
    throw new ViewError(curve.value);
  const ticks = Array.from({ length: tensor.shape[xAxis]! }, (_, i) => tickLabel(tensor, xAxis, i));
  const numeric = ticks.every((tick) => tick.trim() !== '' && Number.isFinite(Number(tick)));
  const name = curve.label ? fillPlain(pieces(curve.label), texts) : curve.value;
  const lines = lineAxis === undefined ? 1 : tensor.shape[lineAxis]!;
  return Array.from({ length: lines }, (_, l) => ({
    key: `${c}.${curve.value}.${lineAxis === undefined ? '' : tickLabel(tensor, lineAxis, l)}`,
    name: lineAxis === undefined ? name : tickName(entry, curve.lines!, tickLabel(tensor, lineAxis, l)),
    value: curve.value,
    xs: numeric ? ticks.map(Number) : ticks.map((_, i) => i),
    ys: along(slice, xAxis, l),
    low: edges[0] && along(edges[0], xAxis, l),
    high: edges[1] && along(edges[1], xAxis, l),
    color: '',
    dash: undefined,
    labels: numeric ? undefined : ticks,
  }));
}

/** Everything a line view draws of one frame. A curve with a role of its own has its colour; so has an output with one. */
export function curvesOf(view: LineView, frame: Frame, texts: Texts, entry: ExperimentEntry): DrawnCurve[] {
  const roles: (string | undefined)[] = [];
  const drawn = view.curves.flatMap((curve, c) => {
    const value = frame.values[curve.value];
    const ofOne: DrawnCurve[] =
      value?.kind === 'series'
        ? [
            {
              key: `${c}.${curve.value}.`,
              name: curve.label ? fillPlain(pieces(curve.label), texts) : curve.value,
              value: curve.value,
              xs: value.points.map((point) => point[0]),
              ys: value.points.map((point) => point[1] ?? NaN),
              color: '',
              dash: undefined,
            },
          ]
        : ofTensor(curve, c, frame, texts, entry);
    const own = value?.kind === 'tensor' && ['query', 'key', 'value'].includes(value.role) ? value.role : undefined;
    const role = curve.role ?? own;
    ofOne.forEach((line) => {
      roles.push(ofOne.length === 1 ? role : undefined);
      if (curve.dashed) line.dash = '6 4';
    });
    return ofOne;
  });
  // Names are no scale: more than six of them go round the colours again in another stroke, numbers become one ramp.
  const named = drawn.length <= 12 && drawn.some((line) => !Number.isFinite(Number(line.name)));
  const color = (i: number) => seriesColor(i, named ? Math.min(drawn.length, 6) : drawn.length);
  return drawn.map((line, i) => {
    const role = roles[i];
    const shared = role === undefined || roles.indexOf(role) !== roles.lastIndexOf(role);
    return {
      ...line,
      color: shared ? color(i) : `var(--${role}, ${color(i)})`,
      dash: line.dash ?? (named && i >= 6 ? '7 2 1 2' : drawn.length <= 6 ? dashes[i] : undefined),
    };
  });
}

/** What a point that cannot be drawn is: its name, and the edge of the picture it is marked at. */
export function undrawable(value: number, log: boolean): { mark: string; edge: 'top' | 'bottom' } | undefined {
  if (Number.isNaN(value)) return { mark: '✕', edge: 'bottom' };
  if (value === Infinity) return { mark: '▲', edge: 'top' };
  if (value === -Infinity || (log && value <= 0)) return { mark: '▼', edge: 'bottom' };
  return undefined;
}

export interface LostMark {
  px: number;
  mark: string;
  edge: 'top' | 'bottom';
  /** 0 lies at the edge; where a mark of another curve already stands, a mark moves a row inwards. */
  row: number;
}

/**
 * Marks at the edges for what is no number, by the curve's key. No two lie on each other: of one curve's marks closer
 * than a mark's width the first stands, other curves' marks take the next row, and past the last row they are left out
 * (the key below the chart still counts them).
 */
export function lostMarks(
  curves: readonly Pick<DrawnCurve, 'key' | 'xs' | 'ys'>[],
  pixelOf: (value: number) => number,
  log: boolean,
): Map<string, LostMark[]> {
  const width = 12;
  const rows = 3;
  const taken: Record<string, number[]> = {};
  return new Map(
    curves.map((curve) => {
      const marks: LostMark[] = [];
      const last = { top: -Infinity, bottom: -Infinity };
      curve.ys.forEach((value, i) => {
        const lost = undrawable(value, log);
        const px = pixelOf(curve.xs[i]!);
        if (!lost || !Number.isFinite(px) || px < last[lost.edge] + width) return;
        for (let row = 0; row < rows; row += 1) {
          const there = (taken[`${lost.edge} ${row}`] ??= []);
          if (there.some((other) => Math.abs(other - px) < width)) continue;
          there.push(px);
          last[lost.edge] = px;
          marks.push({ px, ...lost, row });
          return;
        }
      });
      return [curve.key, marks];
    }),
  );
}

/** The path of a curve, with a gap where it has no number. More points than pixels become the span of each pixel column. */
export function pathOf(xs: number[], ys: number[], x: Scale, y: Scale): string {
  const drawable = (i: number) => Number.isFinite(ys[i]!) && !(y.log && ys[i]! <= 0) && !(x.log && xs[i]! <= 0);
  let d = '';
  let pen = 'M';
  const dense = xs.length > 2400;
  let column = NaN;
  let low = 0;
  let high = 0;
  const flush = () => {
    if (Number.isNaN(column)) return;
    d += `${pen}${column} ${low.toFixed(1)}L${column} ${high.toFixed(1)}`;
    pen = 'L';
    column = NaN;
  };
  for (let i = 0; i < xs.length; i += 1) {
    if (!drawable(i)) {
      flush();
      pen = 'M';
      continue;
    }
    const py = y.map(ys[i]!);
    if (!dense) {
      // toFixed is five times slower, which four curves of a thousand points feel.
      d += pen + Math.round(x.map(xs[i]!) * 10) / 10 + ' ' + Math.round(py * 10) / 10;
      pen = 'L';
      continue;
    }
    const px = Math.round(x.map(xs[i]!));
    if (px !== column) {
      flush();
      column = px;
      low = high = py;
    }
    low = Math.min(low, py);
    high = Math.max(high, py);
  }
  flush();
  return d;
}

/** The outline of a band, forth along its upper and back along its lower edge, over the stretch where both are numbers. */
export function bandOf(xs: number[], low: number[], high: number[], x: Scale, y: Scale): string {
  const fits = (v: number) => Number.isFinite(v) && !(y.log && v <= 0);
  const at = xs.map((_, i) => i).filter((i) => fits(low[i]!) && fits(high[i]!));
  if (at.length === 0) return '';
  const point = (i: number, v: number) => `${x.map(xs[i]!).toFixed(1)} ${y.map(v).toFixed(1)}`;
  const forth = at.map((i) => point(i, high[i]!));
  const back = at.reverse().map((i) => point(i, low[i]!));
  return `M${[...forth, ...back].join('L')}Z`;
}

/** Index of the nearest of some rising numbers. */
export function nearest(sorted: number[], wanted: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < wanted) low = middle;
    else high = middle;
  }
  return Math.abs(sorted[high]! - wanted) < Math.abs(sorted[low]! - wanted) ? high : low;
}

/** Points along a curve as it is drawn, in pixels and at most `step` apart sideways; `most` of them. */
export function pixelsAlong(
  xs: readonly number[],
  ys: readonly number[],
  x: Scale,
  y: Scale,
  step = 6,
  most = 400,
): [number, number][] {
  const points: [number, number][] = [];
  const stride = Math.max(1, Math.ceil(xs.length / most));
  let last: [number, number] | undefined;
  for (let i = 0; i < xs.length; i += stride) {
    const next: [number, number] = [x.map(xs[i]!), y.map(ys[i]!)];
    if (!Number.isFinite(next[0]) || !Number.isFinite(next[1])) {
      last = undefined;
      continue;
    }
    const between = last ? Math.min(100, Math.floor(Math.abs(next[0] - last[0]) / step)) : 0;
    for (let k = 1; k <= between; k += 1) {
      const part = k / (between + 1);
      points.push([last![0] + (next[0] - last![0]) * part, last![1] + (next[1] - last![1]) * part]);
    }
    points.push(next);
    last = next;
  }
  return points;
}

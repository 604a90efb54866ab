import type { Frame, TensorValue } from '../engine/protocol';
import { pieces, t } from '../i18n/language.svelte';
import { fillPlain, type Texts } from '../lesson/live';
import type { ScatterView } from '../lesson/types';
import { axisIndex, flatIndex, sliceOf, tensorOf, tickLabel, ViewError, type Slice } from './tensors';
import { axisWord } from './words';

export interface Points {
  xs: number[];
  ys: number[];
  names: string[];
  /** Names of the two dimensions. */
  axes: [string, string];
  /** Ends of the scales: over everything the reader can step or choose to, so that the scale stays. */
  extent: { xs: number[]; ys: number[] };
  /** Where each goes. */
  to: { xs: number[]; ys: number[] } | undefined;
  categories: { names: string[]; of: number[] } | undefined;
  /** A number per point, for a colour scale. */
  amounts: number[] | undefined;
  /** The tensor's cell of a point's x. */
  cell: ((point: number) => number[]) | undefined;
  role: string;
}

/** The dimension that a tick or index names. */
function dimension(tensor: TensorValue, axis: number, wanted: string | number): number {
  const tick = tensor.axes[axis]!.ticks?.indexOf(String(wanted)) ?? -1;
  const index = tick >= 0 ? tick : Number(wanted);
  if (!(index >= 0 && index < tensor.shape[axis]!)) throw new ViewError(String(wanted));
  return index;
}

function along(slice: Slice, fixed: number): number[] {
  return Array.from({ length: slice.shape[0]! }, (_, i) => slice.at([i, fixed]));
}

/** Every number of the tensor in this dimension, whatever the other axes. */
function everywhere(tensor: TensorValue, axis: number, index: number): number[] {
  const after = tensor.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const extent = tensor.shape[axis]!;
  const all: number[] = [];
  tensor.data.forEach((value, flat) => {
    if (Math.floor(flat / after) % extent === index) all.push(value);
  });
  return all;
}

function categoriesOf(keys: (string | number)[], names: string[], view: ScatterView, texts: Texts) {
  const ordered = keys.every((key) => typeof key === 'number')
    ? [...new Set(keys as number[])].sort((a, b) => a - b)
    : [...new Set(keys)];
  // Where all points of a category have the same name (a token's), and some share one, that name is the category's.
  const nameAt = new Map(keys.map((key, i) => [key, names[i]!]));
  const byName = keys.length > ordered.length && keys.every((key, i) => nameAt.get(key) === names[i]);
  const nameOf = (key: string | number) => {
    const given = typeof key === 'number' ? view.categories?.[key] : undefined;
    if (given) return fillPlain(pieces(given), texts);
    return byName ? names[keys.indexOf(key)]! : String(key);
  };
  return { names: ordered.map(nameOf), of: keys.map((key) => ordered.indexOf(key)) };
}

function ofTable(view: ScatterView, frame: Frame, texts: Texts): Points {
  const table = frame.values[view.value];
  if (table?.kind !== 'table') throw new ViewError(view.value);
  const column = (name: string | undefined) => {
    const index = table.columns.findIndex((c) => c.name === name);
    if (index < 0) throw new ViewError(`${view.value}.${name}`);
    return index;
  };
  const numbers = (index: number) => table.rows.map((row) => (typeof row[index] === 'number' ? row[index] : NaN));
  const [x, y] = [column(view.columns?.[0]), column(view.columns?.[1])];
  const named = view.names ?? table.columns.find((c) => c.kind === 'text')?.name;
  const names = table.rows.map((row, r) => (named === undefined ? String(r) : String(row[column(named)])));
  const color = view.color === undefined ? undefined : column(view.color);
  const continuous = color !== undefined && table.columns[color]!.kind === 'number';
  const keys = color === undefined ? [] : table.rows.map((row) => row[color]!);
  return {
    xs: numbers(x),
    ys: numbers(y),
    names,
    axes: [t(table.columns[x]!.label), t(table.columns[y]!.label)],
    extent: { xs: numbers(x), ys: numbers(y) },
    to: undefined,
    categories:
      color === undefined || continuous
        ? undefined
        : categoriesOf(
            keys.map((key) => (typeof key === 'boolean' ? String(key) : key)),
            names,
            view,
            texts,
          ),
    amounts: continuous ? numbers(color) : undefined,
    cell: undefined,
    role: 'none',
  };
}

export function pointsOf(view: ScatterView, frame: Frame, texts: Texts): Points {
  if (frame.values[view.value]?.kind === 'table') return ofTable(view, frame, texts);
  const tensor = tensorOf(frame, view.value);
  const slice = sliceOf(tensor, view.select);
  if (slice.axes.length !== 2 || slice.shape[1]! < 2) throw new ViewError(view.value);
  const axis = slice.axes[1]!;
  const [dx, dy] = [
    dimension(tensor, axis, view.dimensions?.[0] ?? 0),
    dimension(tensor, axis, view.dimensions?.[1] ?? 1),
  ];
  const names = Array.from({ length: slice.shape[0]! }, (_, i) => tickLabel(tensor, slice.axes[0]!, i));
  const moved = view.to === undefined ? undefined : { ...tensor, data: tensorOf(frame, view.to).data };
  const target = moved && sliceOf(moved, view.select);
  const color = view.color === undefined ? undefined : tensorOf(frame, view.color);
  const whole = color !== undefined && (color.dtype === 'int32' || color.dtype === 'bool');
  const label = (index: number) => {
    const tick = tensor.axes[axis]!.ticks?.[index];
    return tick ?? `${t(axisWord(tensor.axes[axis]!.name))} ${index}`;
  };
  return {
    xs: along(slice, dx),
    ys: along(slice, dy),
    names,
    axes: [label(dx), label(dy)],
    extent: {
      xs: [...everywhere(tensor, axis, dx), ...(moved ? everywhere(moved, axis, dx) : [])],
      ys: [...everywhere(tensor, axis, dy), ...(moved ? everywhere(moved, axis, dy) : [])],
    },
    to: target && { xs: along(target, dx), ys: along(target, dy) },
    categories: whole ? categoriesOf(Array.from(color.data), names, view, texts) : undefined,
    amounts: color && !whole ? Array.from(color.data) : undefined,
    cell: (point) => slice.index([point, dx]),
    role: tensor.role,
  };
}

/** A map under the points: numbers on a lattice of places. */
export interface Background {
  rows: number;
  columns: number;
  at: (row: number, column: number) => number;
  xs: number[];
  ys: number[];
  role: string;
  values: number[];
}

export function backgroundOf(view: ScatterView, frame: Frame): Background | undefined {
  if (view.background === undefined) return undefined;
  const tensor = tensorOf(frame, view.background);
  const shared = Object.entries(view.select ?? {}).filter(([axis]) => axisIndex(tensor, axis) >= 0);
  const slice = sliceOf(tensor, Object.fromEntries(shared));
  if (slice.axes.length !== 2) throw new ViewError(view.background);
  const places = (i: number) =>
    Array.from({ length: slice.shape[i]! }, (_, k) => Number(tickLabel(tensor, slice.axes[i]!, k)));
  const [rows, columns] = [slice.shape[0]!, slice.shape[1]!];
  const values: number[] = [];
  for (let r = 0; r < rows; r += 1) for (let c = 0; c < columns; c += 1) values.push(slice.at([r, c]));
  const at = (row: number, column: number) => values[flatIndex([rows, columns], [row, column])]!;
  return { rows, columns, at, xs: places(1), ys: places(0), role: tensor.role, values };
}

/** Where a map crosses a level: marching squares with linear interpolation, as segments [x1, y1, x2, y2] of places. */
export function contour({ rows, columns, at, xs, ys }: Background, level: number): [number, number, number, number][] {
  const segments: [number, number, number, number][] = [];
  const between = (a: number, b: number, from: number, to: number) => from + ((level - a) / (b - a)) * (to - from);
  for (let r = 0; r + 1 < rows; r += 1) {
    for (let c = 0; c + 1 < columns; c += 1) {
      const [a, b, d, e] = [at(r, c), at(r, c + 1), at(r + 1, c), at(r + 1, c + 1)];
      if (![a, b, d, e].every(Number.isFinite)) continue;
      const hits: [number, number][] = [];
      const crosses = (p: number, q: number) => p < level !== q < level;
      if (crosses(a, b)) hits.push([between(a, b, xs[c]!, xs[c + 1]!), ys[r]!]);
      if (crosses(b, e)) hits.push([xs[c + 1]!, between(b, e, ys[r]!, ys[r + 1]!)]);
      if (crosses(e, d)) hits.push([between(e, d, xs[c + 1]!, xs[c]!), ys[r + 1]!]);
      if (crosses(d, a)) hits.push([xs[c]!, between(d, a, ys[r + 1]!, ys[r]!)]);
      for (let i = 0; i + 1 < hits.length; i += 2) segments.push([...hits[i]!, ...hits[i + 1]!]);
    }
  }
  return segments;
}

/** The next point in the direction of an arrow key, near and straight ahead; `undefined` if there is none. */
export function neighbour(xs: number[], ys: number[], from: number, dx: number, dy: number): number | undefined {
  let best: number | undefined;
  let least = Infinity;
  for (let i = 0; i < xs.length; i += 1) {
    const [toX, toY] = [xs[i]! - xs[from]!, ys[i]! - ys[from]!];
    const ahead = toX * dx + toY * dy;
    const cost = (toX * toX + toY * toY) / ahead; // the circle through both whose middle lies straight ahead
    if (i === from || !(ahead > 1e-9) || cost >= least) continue;
    least = cost;
    best = i;
  }
  return best;
}

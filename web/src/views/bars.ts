import type { ExperimentEntry, Frame } from '../engine/protocol';
import { t } from '../i18n/language.svelte';
import type { BarView } from '../lesson/types';
import { tickName } from './curves';
import { axisIndex, sliceOf, tickLabel, ViewError } from './tensors';

/** Bars of one picture: for each name one number per series. */
export interface Bars {
  names: string[];
  series: string[];
  /** [series][name] */
  values: number[][];
  /** Where each bar begins, for a timeline. */
  from: number[] | undefined;
  /** The tensor's cell behind a bar; nothing for a table. */
  cell: (series: number, bar: number) => number[] | undefined;
  role: string;
}

const asNumber = (cell: string | number | boolean | undefined): number => {
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  if (cell === 'inf') return Infinity;
  if (cell === '-inf') return -Infinity;
  return typeof cell === 'number' ? cell : NaN;
};

function unsorted(view: BarView, frame: Frame, entry: ExperimentEntry): Bars {
  const value = frame.values[view.value];
  if (value?.kind === 'table') {
    const column = (name: string) => {
      const index = value.columns.findIndex((c) => c.name === name);
      if (index < 0) throw new ViewError(`${view.value}.${name}`);
      return index;
    };
    const names = view.names ?? value.columns.find((c) => c.kind === 'text')?.name;
    const drawn = (view.columns ?? []).map(column);
    return {
      names: value.rows.map((row, r) =>
        names === undefined ? String(r) : tickName(entry, names, String(row[column(names)])),
      ),
      series: drawn.map((index) => t(value.columns[index]!.label) || value.columns[index]!.name),
      values: drawn.map((index) => value.rows.map((row) => asNumber(row[index]))),
      from: view.from === undefined ? undefined : value.rows.map((row) => asNumber(row[column(view.from!)])),
      cell: () => undefined,
      role: 'none',
    };
  }
  if (value?.kind !== 'tensor') throw new ViewError(view.value);
  const slice = sliceOf(value, view.select);
  const group = view.groups === undefined ? undefined : axisIndex(value, view.groups);
  if (group === -1 || slice.axes.length !== (group === undefined ? 1 : 2)) throw new ViewError(view.value);
  const axis = slice.axes.find((a) => a !== group)!;
  const cells = (s: number, i: number) => slice.axes.map((a) => (a === axis ? i : s));
  const count = value.shape[axis]!;
  const groups = group === undefined ? 1 : value.shape[group]!;
  const name = (i: number) => tickName(entry, value.axes[axis]!.name, tickLabel(value, axis, i));
  return {
    names: Array.from({ length: count }, (_, i) => name(i)),
    series: Array.from({ length: groups }, (_, s) =>
      group === undefined ? view.value : tickName(entry, view.groups!, tickLabel(value, group, s)),
    ),
    values: Array.from({ length: groups }, (_, s) => Array.from({ length: count }, (_, i) => slice.at(cells(s, i)))),
    from: undefined,
    cell: (s, i) => slice.index(cells(s, i)),
    role: value.role,
  };
}

/** The order bars stand in: by the sum over the series, what is no number last. */
export function orderOf(bars: Bars, sort: BarView['sort']): number[] {
  const order = bars.names.map((_, i) => i);
  if (!sort || sort === 'none') return order;
  const size = (i: number) => {
    const sum = bars.values.reduce((total, list) => total + list[i]!, 0);
    return Number.isNaN(sum) ? (sort === 'down' ? -Infinity : Infinity) : sum;
  };
  return order.sort((a, b) => (sort === 'down' ? size(b) - size(a) : size(a) - size(b)) || a - b);
}

export function barsOf(view: BarView, frame: Frame, entry: ExperimentEntry, order?: number[]): Bars {
  const bars = unsorted(view, frame, entry);
  const by = order?.length === bars.names.length ? order : orderOf(bars, view.sort);
  const pick = <T>(list: T[]) => by.map((i) => list[i]!);
  return {
    ...bars,
    names: pick(bars.names),
    values: bars.values.map(pick),
    from: bars.from && pick(bars.from),
    cell: (s, i) => bars.cell(s, by[i]!),
  };
}

export interface Rectangle {
  series: number;
  bar: number;
  /** Along the axis of names, as a share of one place (0 to 1). */
  start: number;
  size: number;
  /** Along the axis of numbers. */
  from: number;
  to: number;
  value: number;
}

/** Side by side, or on top of one another: positive ones up from zero, negative ones down. */
export function rectanglesOf(bars: Bars, stacked: boolean): Rectangle[] {
  const gap = 0.12;
  const all: Rectangle[] = [];
  const size = stacked ? 1 - 2 * gap : (1 - 2 * gap) / Math.max(1, bars.series.length);
  for (let bar = 0; bar < bars.names.length; bar += 1) {
    let up = 0;
    let down = 0;
    for (let series = 0; series < bars.series.length; series += 1) {
      const value = bars.values[series]![bar]!;
      let from = bars.from?.[bar] ?? 0;
      let to = value;
      if (stacked && Number.isFinite(value)) {
        from = value < 0 ? down : up;
        to = from + value;
        if (value < 0) down = to;
        else up = to;
      }
      all.push({ series, bar, start: gap + (stacked ? 0 : series * size), size, from, to, value });
    }
  }
  return all;
}

import type { Frame } from '../engine/protocol';
import type { Select, View } from '../lesson/types';
import { axisIndex, tickLabel } from './tensors';

/** An axis the reader chooses a coordinate of. */
export interface Choice {
  axis: string;
  /** One label per index. */
  ticks: string[];
  /** Where it stands before anything was chosen. */
  start: number;
}

function namesIn(view: View): string[] {
  if (view.kind === 'line' || view.kind === 'training') return view.curves.map((curve) => curve.value);
  if (view.kind === 'stepper') return view.views.flatMap(namesIn);
  return 'value' in view ? [view.value] : [];
}

/** An axis as the first tensor of the view that has it knows it. */
export function choiceOf(view: View, frame: Frame, axis: string): Choice | undefined {
  for (const name of namesIn(view)) {
    const value = frame.values[name];
    const at = value?.kind === 'tensor' ? axisIndex(value, axis) : -1;
    if (value?.kind !== 'tensor' || at < 0) continue;
    const ticks = Array.from({ length: value.shape[at]! }, (_, i) => tickLabel(value, at, i));
    const wanted = 'select' in view ? view.select?.[axis] : undefined;
    const tick = wanted === undefined ? 0 : ticks.indexOf(String(wanted));
    return { axis, ticks, start: Math.min(ticks.length - 1, Math.max(0, tick)) };
  }
  return undefined;
}

/** The axes of `choose` that are there. A heatmap draws the axes before its last two as small pictures to choose from. */
export function choicesOf(view: View, frame: Frame): Choice[] {
  const axes = ('choose' in view ? view.choose : undefined) ?? [];
  if (view.kind === 'heatmap' || view.kind === 'matrix') {
    const value = frame.values[view.value];
    const open =
      value?.kind === 'tensor' ? value.axes.map((a) => a.name).filter((a) => !(a in (view.select ?? {}))) : [];
    const leading = open.filter((axis) => axis !== view.tiles).slice(0, -2);
    if (axes.every((axis) => leading.includes(axis))) return [];
  }
  return axes.flatMap((axis) => choiceOf(view, frame, axis) ?? []);
}

/** The view with these axes fixed, wherever in it a tensor has them. Indices, not ticks. */
export function withSelection<V extends View>(view: V, at: Record<string, number>, frame: Frame): V {
  const select = (name: string, own: Select | undefined): { select?: Select } => {
    const value = frame.values[name];
    const fits = Object.entries(at).filter(([axis]) => value?.kind === 'tensor' && axisIndex(value, axis) >= 0);
    return fits.length === 0 ? {} : { select: { ...own, ...Object.fromEntries(fits) } };
  };
  if (view.kind === 'line' || view.kind === 'training') {
    return { ...view, choose: [], curves: view.curves.map((c) => ({ ...c, ...select(c.value, c.select) })) };
  }
  if (view.kind === 'stepper') return { ...view, views: view.views.map((inner) => withSelection(inner, at, frame)) };
  if (!('value' in view)) return view;
  const choose = 'choose' in view && view.choose ? { choose: view.choose.filter((axis) => !(axis in at)) } : {};
  return { ...view, ...choose, ...select(view.value, 'select' in view ? view.select : undefined) };
}

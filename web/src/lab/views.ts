import type { ExperimentEntry, Frame, Output, TensorValue } from '../engine/protocol';
import type { CardsView, Part, Rich, View } from '../lesson/types';

/**
 * Pictures for any experiment, from what it declares and what its frame holds: the laboratory knows no experiment by name.
 */
const rich = (text: { zh: string; en: string }): Rich => ({ zh: [text.zh], en: [text.en] });

/** Curves with a common stem (curve_1, curve_2) stand in one picture. */
function seriesViews(outputs: Output[]): View[] {
  const groups = new Map<string, Output[]>();
  for (const output of outputs) {
    const stem = output.name.replace(/_[^_]+$/, '');
    groups.set(stem, [...(groups.get(stem) ?? []), output]);
  }
  return [...groups.values()].map((group, i) => ({
    // The first has the buttons to play, pause and step.
    kind: i === 0 ? 'training' : 'line',
    ...(group.length === 1 ? { title: rich(group[0]!.doc) } : {}),
    curves: group.map((output) => ({ value: output.name, label: rich(output.doc) })),
  }));
}

function cards(outputs: Output[]): View[] {
  if (outputs.length === 0) return [];
  const view: CardsView = {
    kind: 'cards',
    items: outputs.map((output) => ({
      label: rich(output.doc),
      expression: output.name,
      ...(output.role ? { role: output.role } : {}),
    })),
  };
  return [view];
}

const mostCells = 60_000;
const mostLines = 8;

const numeric = (tick: string): boolean => tick.trim() !== '' && Number.isFinite(Number(tick));
/** Ticks that say where on a scale: 4, 8, 16. Without ticks an axis counts. */
function isScale(tensor: TensorValue, axis: number): boolean {
  return tensor.axes[axis]?.ticks?.every(numeric) ?? true;
}

/** 4, 8, 16, ...: each some half as large again as the one before, over more than a tenfold. */
function isGeometric(tensor: TensorValue, axis: number): boolean {
  const at = (tensor.axes[axis]?.ticks ?? []).map(Number);
  return (
    at.length > 3 && at[0]! > 0 && at.at(-1)! >= 10 * at[0]! && at.every((x, i) => i === 0 || x >= 1.4 * at[i - 1]!)
  );
}

function tensorView(output: Output, tensor: TensorValue): View | undefined {
  const common = { title: rich(output.doc), value: output.name };
  const rank = tensor.shape.length;
  const cells = tensor.shape.reduce((a, b) => a * b, 1);
  if (cells === 0) return undefined;
  if (rank === 0) return undefined;
  if (rank === 1) {
    const line = isScale(tensor, 0) && tensor.axes[0]?.ticks && tensor.shape[0]! > 3;
    if (line || tensor.shape[0]! > 40) {
      return {
        kind: 'line',
        title: common.title,
        curves: [{ value: output.name, label: common.title }],
        ...(isGeometric(tensor, 0) ? { x: { log: true } } : {}),
      };
    }
    return { kind: 'bar', ...common };
  }
  if (rank === 2) {
    const [rows, columns] = tensor.axes;
    // A measure over a scale for each of a few choices reads as curves, not as a picture of cells.
    const overScale = rows?.ticks && isScale(tensor, 0) && tensor.shape[0]! > 3;
    if (overScale && columns?.ticks && !isScale(tensor, 1) && tensor.shape[1]! <= mostLines) {
      return {
        kind: 'line',
        title: common.title,
        curves: [{ value: output.name, x: rows.name, lines: columns.name }],
        ...(isGeometric(tensor, 0) ? { x: { log: true } } : {}),
      };
    }
  }
  const [height, width] = tensor.shape.slice(-2) as [number, number];
  if (height * width > mostCells) return { kind: 'histogram', ...common };
  const leading = tensor.axes.slice(0, -2).map((axis) => axis.name);
  return { kind: 'heatmap', ...common, ...(leading.length ? { choose: leading } : {}) };
}

/** What is known before anything has run: which numbers are wanted, and whether there is something to play. */
export function declaredViews(entry: ExperimentEntry): View[] {
  const of = (kind: Output['kind']) => entry.outputs.filter((output) => output.kind === kind);
  return [...cards(of('scalar')), ...seriesViews(of('series'))];
}

/** Every output of a frame as the picture that suits what it turned out to be. */
export function labViews(entry: ExperimentEntry, frame: Frame): View[] {
  const drawn = entry.outputs.flatMap((output): View[] => {
    const value = frame.values[output.name];
    if (!value) return [];
    const common = { title: rich(output.doc), value: output.name };
    switch (value.kind) {
      case 'tensor':
        return [tensorView(output, value) ?? []].flat();
      case 'table':
        return [{ kind: 'table', ...common }];
      case 'tokens':
        return [{ kind: 'tokens', ...common }];
      case 'graph':
        return [{ kind: 'diagram', ...common }];
      default:
        return [];
    }
  });
  return [...declaredViews(entry), ...drawn];
}

/** The experiment as a part of no lesson: nothing claimed, nothing predicted. */
export function labPart(entry: ExperimentEntry): Part {
  const empty: Rich = { zh: [''], en: [''] };
  return {
    title: rich(entry.summary),
    text: empty,
    experiment: entry.id,
    parameters: {},
    controls: entry.parameters.map((parameter) => parameter.name),
    views: declaredViews(entry),
    predict: { question: empty, options: [], explain: empty },
    notice: empty,
    checks: [],
    try: [],
  };
}

/** What will be drawn cell by cell, as far as the declaration tells: the pictures know of each other through it. */
export function cellPictures(entry: ExperimentEntry): View[] {
  return entry.outputs
    .filter((output) => output.kind === 'tensor' && (output.axes?.length ?? 0) >= 2)
    .map((output) => ({ kind: 'heatmap', value: output.name }));
}

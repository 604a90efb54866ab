import type { ExperimentEntry, Frame, Value } from '../engine/protocol';
import type { View } from '../lesson/types';
import { pieces, t } from '../i18n/language.svelte';
import { fillPlain, type Texts } from '../lesson/live';
import { tickLabel } from './tensors';
import { axisWord, outputWord, tickWord } from './words';

/** Any value as rows of cells: what "as a table" shows and "CSV" saves. */
export interface Grid {
  name: string;
  header: string[];
  rows: (string | number | boolean)[][];
}

const finite = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

/** How outputs, axes and ticks are called: a file keeps their names, a reader gets words. */
function namesFor(entry: ExperimentEntry | undefined) {
  if (!entry)
    return { output: (name: string) => name, axis: (name: string) => name, tick: (_: string, tick: string) => tick };
  return {
    output: (name: string) => t(outputWord(entry, name)),
    axis: (name: string) => t(axisWord(name)),
    tick: (axis: string, tick: string) => t(tickWord(entry, axis, tick)),
  };
}

function gridOf(name: string, value: Value, entry: ExperimentEntry | undefined): Grid {
  const called = namesFor(entry);
  switch (value.kind) {
    case 'scalar':
      return { name, header: [called.output(name)], rows: [[value.value ?? value.nonfinite ?? 'nan']] };
    case 'text':
      return { name, header: [called.output(name)], rows: [[t(value.text)]] };
    case 'series':
      return {
        name,
        header: [called.axis(value.x), called.output(name)],
        rows: value.points.map(([x, y]) => [x, y ?? 'nan']),
      };
    case 'table':
      return { name, header: value.columns.map((c) => t(c.label) || c.name), rows: value.rows };
    case 'tokens':
      return {
        name,
        header: ['strip', 'id', 'text', 'begin', 'end', 'bytes'],
        rows: value.strips.flatMap((s) => s.pieces.map((p) => [s.label, p.id, p.text, ...p.span, p.bytes ?? ''])),
      };
    case 'graph':
      return {
        name,
        header: ['id', t({ zh: '名称', en: 'name' }), t({ zh: '形状', en: 'shape' }), '→'],
        rows: value.boxes.map((box) => [
          box.id,
          t(box.label),
          box.shape,
          value.wires
            .filter((wire) => wire.from === box.id)
            .map((wire) => wire.to)
            .join(', '),
        ]),
      };
    case 'tensor': {
      const columns = value.shape.length > 1 ? value.shape[value.shape.length - 1]! : 1;
      const lead = value.shape.length > 1 ? value.shape.slice(0, -1) : value.shape;
      const axes = value.axes.map((axis) => called.axis(axis.name));
      const tick = (axis: number, i: number) => called.tick(value.axes[axis]!.name, tickLabel(value, axis, i));
      const last = value.shape.length - 1;
      const header =
        value.shape.length > 1
          ? [...axes.slice(0, -1), ...Array.from({ length: columns }, (_, j) => `${axes[last]} ${tick(last, j)}`)]
          : [...axes, called.output(name)];
      const rows: (string | number)[][] = [];
      const count = lead.reduce((a, b) => a * b, 1);
      for (let r = 0; r < count; r += 1) {
        const labels: string[] = [];
        let rest = r;
        for (let axis = lead.length - 1; axis >= 0; axis -= 1) {
          labels.unshift(tick(axis, rest % lead[axis]!));
          rest = Math.floor(rest / lead[axis]!);
        }
        rows.push([...labels, ...Array.from({ length: columns }, (_, j) => finite(value.data[r * columns + j]!))]);
      }
      return { name, header, rows };
    }
  }
}

/** Names of the outputs a view draws. */
export function valuesOf(view: View): string[] {
  const some = (...names: (string | undefined)[]) => [...new Set(names.filter((name) => name !== undefined))];
  switch (view.kind) {
    case 'line':
    case 'training':
      return some(...view.curves.flatMap((curve) => [curve.value, curve.low, curve.high]));
    case 'stepper':
      return some(...view.views.flatMap(valuesOf));
    case 'cards':
    case 'formula':
      return [];
    case 'scatter':
      return some(view.value, view.columns ? undefined : view.color, view.to, view.background);
    case 'tokens':
    case 'diagram':
      return some(view.value, view.weights);
    case 'image':
      return some(view.value, view.overlay);
    default:
      return [view.value];
  }
}

/** What a view shows as grids, in words where the experiment's `entry` is given. `texts` fill cards, whose numbers are evaluated expressions and no values of the frame. */
export function gridsOf(view: View, frame: Frame, texts: Texts = {}, entry?: ExperimentEntry): Grid[] {
  if (view.kind === 'cards') {
    const rows = view.items.map((item) => [fillPlain(pieces(item.label), texts), texts[item.expression] ?? '']);
    return [{ name: 'cards', header: [t({ zh: '名称', en: 'name' }), t({ zh: '数值', en: 'value' })], rows }];
  }
  return valuesOf(view).flatMap((name) => {
    const value = frame.values[name];
    return value ? [gridOf(name, value, entry)] : [];
  });
}

/** RFC 4180, with a byte order mark so that spreadsheets read Chinese. */
export function toCsv(grids: Grid[]): string {
  const field = (cell: string | number | boolean) => {
    const text = String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = grids.flatMap((grid) => [grid.header, ...grid.rows]).map((row) => row.map(field).join(','));
  return '\uFEFF' + lines.join('\r\n') + '\r\n';
}

import { t } from '../i18n/language.svelte';
import type { TensorValue } from '../engine/protocol';
import { formatNumber } from './format';
import { flatIndex, tickLabel, type Slice } from './tensors';
import { axisWord } from './words';

/** A flat piece of a tensor, read by stride: one row and column per cell of the picture. */
export interface HeatGrid {
  data: TensorValue['data'];
  base: number;
  rowStride: number;
  columnStride: number;
  rows: number;
  columns: number;
}

export function gridOf(slice: Slice): HeatGrid {
  const flat = slice.shape.length === 2;
  const rows = flat ? slice.shape[0]! : 1;
  const columns = slice.shape[slice.shape.length - 1]!;
  const at = (r: number, c: number) => flatIndex(slice.tensor.shape, slice.index(flat ? [r, c] : [c]));
  const base = rows && columns ? at(0, 0) : 0;
  return {
    data: slice.tensor.data,
    base,
    rowStride: rows > 1 ? at(1, 0) - base : 0,
    columnStride: columns > 1 ? at(0, 1) - base : 0,
    rows,
    columns,
  };
}
export const valueAt = (grid: HeatGrid, r: number, c: number): number =>
  grid.data[grid.base + r * grid.rowStride + c * grid.columnStride]!;

/** About how wide a text is in the page's fonts: Chinese is as wide as it is high. No canvas needed, the same everywhere. */
export function textWidth(text: string, size: number): number {
  let ems = 0;
  for (const character of text)
    ems += character.codePointAt(0)! >= 0x2e80 ? 1 : /[A-Z@%MW]/.test(character) ? 0.72 : 0.58;
  return ems * size;
}

export function shortened(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && textWidth(characters.join('') + '…', size) > width) characters.pop();
  return characters.join('') + '…';
}

export type TurnedLabels = 'flat' | 'turned' | 'stacked';

export interface HeatLayout {
  cellWidth: number;
  cellHeight: number;
  /** Where the cells begin: room for labels. */
  left: number;
  top: number;
  /** Of all cells, whether in sight or not. */
  cellsWidth: number;
  cellsHeight: number;
  /** Of the part of them in sight. */
  viewWidth: number;
  viewHeight: number;
  rowLabels: string[];
  columnLabels: string[];
  rowEvery: number;
  columnEvery: number;
  columnStyle: TurnedLabels;
  rowName: string;
  columnName: string;
  /** Numbers on the cells: how they are written, or undefined where they do not fit. */
  write: ((value: number) => string) | undefined;
}

export const labelSize = 11;
export const numberSize = 11;
const bottomRoom = 18;
const largestCell = 44;
const leastCell = 2;
/** From here on a cell has its number on it. */
const leastWritten = 33;

export interface LayoutRequest {
  slice: Slice;
  grid: HeatGrid;
  /** Room there is, in pixels. */
  width: number;
  tallest: number;
  /** 1 fits the width. */
  zoom: number;
  /** Every number written out, with so many digits after the point. */
  digits: number | undefined;
  /** What a reader calls a tick of an axis; left out: as it stands. */
  named?: ((axis: string, tick: string) => string) | undefined;
}

export function layoutOf({ slice, grid, width, tallest, zoom, digits, named }: LayoutRequest): HeatLayout {
  const { tensor, axes } = slice;
  const { rows, columns } = grid;
  const rowAxis = axes.length === 2 ? axes[0]! : undefined;
  const columnAxis = axes[axes.length - 1]!;
  const labels = (axis: number, count: number) =>
    Array.from({ length: count }, (_, i) => {
      const tick = tickLabel(tensor, axis, i);
      return named?.(tensor.axes[axis]!.name, tick) ?? tick;
    });
  const rowLabels = rowAxis === undefined ? [] : labels(rowAxis, rows);
  const columnLabels = labels(columnAxis, columns);
  const rowName = rowAxis === undefined ? '' : t(axisWord(tensor.axes[rowAxis]!.name));
  const columnName = t(axisWord(tensor.axes[columnAxis]!.name));
  const widest = (labels: string[]) => labels.reduce((most, label) => Math.max(most, textWidth(label, labelSize)), 0);

  const left = Math.ceil(rowAxis === undefined ? 4 : Math.max(22, Math.min(widest(rowLabels), width * 0.3, 110) + 8));
  const room = Math.max(40, width - left - 3);
  // All rows in sight, as long as the cells still hold numbers; what is higher than that scrolls.
  const fit = Math.min(largestCell, room / Math.max(1, columns), Math.max(leastWritten, tallest / Math.max(1, rows)));
  const halves = (size: number) => Math.max(leastCell, Math.floor(size * 2) / 2);

  let cellWidth = halves(Math.min(largestCell * 1.5, fit * zoom));
  let cellHeight = cellWidth;
  let write: HeatLayout['write'];
  if (digits !== undefined) {
    write = (value) => (Number.isFinite(value) ? value.toFixed(digits).replace('-', '−') : formatNumber(value));
    cellWidth = Math.max(cellWidth, Math.ceil(widestNumber(grid, write)) + 8);
    cellHeight = Math.max(24, Math.min(30, cellWidth));
  } else if (cellWidth >= leastWritten) {
    const weight = tensor.role === 'probability';
    write = (value) => (weight && value > 0 && value < 0.0005 ? '≈0' : brief(value, cellWidth - 5));
  }

  const columnWidest = widest(columnLabels);
  const chinese = columnLabels.every((label) => /^[\u2e80-\u9fff\uf900-\ufaff]{1,4}$/.test(label));
  const columnStyle: TurnedLabels =
    columnWidest + 4 <= cellWidth || columnLabels.every((label) => /^\d*$/.test(label))
      ? 'flat'
      : chinese
        ? 'stacked'
        : 'turned';
  const labelDepth = columnStyle === 'flat' ? labelSize + 2 : Math.min(columnWidest, 84);
  const top = Math.ceil((rowName ? 15 : 0) + labelDepth + 6);
  // Flat labels need their width, others only their height.
  const columnRoom = columnStyle === 'flat' ? columnWidest + 5 : labelSize + 3;
  const cellsWidth = columns * cellWidth;
  const cellsHeight = rows * cellHeight;
  return {
    cellWidth,
    cellHeight,
    left,
    top,
    cellsWidth,
    cellsHeight,
    viewWidth: Math.min(cellsWidth, room),
    viewHeight: Math.min(cellsHeight, Math.max(120, tallest)),
    rowLabels,
    columnLabels,
    rowEvery: Math.max(1, Math.ceil((labelSize + 2) / cellHeight)),
    columnEvery: Math.max(1, Math.ceil(columnRoom / cellWidth)),
    columnStyle,
    rowName,
    columnName,
    write,
  };
}

/** Two digits, or one, or only the order of magnitude: what the cell has room for. */
function brief(value: number, room: number): string {
  const options = [formatNumber(value, 2), formatNumber(value, 1)];
  const fits = options.find((text) => textWidth(text, numberSize) <= room);
  return fits ?? value.toExponential(0).replace('e+', 'e').replaceAll('-', '−');
}

function widestNumber(grid: HeatGrid, write: (value: number) => string): number {
  let most = 0;
  for (let r = 0; r < grid.rows; r += 1)
    for (let c = 0; c < grid.columns; c += 1) most = Math.max(most, write(valueAt(grid, r, c)).length);
  return most * numberSize * 0.6;
}

export const fullWidth = (layout: HeatLayout): number => layout.left + layout.viewWidth + 3;
export const fullHeight = (layout: HeatLayout): number => layout.top + layout.viewHeight + bottomRoom;

export interface Scroll {
  x: number;
  y: number;
}
export interface Label {
  x: number;
  y: number;
  text: string;
  anchor: 'start' | 'middle' | 'end';
  /** Clockwise degrees. */
  turn: number;
  strong: boolean;
  soft: boolean;
}

/** All words around the cells, for what is in sight. The labels of the chosen cell are always among them. */
export function labelsOf(layout: HeatLayout, scroll: Scroll, chosen?: readonly [number, number]): Label[] {
  const { left, top, cellWidth, cellHeight, viewWidth, viewHeight } = layout;
  const labels: Label[] = [];
  const base = { turn: 0, strong: false, soft: true };
  if (layout.rowName)
    labels.push({
      ...base,
      x: 2,
      y: 11,
      text: shortened(`${layout.rowName} ↓`, labelSize, Math.max(left + 40, 60)),
      anchor: 'start',
    });
  labels.push({
    ...base,
    x: left + viewWidth / 2,
    y: top + viewHeight + 13,
    text: `${layout.columnName} →`,
    anchor: 'middle',
  });
  layout.rowLabels.forEach((text, r) => {
    const y = top + (r + 0.5) * cellHeight - scroll.y;
    const strong = chosen?.[0] === r;
    const near = chosen !== undefined && Math.abs(r - chosen[0]) < layout.rowEvery;
    if (y < top || y > top + viewHeight || (!strong && (r % layout.rowEvery !== 0 || near))) return;
    labels.push({ ...base, x: left - 5, y: y + 4, text: shortened(text, labelSize, left - 7), anchor: 'end', strong });
  });
  layout.columnLabels.forEach((text, c) => {
    const x = left + (c + 0.5) * cellWidth - scroll.x;
    const strong = chosen?.[1] === c;
    const near = chosen !== undefined && Math.abs(c - chosen[1]) < layout.columnEvery;
    if (x < left || x > left + viewWidth || (!strong && (c % layout.columnEvery !== 0 || near))) return;
    if (layout.columnStyle === 'turned') {
      labels.push({
        ...base,
        x: x + 4,
        y: top - 5,
        text: shortened(text, labelSize, 84),
        anchor: 'start',
        turn: -90,
        strong,
      });
    } else if (layout.columnStyle === 'stacked') {
      const characters = [...text];
      characters.forEach((character, i) =>
        labels.push({
          ...base,
          x,
          y: top - 6 - (characters.length - 1 - i) * labelSize,
          text: character,
          anchor: 'middle',
          strong,
        }),
      );
    } else labels.push({ ...base, x, y: top - 5, text, anchor: 'middle', strong });
  });
  return labels;
}

/** The cell under a point of the cells' own area. */
export function cellAt(layout: HeatLayout, grid: HeatGrid, x: number, y: number): [number, number] | undefined {
  const r = Math.floor(y / layout.cellHeight);
  const c = Math.floor(x / layout.cellWidth);
  return r >= 0 && c >= 0 && r < grid.rows && c < grid.columns ? [r, c] : undefined;
}

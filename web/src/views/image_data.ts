import type { Frame } from '../engine/protocol';
import type { ImageView } from '../lesson/types';
import { axisIndex, flatIndex, sliceOf, tensorOf, tickLabel, ViewError } from './tensors';

export interface Picture {
  caption: string;
  rows: number;
  columns: number;
  /** Grey value, or the three colours. */
  at: (row: number, column: number) => number[];
  /** The tensor's cell of a pixel (of its first colour). */
  cell: (row: number, column: number) => number[];
  /** The number laid over a patch, or nothing. */
  over: ((patchRow: number, patchColumn: number) => number) | undefined;
}

export function picturesOf(view: ImageView, frame: Frame): Picture[] {
  const tensor = tensorOf(frame, view.value);
  const tiles = view.tiles === undefined ? undefined : axisIndex(tensor, view.tiles);
  if (tiles === -1) throw new ViewError(view.value);
  const slice = sliceOf(tensor, view.select);
  const axes = slice.axes.filter((axis) => axis !== tiles);
  if (axes.length < 2 || axes.length > 3) throw new ViewError(view.value);
  const [rows, columns] = [tensor.shape[axes[0]!]!, tensor.shape[axes[1]!]!];
  const colors = axes.length === 3 ? 3 : 1;
  const patch = view.patch ?? 1;
  const over = view.overlay === undefined ? undefined : tensorOf(frame, view.overlay);
  const perRow = Math.max(1, Math.floor(columns / patch));
  const patches = perRow * Math.max(1, Math.floor(rows / patch));
  return Array.from({ length: tiles === undefined ? 1 : tensor.shape[tiles]! }, (_, i): Picture => {
    const coordinates = (row: number, column: number, color: number) =>
      slice.index(
        slice.axes.map((axis) => (axis === tiles ? i : axis === axes[0] ? row : axis === axes[1] ? column : color)),
      );
    const start = over && over.data.length > patches ? i * patches : 0;
    return {
      caption: tiles === undefined ? '' : tickLabel(tensor, tiles, i),
      rows,
      columns,
      at: (row, column) =>
        Array.from(
          { length: colors },
          (_, color) => tensor.data[flatIndex(tensor.shape, coordinates(row, column, color))]!,
        ),
      cell: (row, column) => coordinates(row, column, 0),
      over: over && ((r, c) => over.data[start + r * perRow + c]!),
    };
  });
}

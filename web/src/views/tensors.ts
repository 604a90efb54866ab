import type { Frame, TensorValue } from '../engine/protocol';

/** A problem a view shows in its own place. */
export class ViewError extends Error {}

export function tensorOf(frame: Frame, name: string): TensorValue {
  const value = frame.values[name];
  if (!value || value.kind !== 'tensor') throw new ViewError(name);
  return value;
}

export const axisIndex = (tensor: TensorValue, name: string): number =>
  tensor.axes.findIndex((axis) => axis.name === name);

export function tickLabel(tensor: TensorValue, axis: number, index: number): string {
  return tensor.axes[axis]?.ticks?.[index] ?? String(index);
}

export function flatIndex(shape: number[], index: number[]): number {
  return index.reduce((flat, i, axis) => flat * shape[axis]! + i, 0);
}

export const cellName = (name: string, tensor: TensorValue, index: number[]): string =>
  `${name}[${index.map((i, axis) => tickLabel(tensor, axis, i)).join(', ')}]`;

/** A part of a tensor with some axes fixed: the axes left, their extents, and how to read and name a cell. */
export interface Slice {
  tensor: TensorValue;
  axes: number[];
  fixed: ReadonlyMap<number, number>;
  shape: number[];
  index: (cell: number[]) => number[];
  at: (cell: number[]) => number;
}

export function sliceOf(tensor: TensorValue, select: Record<string, string | number> = {}): Slice {
  const fixed = new Map<number, number>();
  for (const [name, wanted] of Object.entries(select)) {
    const axis = axisIndex(tensor, name);
    if (axis < 0) throw new ViewError(name);
    const tick = tensor.axes[axis]!.ticks?.indexOf(String(wanted)) ?? -1;
    const index = tick >= 0 ? tick : Number(wanted);
    if (!(index >= 0 && index < tensor.shape[axis]!)) throw new ViewError(`${name}=${wanted}`);
    fixed.set(axis, index);
  }
  return sliceAt(tensor, fixed);
}

/** The same with axes fixed by number: axis -> index. */
export function sliceAt(tensor: TensorValue, fixed: ReadonlyMap<number, number>): Slice {
  const axes = tensor.shape.map((_, axis) => axis).filter((axis) => !fixed.has(axis));
  const index = (cell: number[]) => tensor.shape.map((_, axis) => fixed.get(axis) ?? cell[axes.indexOf(axis)]!);
  return {
    tensor,
    axes,
    fixed,
    shape: axes.map((axis) => tensor.shape[axis]!),
    index,
    at: (cell) => tensor.data[flatIndex(tensor.shape, index(cell))]!,
  };
}

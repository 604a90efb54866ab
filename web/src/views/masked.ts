import type { Frame, TensorValue } from '../engine/protocol';
import { rangeOf } from './colors';

/**
 * Which cells were masked although they hold a number: zeros of a mask, and weights whose score was -inf before softmax.
 * Undefined where nothing is. Cells are numbered flat.
 */
export function hiddenBy(frame: Frame, tensor: TensorValue): ((flat: number) => boolean) | undefined {
  if (tensor.role === 'mask') return (flat) => tensor.data[flat] === 0;
  const { derivation } = tensor;
  if (derivation?.op !== 'softmax') return undefined;
  const from = frame.values[derivation.inputs[0]!.value];
  if (from?.kind !== 'tensor' || !rangeOf(from).minusInfinite) return undefined;
  // Only where both are numbered alike, which is how experiments write it.
  const alike = derivation.inputs[0]!.index.every((name, axis) => name === tensor.axes[axis]?.name);
  if (!alike || from.data.length !== tensor.data.length) return undefined;
  return (flat) => from.data[flat] === -Infinity;
}

import type { Derivation, Frame, TensorValue } from '../engine/protocol';

/** The frame of a difference: three tensors of one value, so that a cell of the difference explains itself like any other. */
export interface Difference {
  frame: Frame;
  name: string;
  /** Largest absolute difference of finite cells, and whether there is any difference at all. */
  largest: number;
  same: boolean;
}
export interface Incomparable {
  shapes: [string, string];
}

/** current - pinned, cell by cell. What is masked in both stays masked; shapes must agree. */
export function differenceOf(
  current: Frame,
  pinned: Frame,
  name: string,
  words: { current: string; pinned: string },
): Difference | Incomparable | undefined {
  const [a, b] = [current.values[name], pinned.values[name]];
  if (a?.kind !== 'tensor' || b?.kind !== 'tensor') return undefined;
  const shapes: [string, string] = [a.shape.join('×'), b.shape.join('×')];
  if (shapes[0] !== shapes[1]) return { shapes };
  const data = new Float64Array(a.data.length);
  let largest = 0;
  let same = true;
  for (let i = 0; i < data.length; i += 1) {
    const [x, y] = [a.data[i]!, b.data[i]!];
    const equal = Object.is(x, y) || x === y;
    data[i] = x === -Infinity && y === -Infinity ? -Infinity : equal ? 0 : x - y;
    if (!equal) same = false;
    if (Number.isFinite(data[i]!)) largest = Math.max(largest, Math.abs(data[i]!));
  }
  const index = a.axes.map((axis) => axis.name);
  const [first, second] = [`${name} · ${words.current}`, `${name} · ${words.pinned}`];
  const derivation = {
    op: 'difference' as unknown as Derivation['op'],
    inputs: [
      { value: first, index },
      { value: second, index },
    ],
    attributes: {},
  };
  const result: TensorValue = {
    kind: 'tensor',
    dtype: 'float64',
    shape: a.shape,
    axes: a.axes,
    role: 'none',
    data,
    derivation,
  };
  const label = `Δ ${name}`;
  return {
    frame: {
      ...current,
      values: { [label]: result, ...renamed(current, words.current), ...renamed(pinned, words.pinned) },
    },
    name: label,
    largest,
    same,
  };
}

/** Every tensor of a run under a name that says which run: explanations of a difference go on into both. */
function renamed(frame: Frame, run: string): Frame['values'] {
  const tensors = Object.entries(frame.values).filter(([, value]) => value.kind === 'tensor') as [
    string,
    TensorValue,
  ][];
  return Object.fromEntries(
    tensors.map(([name, tensor]) => {
      const { derivation } = tensor;
      const inputs = derivation?.inputs.map((input) => ({ ...input, value: `${input.value} · ${run}` }));
      return [`${name} · ${run}`, derivation ? { ...tensor, derivation: { ...derivation, inputs: inputs! } } : tensor];
    }),
  );
}

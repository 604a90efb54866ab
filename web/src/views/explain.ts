import type { Derivation, Frame, TensorValue, Text } from '../engine/protocol';
import { exactNumber, formatNumber } from './format';
import { axisIndex, cellName, flatIndex, tensorOf } from './tensors';

/** How a cell came about, with the numbers it came from. */
export interface Explanation {
  /** "scores[2, 3]" */
  cell: string;
  value: string;
  exact: string;
  /** What was done, in words. */
  how: Text | undefined;
  /** The arithmetic, line by line. */
  lines: string[];
  /** The cells it came from, for pointing at: value name and index. */
  sources: { value: string; index: number[] }[];
}

const shownTerms = 4;

interface Source {
  name: string;
  tensor: TensorValue;
  index: number[];
  value: number;
}

/** Reads the inputs of a derivation for one cell and one setting of the contracted indices. */
class Reader {
  readonly contracted: [string, number][] = [];
  #inputs: { name: string; tensor: TensorValue; index: (string | number)[] }[];
  #at = new Map<string, number>();

  constructor(frame: Frame, result: TensorValue, cell: number[], derivation: Derivation) {
    result.axes.forEach((axis, i) => this.#at.set(axis.name, cell[i]!));
    this.#inputs = derivation.inputs.map((input) => ({
      name: input.value,
      tensor: tensorOf(frame, input.value),
      index: input.index,
    }));
    for (const { tensor, index } of this.#inputs) {
      index.forEach((name, axis) => {
        const known = typeof name === 'number' || /^\d+$/.test(name) || this.#at.has(name);
        if (!known && !this.contracted.some(([other]) => other === name))
          this.contracted.push([name as string, tensor.shape[axis]!]);
      });
    }
  }

  /** `input` at the cell, with the contracted indices numbered `flat` and some coordinates replaced. */
  read(input: number, flat = 0, replaced: Record<string, number> = {}): Source {
    const at = new Map(this.#at);
    let rest = flat;
    for (const [name, extent] of this.contracted) {
      at.set(name, rest % extent);
      rest = Math.floor(rest / extent);
    }
    for (const [name, value] of Object.entries(replaced)) at.set(name, value);
    const { name, tensor, index } = this.#inputs[input]!;
    const place = index.map((entry) => (typeof entry === 'number' ? entry : (at.get(entry) ?? Number(entry))));
    return { name, tensor, index: place, value: tensor.data[flatIndex(tensor.shape, place)]! };
  }

  get inputs(): number {
    return this.#inputs.length;
  }
  get terms(): number {
    return this.contracted.reduce((product, [, extent]) => product * extent, 1);
  }
}

const named = (source: Source): string =>
  `${cellName(source.name, source.tensor, source.index)} = ${formatNumber(source.value)}`;
const signed = (value: number): string => (value < 0 ? `(${formatNumber(value)})` : formatNumber(value));

/** First terms, an ellipsis, the last one: what fits on a phone. */
function abridged(count: number, term: (i: number) => string, join: string): string {
  if (count <= shownTerms + 1) return Array.from({ length: count }, (_, i) => term(i)).join(join);
  const first = Array.from({ length: shownTerms - 1 }, (_, i) => term(i)).join(join);
  return `${first}${join}…${join}${term(count - 1)}`;
}

const how: Record<Derivation['op'], Text> = {
  matmul: { zh: '对应分量相乘再相加', en: 'products of matching components, summed' },
  add: { zh: '相加', en: 'a sum' },
  scale: { zh: '乘以一个数', en: 'multiplied by a number' },
  softmax: {
    zh: 'softmax：减去最大值，取指数，再除以总和',
    en: 'softmax: subtract the maximum, exponentiate, divide by the sum',
  },
  mask: { zh: '掩码：不许看的地方换成填充值', en: 'mask: what may not be seen is replaced' },
  norm: { zh: '归一化', en: 'normalised' },
  lookup: { zh: '查表', en: 'looked up' },
  activation: { zh: '逐元素函数', en: 'a function of one number' },
  reduce: { zh: '汇总', en: 'summarised' },
  permute: { zh: '同一个数，换了位置', en: 'the same number elsewhere' },
  concat: { zh: '拼接', en: 'concatenated' },
};

function arithmetic(frame: Frame, result: TensorValue, cell: number[], derivation: Derivation, value: number) {
  const reader = new Reader(frame, result, cell, derivation);
  const factor = Number(derivation.attributes['factor'] ?? 1);
  const equals = `= ${formatNumber(value)}`;
  const single = () => reader.read(0);
  switch (derivation.op) {
    case 'matmul': {
      const times = (i: number) =>
        Array.from({ length: reader.inputs }, (_, input) => signed(reader.read(input, i).value)).join('×');
      const sum = abridged(reader.terms, times, ' + ');
      const before = factor === 1 ? sum : `${formatNumber(factor)} × (${sum})`;
      const first = Array.from({ length: reader.inputs }, (_, input) => reader.read(input, 0));
      return { lines: [before, equals, `n = ${reader.terms}`], sources: first };
    }
    case 'add': {
      const all = Array.from({ length: reader.inputs }, (_, input) => reader.read(input));
      return { lines: [...all.map(named), all.map((s) => signed(s.value)).join(' + '), equals], sources: all };
    }
    case 'scale':
      return {
        lines: [named(single()), `${formatNumber(single().value)} × ${formatNumber(factor)}`, equals],
        sources: [single()],
      };
    case 'softmax': {
      const axis = String(derivation.attributes['axis']);
      const extent = result.shape[axisIndex(result, axis)]!;
      const row = Array.from({ length: extent }, (_, i) => reader.read(0, 0, { [axis]: i }).value);
      const maximum = Math.max(...row);
      const total = row.reduce((sum, x) => sum + Math.exp(x - maximum), 0);
      const own = single();
      return {
        lines: [
          named(own),
          `exp(${formatNumber(own.value)} − ${signed(maximum)}) = ${formatNumber(Math.exp(own.value - maximum))}`,
          `÷ ${formatNumber(total)} (Σ exp, ${extent})`,
          equals,
        ],
        sources: [own],
      };
    }
    case 'mask': {
      const keep = reader.read(1);
      const fill = derivation.attributes['fill'];
      const text = keep.value !== 0 ? named(single()) : `→ ${typeof fill === 'number' ? formatNumber(fill) : '−∞'}`;
      return { lines: [named(keep), text, equals], sources: [keep, single()] };
    }
    case 'reduce': {
      const list = abridged(reader.terms, (i) => formatNumber(reader.read(0, i).value), ', ');
      return {
        lines: [`${derivation.attributes['function']}(${list})`, equals, `n = ${reader.terms}`],
        sources: [single()],
      };
    }
    case 'activation':
      return {
        lines: [named(single()), `${derivation.attributes['function']}(${formatNumber(single().value)})`, equals],
        sources: [single()],
      };
    case 'norm': {
      const axis = String(derivation.attributes['axis']);
      const extent = result.shape[axisIndex(result, axis)]!;
      const row = Array.from({ length: extent }, (_, i) => reader.read(0, 0, { [axis]: i }).value);
      const center = derivation.attributes['kind'] === 'layer' ? row.reduce((a, b) => a + b, 0) / extent : 0;
      const squares = row.reduce((sum, x) => sum + (x - center) ** 2, 0);
      const divisor = Math.sqrt(
        (derivation.attributes['kind'] === 'l2' ? squares : squares / extent) +
          Number(derivation.attributes['epsilon'] ?? 0),
      );
      return {
        lines: [
          named(single()),
          `(${formatNumber(single().value)} − ${signed(center)}) ÷ ${formatNumber(divisor)}`,
          equals,
        ],
        sources: [single()],
      };
    }
    default:
      return { lines: [named(single())], sources: [single()] };
  }
}

/** Explains one cell of a tensor of the frame. Without a derivation there is only its value. */
export function explainCell(frame: Frame, name: string, cell: number[]): Explanation {
  const tensor = tensorOf(frame, name);
  const value = tensor.data[flatIndex(tensor.shape, cell)]!;
  const explanation: Explanation = {
    cell: cellName(name, tensor, cell),
    value: formatNumber(value),
    exact: exactNumber(value, tensor.dtype !== 'float64'),
    how: undefined,
    lines: [],
    sources: [],
  };
  if (!tensor.derivation) return explanation;
  const { lines, sources } = arithmetic(frame, tensor, cell, tensor.derivation, value);
  return {
    ...explanation,
    how: how[tensor.derivation.op],
    lines,
    sources: sources.map(({ name: source, index }) => ({ value: source, index })),
  };
}

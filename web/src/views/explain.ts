import type { Derivation, Frame, Role, TensorValue, Text } from '../engine/protocol';
import { arithmetic } from './arithmetic';
import { DerivationReader } from './derivation';
import { exactNumber, formatNumber } from './format';
import { cellName, flatIndex, tensorOf } from './tensors';

/** One cell of one value of a frame. */
export interface CellRef {
  value: string;
  index: number[];
}

/** Cells of a value: one coordinate per axis, or null for the whole axis. */
export interface Region {
  value: string;
  index: (number | null)[];
  role: Role;
}

/** A piece of a line: a name or a number in the colour of its role; a number knows the cell it stands in. */
export interface Token {
  text: string;
  role?: Role;
  ref?: CellRef;
  sub?: boolean;
}
export type Line = Token[];

/** Numbers side by side, as the picture of their value would show them. */
export interface Strip {
  name: Token[];
  role: Role;
  cells: { value: number; ref?: CellRef }[];
  /** The one that the explained cell came from most directly. */
  mark?: number;
}

/** How a cell came about, with the numbers it came from. */
export interface Explanation {
  ref: CellRef;
  /** "scores[2, 3]" */
  cell: string;
  role: Role;
  value: string;
  exact: string;
  /** What was done, in words. */
  how: Text | undefined;
  /** The same for every cell: "scores[query, key] = 0.25 · Σ query[query, d_k] · key[key, d_k]". */
  formula: Line;
  strips: Strip[];
  /** The arithmetic of this cell, line by line, cut to what fits a phone. */
  lines: Line[];
  /** Every term, where `lines` had to leave some out. */
  complete: Line | undefined;
  /** What the shown arithmetic gives, in double. Undefined where there is none. */
  recomputed: number | undefined;
  /** The cells it came from, for pointing at in their own pictures. */
  regions: Region[];
}

export type Operation = Derivation['op'] | 'difference';

const how: Record<Operation, Text> = {
  matmul: { zh: '对应分量相乘，再相加', en: 'products of matching components, summed' },
  add: { zh: '相加', en: 'a sum' },
  scale: { zh: '乘以一个数', en: 'multiplied by a number' },
  softmax: {
    zh: 'softmax：减去最大值，取指数，再除以总和',
    en: 'softmax: subtract the maximum, exponentiate, divide by the sum',
  },
  mask: { zh: '掩码：不许看的位置换成填充值', en: 'mask: what may not be seen is replaced' },
  norm: { zh: '归一化', en: 'normalised' },
  lookup: { zh: '按编号查表', en: 'looked up by id' },
  activation: { zh: '逐元素函数', en: 'a function of one number' },
  reduce: { zh: '汇总成一个数', en: 'summarised into one number' },
  permute: { zh: '同一个数，换了位置', en: 'the same number in another place' },
  concat: { zh: '首尾拼接', en: 'joined end to end' },
  difference: { zh: '现在的减去固定的', en: 'current minus pinned' },
};

/** Explains one cell of a tensor of the frame. Without a derivation there is only its value. */
export function explainCell(frame: Frame, name: string, cell: number[]): Explanation {
  const tensor = tensorOf(frame, name);
  const value = tensor.data[flatIndex(tensor.shape, cell)]!;
  const base: Explanation = {
    ref: { value: name, index: cell },
    cell: cellName(name, tensor, cell),
    role: tensor.role,
    value: formatNumber(value),
    exact: exactNumber(value, tensor.dtype !== 'float64'),
    how: undefined,
    formula: [],
    strips: [],
    lines: [],
    complete: undefined,
    recomputed: undefined,
    regions: [],
  };
  const { derivation } = tensor;
  if (!derivation) return base;
  const reader = new DerivationReader(frame, tensor, cell, derivation);
  return {
    ...base,
    how: how[derivation.op],
    formula: formulaOf(name, tensor, derivation, reader),
    regions: reader.regions(),
    ...arithmetic(reader, value),
  };
}

/** The cells a cell came from; no arithmetic, so that every picture can ask while a pointer moves. */
export function regionsOf(frame: Frame, { value, index }: CellRef): Region[] {
  const tensor = frame.values[value];
  if (tensor?.kind !== 'tensor' || !tensor.derivation) return [];
  return new DerivationReader(frame, tensor, index, tensor.derivation).regions();
}

/* ---- the formula, in the colours of its values' roles ----------------------------------------------------------------- */

function formulaOf(name: string, result: TensorValue, derivation: Derivation, reader: DerivationReader): Line {
  const named = (i: number, renamed: Record<string, string> = {}): Token => {
    const { value, index } = derivation.inputs[i]!;
    const inside = index.map((entry) => renamed[String(entry)] ?? String(entry)).join(', ');
    return { text: `${value}[${inside}]`, role: reader.roleOf(i) };
  };
  const all = derivation.inputs.map((_, i) => named(i));
  const between = (tokens: Token[], join: string): Line =>
    tokens.flatMap((token, i) => (i ? [{ text: join }, token] : [token]));
  const left: Line = [
    { text: `${name}[${result.axes.map((a) => a.name).join(', ')}]`, role: result.role },
    { text: ' = ' },
  ];
  const sum = (over: string): Line => [{ text: 'Σ' }, { text: over, sub: true }, { text: ' ' }];
  const over = reader.contracted.map((c) => c.name).join(', ');
  const attribute = (key: string) => derivation.attributes[key];
  const factor = Number(attribute('factor') ?? 1);
  const right = (): Line => {
    switch (derivation.op as Operation) {
      case 'matmul':
        return [
          ...(factor === 1 ? [] : [{ text: `${formatNumber(factor)} · ` }]),
          ...(over ? sum(over) : []),
          ...between(all, ' · '),
        ];
      case 'add':
        return between(all, ' + ');
      case 'difference':
        return between(all, ' − ');
      case 'scale':
        return [{ text: `${formatNumber(factor)} · ` }, named(0)];
      case 'softmax': {
        const axis = String(attribute('axis'));
        return [
          { text: 'exp(' },
          named(0),
          { text: ' − max) / ' },
          ...sum(`${axis}′`),
          { text: 'exp(' },
          named(0, { [axis]: `${axis}′` }),
          { text: ' − max)' },
        ];
      }
      case 'mask':
        return [named(1), { text: ' ≠ 0 ? ' }, named(0), { text: ` : ${reader.fillText}` }];
      case 'norm': {
        const axis = String(attribute('axis'));
        const kind = attribute('kind');
        const epsilon = Number(attribute('epsilon') ?? 0) === 0 ? '' : ' + ε';
        if (kind === 'layer')
          return [{ text: '(' }, named(0), { text: ' − mean) / √(var' + epsilon + ')' }, { text: axis, sub: true }];
        const inside = kind === 'rms' ? 'mean' : 'Σ';
        return [named(0), { text: ` / √(${inside} ` }, { text: axis, sub: true }, { text: ' x²' + epsilon + ')' }];
      }
      case 'lookup':
        return [{ ...named(0), text: named(0).text.replace(over, named(1).text) }];
      case 'activation':
        return [{ text: `${attribute('function')}(` }, named(0), { text: ')' }];
      case 'reduce':
        return [{ text: String(attribute('function')) }, { text: over, sub: true }, { text: ' ' }, named(0)];
      case 'concat':
        return [{ text: 'concat(' }, ...between(all, ', '), { text: ')' }];
      case 'permute':
        return [named(0)];
    }
  };
  return [...left, ...right()];
}

import { rowName, sourceName, type DerivationReader, type Source } from './derivation';
import type { Explanation, Line, Operation, Strip, Token } from './explain';
import { formatNumber } from './format';

/** How many terms of a long sum stand on a line before the ellipsis; one more follows it. */
const shownTerms = 3;
/** Longer sums are not written out, and longer rows are not drawn as a strip. */
const longest = 1024;
const longestStrip = 128;

type Arithmetic = Pick<Explanation, 'strips' | 'lines' | 'complete' | 'recomputed'>;

const plain = (text: string): Token => ({ text });
const negative = (value: number): boolean => value < 0 || Object.is(value, -0);
/** A number that knows where it stands; in brackets where a minus would follow another sign. */
const number = ({ value, tensor, ref }: Source, brackets = true): Token => ({
  text: brackets && negative(value) ? `(${formatNumber(value)})` : formatNumber(value),
  role: tensor.role,
  ref,
});
const inBrackets = (value: number): string => (negative(value) ? `(${formatNumber(value)})` : formatNumber(value));
const named = (source: Source): Line => [
  { text: `${sourceName(source)} = `, role: source.tensor.role },
  number(source, false),
];
const equals = (value: number): Line => [plain(`= ${formatNumber(value)}`)];

function joined(count: number, term: (i: number) => Line, join: string): Line {
  const line: Line = [];
  for (let i = 0; i < count; i += 1) line.push(...(i ? [plain(join)] : []), ...term(i));
  return line;
}
/** First terms, an ellipsis, the last one. */
function abridged(count: number, term: (i: number) => Line, join: string): Line {
  if (count <= shownTerms + 2) return joined(count, term, join);
  return [...joined(shownTerms, term, join), plain(`${join}…${join}`), ...term(count - 1)];
}
const complete = (count: number, term: (i: number) => Line, join: string): Line | undefined =>
  count > shownTerms + 2 && count <= longest ? joined(count, term, join) : undefined;

function strip(reader: DerivationReader, input: number, sources: Source[], mark?: number): Strip {
  const region = reader.regions()[input]!;
  const tensor = sources[0]!.tensor;
  return {
    name: [{ text: rowName(region, tensor), role: tensor.role }],
    role: tensor.role,
    cells: sources.map(({ value, ref }) => ({ value, ref })),
    ...(mark === undefined ? {} : { mark }),
  };
}

const sum = (values: number[]): number => values.reduce((total, x) => total + x, 0);
const indices = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The arithmetic of one cell with its real numbers. `value` is what the frame holds; sums are done again in double. */
export function arithmetic(reader: DerivationReader, value: number): Arithmetic {
  const operation = reader.derivation.op as Operation;
  const { lines, strips = [], ...rest } = byOperation[operation](reader);
  return {
    strips: strips.filter((s) => s.cells.length > 1 && s.cells.length <= longestStrip),
    lines: [...lines, equals(value)],
    complete: rest.complete,
    recomputed: rest.recomputed,
  };
}

interface Worked {
  lines: Line[];
  recomputed: number;
  strips?: Strip[];
  complete?: Line | undefined;
}

function matmul(reader: DerivationReader): Worked {
  const { terms, inputs } = reader;
  const factor = Number(reader.attribute('factor') ?? 1);
  const at = indices(terms).map((term) => indices(inputs).map((input) => reader.read(input, term)));
  const term = (i: number): Line => joined(inputs, (input) => [number(at[i]![input]!)], '×');
  const products = at.map((sources) => sources.reduce((product, { value }) => product * value, 1));
  const total = sum(products);
  const scaled: Line[] = factor === 1 ? [] : [[plain(`${formatNumber(factor)} × ${inBrackets(total)}`)]];
  const strips = indices(inputs).map((input) =>
    strip(
      reader,
      input,
      at.map((sources) => sources[input]!),
    ),
  );
  if (terms > 1) {
    strips.push({
      name: [
        plain(
          indices(inputs)
            .map((input) => reader.nameOf(input))
            .join(' × '),
        ),
      ],
      role: 'none',
      cells: products.map((product) => ({ value: product })),
    });
  }
  return {
    strips,
    lines: [abridged(terms, term, ' + '), ...(terms > 1 && scaled.length ? [equals(total)] : []), ...scaled],
    complete: complete(terms, term, ' + '),
    recomputed: factor * total,
  };
}

function add(reader: DerivationReader, sign: string): Worked {
  const all = indices(reader.inputs).map((input) => reader.read(input));
  const values = all.map((s) => s.value);
  return {
    lines: [...all.map(named), joined(all.length, (i) => [number(all[i]!, i > 0)], ` ${sign} `)],
    recomputed: sign === '+' ? sum(values) : values.slice(1).reduce((rest, x) => rest - x, values[0]!),
  };
}

function alongAxis(reader: DerivationReader): { row: Source[]; own: Source; place: number } {
  const { axis, extent } = reader.along;
  const row = indices(extent).map((index) => reader.read(0, 0, { axis, index }));
  return { row, own: reader.read(0), place: reader.cell[axis]! };
}

function softmax(reader: DerivationReader): Worked {
  const { row, own, place } = alongAxis(reader);
  const maximum = row.reduce((most, { value }) => Math.max(most, value), -Infinity);
  const powers = row.map(({ value }) => Math.exp(value - maximum));
  const total = sum(powers);
  const power = (i: number): Line => [plain('exp('), number(row[i]!, false), plain(` − ${inBrackets(maximum)})`)];
  return {
    strips: [strip(reader, 0, row, place)],
    lines: [
      named(own),
      [...power(place), plain(` = ${formatNumber(powers[place])}`)],
      [
        plain('Σ = '),
        ...abridged(row.length, (i) => [plain(formatNumber(powers[i]))], ' + '),
        plain(` = ${formatNumber(total)}`),
      ],
      [plain(`${formatNumber(powers[place])} ÷ ${formatNumber(total)}`)],
    ],
    complete: complete(row.length, power, ' + '),
    recomputed: powers[place]! / total,
  };
}

function norm(reader: DerivationReader): Worked {
  const { row, own, place } = alongAxis(reader);
  const kind = reader.attribute('kind');
  const epsilon = Number(reader.attribute('epsilon') ?? 0);
  const center = kind === 'layer' ? sum(row.map((s) => s.value)) / row.length : 0;
  const squares = sum(row.map(({ value }) => (value - center) ** 2));
  const inside = (kind === 'l2' ? squares : squares / row.length) + epsilon;
  const divisor = Math.sqrt(inside);
  const shown = epsilon === 0 ? formatNumber(inside) : `${formatNumber(inside - epsilon)} + ${formatNumber(epsilon)}`;
  const label = kind === 'layer' ? 'var' : kind === 'l2' ? 'Σ x²' : 'mean x²';
  const mean: Line = [
    plain('mean = ('),
    ...abridged(row.length, (i) => [number(row[i]!)], ' + '),
    plain(`) ÷ ${row.length} = ${formatNumber(center)}`),
  ];
  const top: Line =
    kind === 'layer' ? [plain('('), number(own, false), plain(` − ${inBrackets(center)})`)] : [number(own, false)];
  return {
    strips: [strip(reader, 0, row, place)],
    lines: [
      ...(kind === 'layer' ? [mean] : []),
      [plain(`${label} = ${formatNumber(inside - epsilon)},  √(${shown}) = ${formatNumber(divisor)}`)],
      [...top, plain(` ÷ ${formatNumber(divisor)}`)],
    ],
    complete: complete(row.length, (i) => [number(row[i]!)], ' + '),
    recomputed: (own.value - center) / divisor,
  };
}

function mask(reader: DerivationReader): Worked {
  const keep = reader.read(1);
  const kept = keep.value !== 0;
  const own = reader.read(0);
  return {
    lines: [named(keep), kept ? named(own) : [...named(own), plain(` → ${reader.fillText}`)]],
    recomputed: kept ? own.value : reader.fill,
  };
}

function lookup(reader: DerivationReader): Worked {
  const id = reader.read(1);
  const found = reader.lookUp(0, id.value);
  return { lines: [named(id), named(found)], recomputed: found.value };
}

const activations: Record<string, (x: number) => number> = {
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  relu: (x) => (x > 0 ? x : 0),
  gelu: (x) => 0.5 * x * (1 + Math.tanh(0.7978845608028654 * (x + 0.044715 * x ** 3))),
  silu: (x) => x / (1 + Math.exp(-x)),
  sqrt: Math.sqrt,
  square: (x) => x * x,
};
const spelled: Record<string, (x: string) => string> = {
  exp: (x) => `exp(${x})`,
  log: (x) => `ln(${x})`,
  tanh: (x) => `tanh(${x})`,
  relu: (x) => `max(0, ${x})`,
  gelu: (x) => `½ · ${x} · (1 + tanh(0.7979 · (${x} + 0.04472 · ${x}³)))`,
  silu: (x) => `${x} / (1 + exp(−${x}))`,
  sqrt: (x) => `√(${x})`,
  square: (x) => `${x}²`,
};

function activation(reader: DerivationReader): Worked {
  const own = reader.read(0);
  const name = String(reader.attribute('function'));
  return {
    lines: [named(own), [plain((spelled[name] ?? ((x) => `${name}(${x})`))(inBrackets(own.value)))]],
    recomputed: activations[name]?.(own.value) ?? NaN,
  };
}

function reduce(reader: DerivationReader): Worked {
  const name = String(reader.attribute('function'));
  const sources = indices(reader.terms).map((term) => reader.read(0, term));
  const values = sources.map((s) => s.value);
  const n = values.length;
  const total = sum(values);
  const mean = total / n;
  const variance = sum(values.map((x) => (x - mean) ** 2)) / n;
  const plus = (term: (i: number) => Line) => abridged(n, term, ' + ');
  const each = (i: number): Line => [number(sources[i]!)];
  const square = (i: number): Line => [number(sources[i]!), plain('²')];
  const deviation = (i: number): Line => [plain('('), number(sources[i]!, false), plain(` − ${inBrackets(mean)})²`)];
  const surprise = (i: number): Line => [number(sources[i]!), plain('·ln '), number(sources[i]!)];
  const extreme = (f: (a: number, b: number) => number): Worked => {
    const best = values.reduce((a, b) => f(a, b));
    return {
      lines: [[plain(`${name}(`), ...abridged(n, each, ', '), plain(')')]],
      complete: complete(n, each, ', '),
      recomputed: best,
      strips: [strip(reader, 0, sources, values.indexOf(best))],
    };
  };
  const strips = [strip(reader, 0, sources)];
  switch (name) {
    case 'max':
      return extreme(Math.max);
    case 'min':
      return extreme(Math.min);
    case 'sum':
      return { strips, lines: [plus(each)], complete: complete(n, each, ' + '), recomputed: total };
    case 'mean':
      return {
        strips,
        lines: [plus(each), [plain(`= ${formatNumber(total)}`)], [plain(`${formatNumber(total)} ÷ ${n}`)]],
        complete: complete(n, each, ' + '),
        recomputed: mean,
      };
    case 'norm': {
      const squares = sum(values.map((x) => x * x));
      return {
        strips,
        lines: [plus(square), [plain(`= ${formatNumber(squares)}`)], [plain(`√${formatNumber(squares)}`)]],
        complete: complete(n, square, ' + '),
        recomputed: Math.sqrt(squares),
      };
    }
    case 'entropy':
      return {
        strips,
        lines: [[plain('−('), ...plus(surprise), plain(')')]],
        complete: complete(n, surprise, ' + '),
        recomputed: -sum(values.map((x) => (x > 0 ? x * Math.log(x) : 0))),
      };
    default: {
      const root = name === 'std';
      return {
        strips,
        lines: [
          [plain(`mean = ${formatNumber(mean)}`)],
          [plain('('), ...plus(deviation), plain(`) ÷ ${n}`)],
          ...(root ? [equals(variance), [plain(`√${formatNumber(variance)}`)]] : []),
        ],
        complete: complete(n, deviation, ' + '),
        recomputed: root ? Math.sqrt(variance) : name === 'variance' ? variance : NaN,
      };
    }
  }
}

function single(reader: DerivationReader, source: Source): Worked {
  return { lines: [named(source)], recomputed: source.value };
}

const byOperation: Record<Operation, (reader: DerivationReader) => Worked> = {
  matmul,
  add: (reader) => add(reader, '+'),
  difference: (reader) => add(reader, '−'),
  scale: (reader) => {
    const own = reader.read(0);
    const factor = Number(reader.attribute('factor') ?? 1);
    return {
      lines: [named(own), [plain(`${formatNumber(factor)} × `), number(own)]],
      recomputed: factor * own.value,
    };
  },
  softmax,
  mask,
  norm,
  lookup,
  activation,
  reduce,
  permute: (reader) => single(reader, reader.read(0)),
  concat: (reader) => {
    const { input, index } = reader.part();
    return single(reader, reader.read(input, 0, { axis: reader.along.axis, index }));
  },
};

import { frameOf, tensor } from './fixtures';
import type { Derivation, Frame } from '../src/engine/protocol';

const axes = (...names: string[]) => names.map((name) => ({ name }));
const deriv = (
  op: Derivation['op'],
  inputs: [string, (string | number)[]][],
  attributes = {},
): { derivation: Derivation } => ({
  derivation: { op, inputs: inputs.map(([value, index]) => ({ value, index })), attributes },
});

/** A frame with every operation of the closed list, over one small x [2, 3]. Results are worked out here by plain loops. */
export function everyOperation(): Frame {
  const x = [1, -2, 3, 0.5, 4, -1];
  const rows = [x.slice(0, 3), x.slice(3)];
  const w = [2, 0, -1, 1, 3, -3];
  const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);
  const per = (f: (row: number[]) => number[]) => rows.flatMap(f);
  const one = (f: (row: number[]) => number) => rows.map(f);
  const mean = (row: number[]) => sum(row) / 3;
  const variance = (row: number[]) => sum(row.map((v) => (v - mean(row)) ** 2)) / 3;
  const softmax = (row: number[]) => row.map((v) => Math.exp(v) / sum(row.map(Math.exp)));
  const gelu = (v: number) => 0.5 * v * (1 + Math.tanh(0.7978845608028654 * (v + 0.044715 * v ** 3)));
  const keep = [1, 1, 0, 1, 0, 1];
  const ij = axes('i', 'j');
  const positive = x.map(Math.abs);
  const reductions: [string, (row: number[]) => number][] = [
    ['sum', sum],
    ['mean', mean],
    ['max', (row) => Math.max(...row)],
    ['min', (row) => Math.min(...row)],
    ['variance', variance],
    ['std', (row) => Math.sqrt(variance(row))],
    ['norm', (row) => Math.sqrt(sum(row.map((v) => v * v)))],
  ];
  const activations: [string, (v: number) => number, number[]][] = [
    ['exp', Math.exp, x],
    ['log', Math.log, positive],
    ['tanh', Math.tanh, x],
    ['relu', (v) => Math.max(0, v), x],
    ['gelu', gelu, x],
    ['silu', (v) => v / (1 + Math.exp(-v)), x],
    ['sqrt', Math.sqrt, positive],
    ['square', (v) => v * v, x],
  ];
  return frameOf({
    x: tensor(x, [2, 3], ij, { role: 'query' }),
    positive: tensor(positive, [2, 3], ij),
    w: tensor(w, [3, 2], axes('j', 'k'), { role: 'weight' }),
    bias: tensor([10, 20, 30], [3], axes('j')),
    keep: tensor(keep, [2, 3], ij, { role: 'mask' }),
    ids: tensor([2, 0], [2], axes('i')),
    product: tensor(
      [0, 1].flatMap((i) => [0, 1].map((k) => 0.5 * sum([0, 1, 2].map((j) => x[i * 3 + j]! * w[j * 2 + k]!)))),
      [2, 2],
      axes('i', 'k'),
      deriv(
        'matmul',
        [
          ['x', ['i', 'j']],
          ['w', ['j', 'k']],
        ],
        { factor: 0.5 },
      ),
    ),
    elementwise: tensor(
      x.map((v, n) => v * keep[n]!),
      [2, 3],
      ij,
      deriv('matmul', [
        ['x', ['i', 'j']],
        ['keep', ['i', 'j']],
      ]),
    ),
    biased: tensor(
      x.map((v, n) => v + [10, 20, 30][n % 3]!),
      [2, 3],
      ij,
      deriv('add', [
        ['x', ['i', 'j']],
        ['bias', ['j']],
      ]),
    ),
    scaled: tensor(
      x.map((v) => 0.25 * v),
      [2, 3],
      ij,
      deriv('scale', [['x', ['i', 'j']]], { factor: 0.25 }),
    ),
    probability: tensor(per(softmax), [2, 3], ij, {
      role: 'probability',
      ...deriv('softmax', [['x', ['i', 'j']]], { axis: 'j' }),
    }),
    masked: tensor(
      x.map((v, n) => (keep[n] ? v : -Infinity)),
      [2, 3],
      ij,
      deriv(
        'mask',
        [
          ['x', ['i', 'j']],
          ['keep', ['i', 'j']],
        ],
        { fill: '-inf' },
      ),
    ),
    zeroed: tensor(
      x.map((v, n) => (keep[n] ? v : 7)),
      [2, 3],
      ij,
      deriv(
        'mask',
        [
          ['x', ['i', 'j']],
          ['keep', ['i', 'j']],
        ],
        { fill: 7 },
      ),
    ),
    layer: tensor(
      per((row) => row.map((v) => (v - mean(row)) / Math.sqrt(variance(row) + 1e-5))),
      [2, 3],
      ij,
      deriv('norm', [['x', ['i', 'j']]], { axis: 'j', kind: 'layer', epsilon: 1e-5 }),
    ),
    rms: tensor(
      per((row) => row.map((v) => v / Math.sqrt(sum(row.map((u) => u * u)) / 3))),
      [2, 3],
      ij,
      deriv('norm', [['x', ['i', 'j']]], { axis: 'j', kind: 'rms' }),
    ),
    l2: tensor(
      per((row) => row.map((v) => v / Math.sqrt(sum(row.map((u) => u * u))))),
      [2, 3],
      ij,
      deriv('norm', [['x', ['i', 'j']]], { axis: 'j', kind: 'l2' }),
    ),
    embedded: tensor(
      [w[4]!, w[5]!, w[0]!, w[1]!],
      [2, 2],
      axes('i', 'k'),
      deriv('lookup', [
        ['w', ['id', 'k']],
        ['ids', ['i']],
      ]),
    ),
    turned: tensor([1, 0.5, -2, 4, 3, -1], [3, 2], axes('j', 'i'), deriv('permute', [['x', ['i', 'j']]])),
    second_row: tensor([0.5, 4, -1], [3], axes('j'), deriv('permute', [['x', ['1', 'j']]])),
    longer: tensor(
      [1, -2, 3, 10, 20, 30],
      [6],
      axes('n'),
      deriv(
        'concat',
        [
          ['first_row', ['n']],
          ['bias', ['n']],
        ],
        { axis: 'n' },
      ),
    ),
    first_row: tensor([1, -2, 3], [3], axes('n')),
    entropy: tensor(
      one((row) => -sum(softmax(row).map((p) => p * Math.log(p)))),
      [2],
      axes('i'),
      deriv('reduce', [['probability', ['i', 'j']]], { function: 'entropy' }),
    ),
    ...Object.fromEntries(
      reductions.map(([name, f]) => [
        `reduce_${name}`,
        tensor(one(f), [2], axes('i'), deriv('reduce', [['x', ['i', 'j']]], { function: name })),
      ]),
    ),
    ...Object.fromEntries(
      activations.map(([name, f, from]) => [
        `activation_${name}`,
        tensor(
          from.map(f),
          [2, 3],
          ij,
          deriv('activation', [[from === x ? 'x' : 'positive', ['i', 'j']]], { function: name }),
        ),
      ]),
    ),
  });
}

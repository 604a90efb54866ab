import { describe, expect, it } from 'vitest';
import type { Frame, TensorValue } from '../src/engine/protocol';
import { explainCell, type Explanation, type Line } from '../src/views/explain';
import { attentionFrame, frameOf, tensor } from './fixtures';
import { everyOperation } from './derived';

const text = (line: Line) => line.map((token) => token.text).join('');
const lines = (explanation: Explanation) => explanation.lines.map(text);
const parsed = (shown: string) => Number(shown.replaceAll('−', '-').replace('∞', 'Infinity').replace(/[()]/g, ''));

function* cellsOf({ shape }: TensorValue): Generator<number[]> {
  const total = shape.reduce((a, b) => a * b, 1);
  for (let flat = 0; flat < total; flat += 1) {
    const cell: number[] = [];
    let rest = flat;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      cell.unshift(rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
    yield cell;
  }
}
const at = (frame: Frame, { value, index }: { value: string; index: number[] }) => {
  const { data, shape } = frame.values[value] as TensorValue;
  return data[index.reduce((flat, i, axis) => flat * shape[axis]! + i, 0)]!;
};

describe('every operation of the closed list', () => {
  const frame = everyOperation();
  const derived = Object.entries(frame.values).filter(([, v]) => v.kind === 'tensor' && v.derivation) as [
    string,
    TensorValue,
  ][];

  it('is in the frame', () => {
    expect(new Set(derived.map(([, v]) => v.derivation!.op))).toEqual(
      new Set([
        'matmul',
        'add',
        'scale',
        'softmax',
        'mask',
        'norm',
        'lookup',
        'activation',
        'reduce',
        'permute',
        'concat',
      ]),
    );
  });

  it.each(derived)('%s: the arithmetic gives the cell, for every cell', (name, value) => {
    for (const cell of cellsOf(value)) {
      const explanation = explainCell(frame, name, cell);
      const expected = at(frame, { value: name, index: cell });
      if (Number.isFinite(expected)) expect(explanation.recomputed).toBeCloseTo(expected, 5);
      else expect(explanation.recomputed).toBe(expected);
      // The last line says what the cell holds, and the first ones say how.
      expect(lines(explanation).at(-1)).toBe(`= ${explanation.value}`);
      expect(explanation.lines.length).toBeGreaterThan(1);
      expect(explanation.formula.length).toBeGreaterThan(1);
    }
  });

  it.each(derived)('%s: every number that knows where it stands, stands there', (name, value) => {
    for (const cell of cellsOf(value)) {
      const explanation = explainCell(frame, name, cell);
      const tokens = [...explanation.lines.flat(), ...(explanation.complete ?? [])].filter((token) => token.ref);
      expect(tokens.length).toBeGreaterThan(0);
      for (const token of tokens) {
        const stands = at(frame, token.ref!);
        expect(parsed(token.text)).toBeCloseTo(Number.isFinite(stands) ? Number(stands.toPrecision(4)) : stands, 6);
      }
      for (const strip of explanation.strips)
        for (const source of strip.cells) if (source.ref) expect(source.value).toBe(at(frame, source.ref));
      // Every number shown lies in a region that the source's own picture highlights.
      for (const { ref } of tokens) {
        const inside = explanation.regions.some(
          (region) =>
            region.value === ref!.value && region.index.every((i, axis) => i === null || i === ref!.index[axis]),
        );
        expect(inside, `${name} ${cell} reads ${ref!.value} ${ref!.index}`).toBe(true);
      }
    }
  });
});

describe('what is written', () => {
  it('a product with its real numbers, factor last', () => {
    const explanation = explainCell(attentionFrame, 'scores', [1, 0]);
    expect(explanation.cell).toBe('scores[1, 0]');
    expect(lines(explanation)).toEqual(['3×1 + 4×0', '= 3', '0.5 × 3', '= 1.5']);
    expect(text(explanation.formula)).toBe('scores[query, key] = 0.5 · Σd_k query[query, d_k] · key[key, d_k]');
    expect(explanation.regions.map((r) => [r.value, r.index])).toEqual([
      ['query', [1, null]],
      ['key', [0, null]],
    ]);
  });
  it('softmax over its axis, in the order one works it out', () => {
    const explanation = explainCell(attentionFrame, 'attention', [1, 1]);
    expect(lines(explanation)).toEqual([
      'visible[1, 1] = 2',
      'exp(2 − 2) = 1',
      'Σ = 0.6065 + 1 = 1.607',
      '1 ÷ 1.607',
      '= 0.6225',
    ]);
    expect(explanation.strips[0]).toMatchObject({ mark: 1, cells: [{ value: 1.5 }, { value: 2 }] });
  });
  it('what was masked, and what stood there', () => {
    expect(lines(explainCell(attentionFrame, 'visible', [0, 1]))).toEqual([
      'mask[0, 1] = 0',
      'scores[0, 1] = 1 → −∞',
      '= −∞',
    ]);
    expect(lines(explainCell(attentionFrame, 'visible', [0, 0]))).toEqual([
      'mask[0, 0] = 1',
      'scores[0, 0] = 0.5',
      '= 0.5',
    ]);
  });
  it('only the value where there is no derivation', () => {
    expect(explainCell(attentionFrame, 'query', [1, 1])).toMatchObject({
      value: '4',
      lines: [],
      how: undefined,
      regions: [],
    });
  });
  it('the mean of a layer norm, bracketed', () => {
    const [first] = lines(explainCell(everyOperation(), 'layer', [0, 1]));
    expect(first).toBe('mean = (1 + (−2) + 3) ÷ 3 = 0.6667');
  });

  it('long sums are cut on the line and complete on demand', () => {
    const n = 40;
    const list = Array.from({ length: n }, (_, i) => i - 20);
    const frame = frameOf({
      a: tensor(list, [n], [{ name: 'd' }]),
      s: tensor([list.reduce((x, y) => x + y * y, 0)], [1], [{ name: 'i' }], {
        derivation: {
          op: 'matmul',
          inputs: [
            { value: 'a', index: ['d'] },
            { value: 'a', index: ['d'] },
          ],
          attributes: {},
        },
      }),
    });
    const explanation = explainCell(frame, 's', [0]);
    expect(lines(explanation)[0]).toBe('(−20)×(−20) + (−19)×(−19) + (−18)×(−18) + … + 19×19');
    expect(explanation.complete!.filter((token) => token.ref)).toHaveLength(2 * n);
    expect(explanation.strips.map((strip) => strip.cells.length)).toEqual([n, n, n]);
  });
});

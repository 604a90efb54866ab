import { describe, expect, it } from 'vitest';
import type { ExperimentEntry, Frame, Output, Value } from '../../src/engine/protocol';
import { declaredViews, labPart, labViews } from '../../src/lab/views';
import { partExpressions } from '../../src/lesson/live';
import { modeOf } from '../../src/lesson/part_run.svelte';

const doc = { zh: '说明', en: 'doc' };
const output = (name: string, kind: Output['kind']): Output => ({ name, kind, doc });
const entry = (outputs: Output[]): ExperimentEntry => ({
  id: 'some.experiment',
  summary: doc,
  parameters: [],
  constraints: [],
  outputs,
  assets: [],
});
const tensor = (shape: number[], ticks: (string[] | undefined)[] = []): Value => ({
  kind: 'tensor',
  dtype: 'float32',
  shape,
  axes: shape.map((_, i) => ({ name: `axis${i}`, ...(ticks[i] ? { ticks: ticks[i] } : {}) })),
  role: 'none',
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});
const frame = (values: Record<string, Value>): Frame => ({
  sequence: 0,
  progress: { done: 1, total: 1 },
  last: true,
  values,
  cost: { flops: 0, bytes: 0, matmuls: 0 },
});
const viewOf = (value: Value) => labViews(entry([output('x', value.kind as Output['kind'])]), frame({ x: value }))[0];
const widths = ['4', '8', '16', '32', '64'];

describe('pictures from a declaration', () => {
  it('numbers on cards, asked for before the run', () => {
    const part = labPart(entry([output('a', 'scalar'), output('b', 'scalar')]));
    expect(partExpressions(part)).toEqual(['a', 'b']);
    expect(modeOf(part)).toBe('once');
  });
  it('curves with a stem in common in one picture, the first with the player', () => {
    const views = declaredViews(entry(['loss', 'curve_1', 'curve_2'].map((name) => output(name, 'series'))));
    expect(views.map((view) => [view.kind, 'curves' in view && view.curves.map((c) => c.value)])).toEqual([
      ['training', ['loss']],
      ['line', ['curve_1', 'curve_2']],
    ]);
  });
  it('a tensor by its shape and ticks', () => {
    expect(viewOf(tensor([5]))?.kind).toBe('bar');
    expect(viewOf(tensor([200]))?.kind).toBe('line');
    expect(viewOf(tensor([5], [widths]))).toMatchObject({ kind: 'line', x: { log: true } });
    expect(viewOf(tensor([5, 2], [widths, ['none', 'sqrt']]))).toMatchObject({
      kind: 'line',
      curves: [{ value: 'x', x: 'axis0', lines: 'axis1' }],
    });
    expect(viewOf(tensor([8, 8]))?.kind).toBe('heatmap');
    expect(viewOf(tensor([3, 2, 8, 8]))).toMatchObject({ kind: 'heatmap', choose: ['axis0', 'axis1'] });
    expect(viewOf(tensor([512, 512]))?.kind).toBe('histogram');
    expect(viewOf(tensor([0, 4]))).toBeUndefined();
  });
  it('tables, tokens and graphs as such; what the frame lacks is left out', () => {
    expect(viewOf({ kind: 'table', columns: [], rows: [] })?.kind).toBe('table');
    expect(viewOf({ kind: 'tokens', strips: [] })?.kind).toBe('tokens');
    expect(viewOf({ kind: 'graph', boxes: [], wires: [] } as unknown as Value)?.kind).toBe('diagram');
    expect(labViews(entry([output('gone', 'tensor')]), frame({}))).toEqual([]);
  });
});

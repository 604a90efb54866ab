import type { ExperimentEntry, Frame, TensorValue, Value } from '../src/engine/protocol';

export function tensor(
  data: number[],
  shape: number[],
  axes: TensorValue['axes'],
  more: Partial<TensorValue> = {},
): TensorValue {
  return { kind: 'tensor', dtype: 'float32', shape, axes, role: 'none', data: new Float32Array(data), ...more };
}

export function frameOf(values: Record<string, Value>): Frame {
  return { sequence: 0, progress: { done: 1, total: 1 }, last: true, values, cost: { flops: 0, bytes: 0, matmuls: 0 } };
}

/** Two queries, two keys of width 2: scores = Q K^T / 2, one of them masked, then softmax. Worked out by hand. */
export const attentionFrame = frameOf({
  query: tensor([1, 2, 3, 4], [2, 2], [{ name: 'query' }, { name: 'd_k' }], { role: 'query' }),
  key: tensor([1, 0, 0, 1], [2, 2], [{ name: 'key' }, { name: 'd_k' }], { role: 'key' }),
  scores: tensor([0.5, 1, 1.5, 2], [2, 2], [{ name: 'query' }, { name: 'key' }], {
    role: 'score',
    derivation: {
      op: 'matmul',
      inputs: [
        { value: 'query', index: ['query', 'd_k'] },
        { value: 'key', index: ['key', 'd_k'] },
      ],
      attributes: { factor: 0.5 },
    },
  }),
  mask: tensor([1, 0, 1, 1], [2, 2], [{ name: 'query' }, { name: 'key' }], { role: 'mask' }),
  visible: tensor([0.5, -Infinity, 1.5, 2], [2, 2], [{ name: 'query' }, { name: 'key' }], {
    role: 'score',
    derivation: {
      op: 'mask',
      inputs: [
        { value: 'scores', index: ['query', 'key'] },
        { value: 'mask', index: ['query', 'key'] },
      ],
      attributes: {},
    },
  }),
  attention: tensor([1, 0, 0.3775407, 0.6224593], [2, 2], [{ name: 'query' }, { name: 'key' }], {
    role: 'probability',
    derivation: { op: 'softmax', inputs: [{ value: 'visible', index: ['query', 'key'] }], attributes: { axis: 'key' } },
  }),
  curve: {
    kind: 'series',
    x: 'update',
    from: 0,
    points: [
      [0, 3],
      [1, 2],
      [2, 1.5],
    ],
  },
  sweep: tensor(
    [1, 4, 2, 3],
    [2, 2],
    [
      { name: 'd_k', ticks: ['4', '8'] },
      { name: 'scale', ticks: ['none', 'sqrt'] },
    ],
  ),
  rows: tensor([0.001, 0.01, 0.1, 0.5], [4], [{ name: 'row' }], { role: 'gradient' }),
  merges: {
    kind: 'table',
    columns: [
      { name: 'left', kind: 'text', label: { zh: '左', en: 'left' } },
      { name: 'count', kind: 'integer', label: { zh: '次数', en: 'count' } },
    ],
    rows: Array.from({ length: 20 }, (_, i) => [`p${i}`, i]),
  },
  tokens: {
    kind: 'tokens',
    strips: [
      {
        label: '',
        source: '狗 ab?',
        count: 1,
        pieces: [
          { id: 231, text: '狗', span: [0, 1], bytes: 'E7 8B', fragment: 1, fragments: 2 },
          { id: 151, text: '狗', span: [0, 1], bytes: '97', fragment: 2, fragments: 2 },
          { id: 32, text: ' ', span: [1, 2] },
          { id: 300, text: 'a', span: [2, 3] },
          { id: 301, text: 'b', span: [3, 4], continues_word: true },
          { id: 0, text: '?', span: [4, 5], unknown: true },
        ],
      },
    ],
  },
});

export const entry: ExperimentEntry = {
  id: 'attention.scaling',
  summary: { zh: '', en: '' },
  parameters: [
    {
      name: 'd_k',
      kind: 'integer',
      label: { zh: '宽度', en: 'width' },
      doc: { zh: '说明', en: 'doc' },
      default: 64,
      minimum: 4,
      maximum: 1024,
      spacing: 'power_of_two',
    },
    {
      name: 'rate',
      kind: 'number',
      label: { zh: '学习率', en: 'rate' },
      doc: { zh: '', en: '' },
      default: 0.1,
      minimum: 0.001,
      maximum: 1,
      spacing: 'logarithmic',
    },
    {
      name: 'scale',
      kind: 'enumeration',
      label: { zh: '缩放', en: 'scale' },
      doc: { zh: '', en: '' },
      default: 'sqrt',
      options: [
        { name: 'none', label: { zh: '不缩放', en: 'none' } },
        { name: 'sqrt', label: { zh: '开方', en: 'root' } },
      ],
    },
    { name: 'on', kind: 'boolean', label: { zh: '开关', en: 'on' }, doc: { zh: '', en: '' }, default: true },
    {
      name: 'corpus',
      kind: 'text',
      label: { zh: '语料', en: 'corpus' },
      doc: { zh: '', en: '' },
      default: 'low 狗',
      minimum: 1,
      maximum: 100,
    },
  ],
  constraints: [],
  outputs: [],
  assets: [],
};

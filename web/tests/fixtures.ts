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

/** One of everything the other pictures draw; small enough to work out by hand. */
export const pictureFrame = frameOf({
  loss: {
    kind: 'series',
    x: 'update',
    from: 0,
    points: [
      [0, 3],
      [1, null],
      [2, 1.5],
      [3, 1],
    ],
  },
  other: tensor([1, 2, 3, 4], [4], [{ name: 'update' }]),
  /** [layer, token, component]: layer 1 is layer 0 and one more; the components are i, 10 i, 100 i. */
  points: tensor(
    [0, 0, 0, 1, 10, 100, 2, 20, 200, 1, 10, 100, 2, 20, 200, 3, 30, 300],
    [2, 3, 3],
    [
      { name: 'layer' },
      { name: 'token', ticks: ['the', 'cat', '.'] },
      { name: 'component', ticks: ['pc1', 'pc2', 'pc3'] },
    ],
  ),
  kinds: { ...tensor([0, 1, 1], [3], [{ name: 'token' }]), dtype: 'int32', data: new Int32Array([0, 1, 1]) },
  map: tensor(
    [0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1],
    [2, 2, 3],
    [{ name: 'layer' }, { name: 'y', ticks: ['0', '1'] }, { name: 'x', ticks: ['-1', '0', '1'] }],
    { role: 'probability' },
  ),
  costs: {
    kind: 'table',
    columns: [
      { name: 'part', kind: 'text', label: { zh: '部分', en: 'part' } },
      { name: 'start', kind: 'number', label: { zh: '开始', en: 'start' } },
      { name: 'end', kind: 'number', label: { zh: '结束', en: 'end' } },
      { name: 'kept', kind: 'boolean', label: { zh: '保留', en: 'kept' } },
    ],
    rows: [
      ['embed', 0, 2, true],
      ['attend', 2, 5, false],
      ['feed', 5, 9, true],
      ['broken', 9, 'nan', false],
    ],
  },
  /** [head, query, key]: head 0 is causal, head 1 looks across. */
  heads: tensor(
    [0.8, -Infinity, 0.3, 0.7, 0.1, 0.9, 0.5, 0.5],
    [2, 2, 2],
    [{ name: 'head' }, { name: 'query' }, { name: 'key' }],
    { role: 'probability' },
  ),
  words: {
    kind: 'tokens',
    strips: [
      {
        label: 'wordpiece',
        source: 'lowest',
        count: 1,
        pieces: [
          { id: 5, text: 'low', span: [0, 3] },
          { id: 9, text: 'est', span: [3, 6], continues_word: true },
        ],
      },
    ],
  },
  two: {
    kind: 'tokens',
    strips: [
      {
        label: 'a',
        source: 'lowest',
        count: 1,
        pieces: [
          { id: 5, text: 'low', span: [0, 3] },
          { id: 9, text: 'est', span: [3, 6] },
        ],
      },
      {
        label: 'b',
        source: 'lowest',
        count: 1,
        pieces: [
          { id: 5, text: 'low', span: [0, 3] },
          { id: 7, text: 'e', span: [3, 4] },
          { id: 8, text: 'st', span: [4, 6] },
        ],
      },
    ],
  },
  amounts: tensor([0.1, NaN, 0.3, 0.4, 0.5], [5], [{ name: 'piece' }]),
  graph: {
    kind: 'graph',
    boxes: [
      { id: 'x', label: { zh: '输入', en: 'input' }, shape: '[3, 3]', value: 'points' },
      {
        id: 'q',
        label: { zh: 'query', en: 'query' },
        shape: '[2, 2, 2]',
        value: 'heads',
        role: 'query',
        group: 'attention',
      },
      { id: 'k', label: { zh: 'key', en: 'key' }, shape: '', role: 'key', group: 'attention', quiet: true },
      { id: 'out', label: { zh: '输出', en: 'output' }, shape: '[3]', value: 'other' },
    ],
    wires: [
      { from: 'x', to: 'q' },
      { from: 'x', to: 'k' },
      { from: 'q', to: 'out', lit: true, label: { zh: '主路', en: 'main' } },
      { from: 'k', to: 'out' },
      { from: 'x', to: 'out' },
    ],
    groups: [{ id: 'attention', label: { zh: '注意力', en: 'attention' } }],
  },
  shares: tensor([0.25, 0.75], [2], [{ name: 'box', ticks: ['q', 'k'] }]),
  digits: tensor(
    Array.from({ length: 16 }, (_, i) => i),
    [2, 2, 4],
    [{ name: 'sample', ticks: ['three', 'four'] }, { name: 'row' }, { name: 'column' }],
  ),
  patchwise: tensor([0.1, 0.2, 0.3, 0.4], [4], [{ name: 'patch' }]),
  nothing: tensor([], [0], [{ name: 'i' }]),
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

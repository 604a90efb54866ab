import type { ParameterValue } from '../engine/protocol';
import type { Part, Rich, View } from '../lesson/types';

/** What the page of views shows: every kind on frames of real experiments. */
export interface Example {
  experiment: string;
  parameters: Record<string, ParameterValue>;
  controls: string[];
  views: View[];
}

const r = (zh: string, en: string): Rich => ({ zh: [zh], en: [en] });
/** A text with a live number in it. */
const live = (zh: string, en: string, expression: string): Rich => ({
  zh: [zh, expression, ''],
  en: [en, expression, ''],
});

export const examples: Example[] = [
  {
    experiment: 'attention.qk_tying',
    parameters: { mode: 'separate', n: 10 },
    controls: ['mode', 'n'],
    views: [
      {
        kind: 'training',
        title: r('training：训练曲线，可播放、暂停、单步、调速', 'training: a run to play, pause, step and slow down'),
        curves: [{ value: 'loss_curve', label: r('损失', 'loss'), role: 'loss' }],
        references: [
          { at: 'floor | .4g', label: live('下限 ', 'floor ', 'floor | .4g') },
          { at: 'ln(10) | .4g', label: r('瞎猜 ln 10', 'guessing, ln 10') },
        ],
        x: { label: r('更新次数', 'updates') },
        y: { label: r('交叉熵（nat）', 'cross-entropy (nats)'), min: '0' },
      },
      {
        kind: 'formula',
        title: r('formula：公式里的项和图互相点亮', 'formula: its terms and the pictures light each other up'),
        latex: [
          [
            '\\term{attention}{A}=\\mathrm{softmax}\\!\\left(\\frac{\\term{query}{Q}\\,\\term{key}{K}^{\\top}}{\\sqrt{d_k}}\\right)',
          ],
          ['\\max|\\term{scores}{s_{ij}}|=', 'max_abs_score | .4g', ''],
        ],
      },
      { kind: 'matrix', width: 'half', title: r('matrix：Q', 'matrix: Q'), value: 'query', digits: 1 },
      { kind: 'heatmap', width: 'half', title: r('heatmap：分数', 'heatmap: scores'), value: 'scores' },
      { kind: 'arcs', title: r('arcs：谁看谁', 'arcs: who looks at whom'), value: 'attention' },
      {
        kind: 'scatter',
        title: r(
          'scatter：query 的头两个分量，箭头指向同号的 key',
          'scatter: two components of each query, an arrow to its key',
        ),
        value: 'query',
        to: 'key',
        color: 'targets',
      },
      {
        kind: 'cards',
        title: r('cards：几个数', 'cards: a few numbers'),
        items: [
          { label: r('损失', 'loss'), expression: 'loss | .4g', role: 'loss' },
          { label: r('下限', 'floor'), expression: 'floor | .4g' },
          { label: r('分数的不对称', 'asymmetry of the scores'), expression: 'asymmetry | .3g', role: 'score' },
        ],
      },
    ],
  },
  {
    experiment: 'attention.scaling',
    parameters: { d_k: 64 },
    controls: ['d_k', 'scale'],
    views: [
      {
        kind: 'line',
        title: r('line：对数轴、参考线', 'line: log axes and bounds'),
        curves: [{ value: 'jacobian_norm', lines: 'scale', x: 'd_k' }],
        references: [{ at: '0.01', label: r('这条线以下几乎没有梯度', 'hardly any gradient below this') }],
        x: { label: r('头维度 d_k', 'head width d_k'), log: true },
        y: { label: r('梯度范数', 'gradient norm'), log: true },
      },
      {
        kind: 'histogram',
        title: r('histogram：缩放后的分数', 'histogram: scaled scores'),
        value: 'logits',
        bins: 40,
        references: [{ at: '0', axis: 'x', label: r('0', '0') }],
        x: { label: r('分数', 'score') },
      },
      {
        kind: 'bar',
        width: 'half',
        title: r('bar：一行注意力', 'bar: a row of attention'),
        value: 'row_attention',
        x: { label: r('key', 'key') },
      },
      {
        kind: 'bar',
        width: 'half',
        title: r('bar：分组', 'bar: groups'),
        value: 'max_prob',
        groups: 'scale',
        x: { label: r('d_k', 'd_k') },
        y: { label: r('最大权重', 'largest weight') },
      },
    ],
  },
  {
    experiment: 'tokenizer.train',
    parameters: {},
    controls: ['merges'],
    views: [
      {
        kind: 'stepper',
        title: r('stepper：一步一步合并', 'stepper: merge by merge'),
        label: live('合并次数 ', 'merges done ', 'merges_done'),
        views: [
          { kind: 'tokens', title: r('tokens：语料里的词', 'tokens: words of the corpus'), value: 'words' },
          {
            kind: 'table',
            title: r('table：可排序', 'table: sortable'),
            value: 'candidates',
            limit: 6,
          },
        ],
      },
      { kind: 'tokens', title: r('tokens：编号', 'tokens: with ids'), value: 'probe_tokens', ids: true },
      { kind: 'table', title: r('table：合并记录', 'table: the merges'), value: 'merges', bars: ['count'] },
    ],
  },
  {
    experiment: 'decoding.incremental',
    parameters: {},
    controls: ['source', 'cache', 'position_index', 'beams'],
    views: [
      {
        kind: 'stepper',
        title: r('stepper：训练好的模型逐字解码', 'stepper: a trained model decodes, character by character'),
        label: live('已写词元数 ', 'tokens written ', 'generated'),
        views: [
          { kind: 'tokens', title: r('tokens：这一步送进解码器的', 'tokens: embedded in this step'), value: 'fed' },
          { kind: 'tokens', title: r('tokens：已经写出的', 'tokens: written so far'), value: 'output' },
          { kind: 'bar', width: 'half', title: r('bar：下一个字符', 'bar: the next character'), value: 'next' },
          {
            kind: 'heatmap',
            width: 'half',
            title: r('heatmap：交叉注意力', 'heatmap: cross-attention'),
            value: 'attention',
          },
          { kind: 'table', title: r('table：每一步', 'table: step by step'), value: 'steps' },
        ],
      },
    ],
  },
  {
    experiment: 'vision.patch_embedding',
    parameters: {},
    controls: ['image', 'patch', 'shuffle', 'positions'],
    views: [
      {
        kind: 'image',
        width: 'half',
        title: r('image：图块与 [CLS] 的注意力', 'image: patches, and where [CLS] looks'),
        value: 'image',
        patch: 4,
        overlay: 'attention_from_cls',
      },
      {
        kind: 'image',
        width: 'half',
        title: r('image：每个图块一张', 'image: one per patch'),
        value: 'patches',
        tiles: 'patch',
      },
      {
        kind: 'image',
        title: r('image：d 个卷积核', 'image: d kernels'),
        value: 'kernels',
        tiles: 'feature',
      },
      {
        kind: 'diagram',
        title: r('diagram：点方框看张量', 'diagram: tap a box for its tensor'),
        value: 'graph',
        open: 'tokens',
      },
      {
        kind: 'line',
        title: r('choose：读者挑一个轴', 'choose: an axis the reader picks along'),
        curves: [{ value: 'tokens', label: r('词元', 'token'), x: 'patch' }],
        choose: ['feature'],
        x: { label: r('图块', 'patch') },
      },
    ],
  },
];

/** An example as the part of a lesson that it would be. */
export const partOf = (example: Example): Part => ({
  ...example,
  title: r('', ''),
  text: r('', ''),
  notice: r('', ''),
  predict: { question: r('', ''), options: [], explain: r('', '') },
  checks: [],
  try: [],
});

import type { ExperimentEntry, Text } from '../engine/protocol';

const s = (zh: string, en: string): Text => ({ zh, en });

/** The words pictures use; the shell's are in i18n/strings.ts. */
export const words = {
  noData: s('还没有数据', 'no data yet'),
  empty: s('空的', 'empty'),
  notFinite: s('非有限值', 'not finite'),
  notPositive: s('≤ 0，对数轴上画不出', '≤ 0, which a log axis cannot show'),
  offLog: s('画不进对数轴的（≤ 0）', 'not on a log axis (≤ 0)'),
  outside: s('在图外', 'outside the picture'),
  chartHint: s('用左右方向键逐点读数', 'Left and right arrow keys read the points one by one'),
  legendHint: s('点图例可以隐藏或显示一条', 'Tap a name to hide or show it'),
  thinLine: s('细线：固定的', 'thin: pinned'),
  outline: s('虚框：固定的', 'dashed outline: pinned'),
  barHint: s(
    '点一根柱（或用方向键）看它是怎么算出来的',
    'Tap a bar (or use the arrow keys) to see how it was computed',
  ),
  pixelHint: s(
    '点一个像素（或用方向键）看它是怎么算出来的',
    'Tap a pixel (or use the arrow keys) to see how it was computed',
  ),
  partColumns: s('第 {a}–{b} 列，共 {n} 列，左右滑动看其余', 'columns {a}–{b} of {n}; scroll sideways for the rest'),
  partRows: s('第 {a}–{b} 行，共 {n} 行，上下滑动看其余', 'rows {a}–{b} of {n}; scroll for the rest'),
  sideways: s('左右滑动看其余', 'Scroll sideways for the rest'),
  bin: s('区间', 'bin'),
  count: s('个数', 'count'),
  share: s('占比', 'share'),
  of: s('共', 'of'),
  from: s('从', 'from'),
  to: s('到', 'to'),
  total: s('合计', 'total'),
  point: s('点', 'point'),
  category: s('类别', 'category'),
  pointsHint: s('点一个点（或用方向键）看它的坐标', 'Tap a point (or use the arrow keys) to read it'),
  boundary: s('决策边界', 'decision boundary'),
  allQueries: s('显示全部', 'Show all'),
  head: s('头', 'head'),
  queries: s('从（query）', 'from (query)'),
  keys: s('看向（key）', 'to (key)'),
  arcsHint: s(
    '点左边一个词元，只看它的权重；再点右边一个，看这个数怎么来的',
    'Tap a token on the left to see only its weights; then one on the right to see how that number was made',
  ),
  strongest: s('只画最强的 {n} 条', 'only the strongest {n} are drawn'),
  sum: s('合计', 'sum'),
  openBox: s('点一个方框，看里面的张量', 'Tap a box to see its tensor'),
  noTensor: s('这个方框没有可看的张量', 'this box has no tensor to show'),
  close: s('收起', 'Close'),
  pixel: s('像素', 'pixel'),
  patch: s('图块', 'patch'),
  imageHint: s('点图（或用方向键）看像素的值', 'Tap the image (or use the arrow keys) to read its pixels'),
  speed: s('速度', 'Speed'),
  step: s('第 {i} 步，共 {n} 步', 'step {i} of {n}'),
  sortUp: s('升序', 'ascending'),
  sortDown: s('降序', 'descending'),
  sortBy: s('按这一列排序', 'sort by this column'),
  yes: s('是', 'yes'),
  no: s('否', 'no'),
  tokenHint: s('点一个词元看它的编号和位置', 'Tap a token to see its id and place'),
  differs: s('和第一条不同', 'differs from the first'),
  weight: s('权重', 'weight'),
  open: s('放大', 'Open'),
  opened: s('已放大', 'opened'),
} as const;

/** Axes as a reader calls them; a name that is not here stands as it is. */
const axes: Record<string, Text> = {
  layer: s('层', 'layer'),
  head: s('头', 'head'),
  token: s('词元', 'token'),
  position: s('位置', 'position'),
  sample: s('样本', 'sample'),
  row: s('行', 'row'),
  column: s('列', 'column'),
  update: s('更新', 'update'),
  step: s('步', 'step'),
  feature: s('特征', 'feature'),
  component: s('分量', 'component'),
  dimension: s('维', 'dimension'),
  coordinate: s('坐标', 'coordinate'),
  unit: s('单元', 'unit'),
  hidden: s('隐藏单元', 'hidden'),
  input: s('输入', 'input'),
  output: s('输出', 'output'),
  source: s('源', 'source'),
  target: s('目标', 'target'),
  symbol: s('符号', 'symbol'),
  sentence: s('句子', 'sentence'),
  word: s('词', 'word'),
  patch: s('图块', 'patch'),
  batch: s('批', 'batch'),
  pair: s('对', 'pair'),
  offset: s('偏移', 'offset'),
  other: s('另一个', 'other'),
  neighbour: s('邻居', 'neighbour'),
  attribute: s('属性', 'attribute'),
  depth: s('深度', 'depth'),
  length: s('长度', 'length'),
  stage: s('阶段', 'stage'),
  changed: s('换掉的词元', 'changed'),
  point: s('点', 'point'),
  init_scale: s('初始权重', 'initial weights'),
  rate: s('学习率', 'learning rate'),
  distance: s('距离', 'distance'),
  direction: s('方向', 'direction'),
  place: s('位置', 'place'),
  axis: s('轴', 'axis'),
  content: s('内容', 'content'),
};
export const axisWord = (name: string): Text => axes[name] ?? { zh: name, en: name };

/** Names along an axis that no parameter offers, as a reader calls them. */
const ticks: Record<string, Record<string, Text>> = {
  sublayer: { 'feed-forward': s('前馈网络', 'feed-forward'), attention: s('自注意力', 'self-attention') },
  map: {
    'feed-forward': s('前馈网络', 'feed-forward'),
    'attention with given weights': s('注意力，权重给定', 'attention, weights given'),
    attention: s('注意力', 'attention'),
  },
  part: {
    projections: s('四个投影', 'projections'),
    scores: s('QKᵀ 与 AV', 'QKᵀ and AV'),
    attention: s('注意力', 'attention'),
    'feed-forward': s('前馈网络', 'feed-forward'),
  },
  layout: {
    post_ln: s('Post-LN', 'Post-LN'),
    pre_ln: s('Pre-LN', 'Pre-LN'),
    no_residual_ln: s('没有残差，有 LN', 'no residual, LN'),
    no_residual_no_norm: s('没有残差，也没有 LN', 'no residual, no LN'),
  },
  coordinate: {
    steady: s('恒定', 'steady'),
    million: s('百万倍', 'million'),
    noisy: s('带噪声', 'noisy'),
    alternating: s('变号', 'alternating'),
  },
};
/** A tick that is an option of the parameter of that name reads as on the control. */
export function tickWord(entry: ExperimentEntry, axis: string, tick: string): Text {
  const option = entry.parameters.find((p) => p.name === axis)?.options?.find((o) => o.name === tick);
  return option?.label ?? ticks[axis]?.[tick] ?? { zh: tick, en: tick };
}

/** An output as its experiment describes it. */
export const outputWord = (entry: ExperimentEntry, name: string): Text =>
  entry.outputs.find((output) => output.name === name)?.doc ?? { zh: name, en: name };

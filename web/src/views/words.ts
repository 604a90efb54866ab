import type { Text } from '../engine/protocol';

const s = (zh: string, en: string): Text => ({ zh, en });

/** The words pictures use; the shell's are in i18n/strings.ts. */
export const words = {
  noData: s('还没有数据', 'no data yet'),
  empty: s('空的', 'empty'),
  notFinite: s('非有限值', 'not finite'),
  notPositive: s('≤ 0，对数轴上画不出', '≤ 0, which a log axis cannot show'),
  outside: s('在图外', 'outside the picture'),
  chartHint: s('用左右方向键逐点读数', 'left and right arrow keys read the points one by one'),
  legendHint: s('点图例可以隐藏或显示一条', 'tap a name to hide or show it'),
  thinLine: s('细线：固定的', 'thin: pinned'),
  outline: s('虚框：固定的', 'dashed outline: pinned'),
  bin: s('区间', 'bin'),
  count: s('个数', 'count'),
  share: s('占比', 'share'),
  of: s('共', 'of'),
  from: s('从', 'from'),
  to: s('到', 'to'),
  total: s('合计', 'total'),
  point: s('点', 'point'),
  category: s('类别', 'category'),
  pointsHint: s('点一个点（或用方向键）看它的坐标', 'tap a point (or use the arrow keys) to read it'),
  boundary: s('决策边界', 'decision boundary'),
  allQueries: s('显示全部', 'Show all'),
  head: s('头', 'head'),
  queries: s('从（query）', 'from (query)'),
  keys: s('看向（key）', 'to (key)'),
  arcsHint: s(
    '点左边一个词元，只看它的权重；再点右边一个，看这个数怎么来的',
    'tap a token on the left to see only its weights; then one on the right to see how that number was made',
  ),
  strongest: s('只画最强的 {n} 条', 'only the strongest {n} are drawn'),
  sum: s('合计', 'sum'),
  openBox: s('点一个方框，看里面的张量', 'tap a box to see its tensor'),
  noTensor: s('这个方框没有可看的张量', 'this box has no tensor to show'),
  close: s('收起', 'Close'),
  pixel: s('像素', 'pixel'),
  patch: s('图块', 'patch'),
  imageHint: s('点图（或用方向键）看像素的值', 'tap the image (or use the arrow keys) to read its pixels'),
  speed: s('速度', 'Speed'),
  step: s('第 {i} 步，共 {n} 步', 'step {i} of {n}'),
  sortUp: s('升序', 'ascending'),
  sortDown: s('降序', 'descending'),
  sortBy: s('按这一列排序', 'sort by this column'),
  yes: s('是', 'yes'),
  no: s('否', 'no'),
  tokenHint: s('点一个词元看它的编号和位置', 'tap a token to see its id and place'),
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
};
export const axisWord = (name: string): Text => axes[name] ?? { zh: name, en: name };

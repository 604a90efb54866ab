import type { Text } from '../engine/protocol';

const s = (zh: string, en: string): Text => ({ zh, en });

export const te = {
  title: s('给老师', 'For teachers'),
  present: s('投影讲解', 'Present'),
  presentHint: s('大字，答案按键才出来', 'Large, answers on a key'),
  lockedLink: s('复制固定链接', 'Copy a fixed link'),
  lockedHint: s('打开就是现在的参数，不显示控件', 'Opens with the present settings and without controls'),
  embed: s('复制嵌入代码', 'Copy embed code'),
  embedHint: s('把这张图放进自己的网页或课件', 'Puts this figure into a page of yours'),
  copied: s('已复制', 'Copied'),
  notCopied: s('复制不了，请手动复制：', 'Cannot copy; take it from here: '),
  printSheet: s('打印题单（不含答案）', 'Print a worksheet (no answers)'),
  waiting: s('等这次算完再打印…', 'Printing once this run is finished…'),
  printAll: s('打印讲义（含答案）', 'Print with the answers'),
  next: s('下一步', 'Next'),
  previous: s('上一步', 'Back'),
  leave: s('退出', 'Leave'),
  fullscreen: s('全屏', 'Full screen'),
  step: s('第 {i} / {n} 步', '{i} of {n}'),
  keys: s('空格或 → 下一步，← 上一步，F 全屏，Esc 退出', 'Space or → next, ← back, F full screen, Esc leaves'),
  keysPart: s('→ 下一步，← 上一步，↓↑ 换图，P 播放，F 全屏', '→ next, ← back, ↓↑ figures, P play, F full screen'),
  keysHeld: s('按键现在归这个控件或图，Esc 放开', 'Keys go to this control or figure; Esc lets go'),
  showAnswer: s('空格看答案', 'Space shows the answer'),
  thinkPair: s('先自己想 30 秒，再和旁边的人说一遍。', 'Think for 30 seconds, then say it to your neighbour.'),
  openHere: s('在 Glassformer 里打开', 'Open in Glassformer'),
} as const;

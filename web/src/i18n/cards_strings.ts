import type { Text } from '../engine/protocol';

const s = (zh: string, en: string): Text => ({ zh, en });

export const rc = {
  title: s('口算卡', 'Recall cards'),
  intro: s(
    '面试里要当场算出来的东西。每次数字都不同，内核出题、判分、给解法；答案可以写成算式。',
    'What one is asked to work out on the spot. Fresh numbers each time; the core sets, grades and solves them, and an answer may be an expression.',
  ),
  random: s('随便来一张', 'Any card'),
  answer: s('答案', 'Answer'),
  check: s('判分', 'Grade it'),
  how: s(
    '数可以写成 12*768^2、sqrt(2)、3/8、7.1M；几个数用逗号隔开',
    'A number may be written 12*768^2, sqrt(2), 3/8 or 7.1M; commas between several numbers',
  ),
  another: s('换一组数', 'Other numbers'),
  giveUp: s('看解法', 'Show the solution'),
  solution: s('解法', 'Solution'),
  marks: s('逐项对照', 'Item by item'),
  remember: s('记住', 'Remember'),
  right: s('对', 'right'),
  wrong: s('错', 'wrong'),
  all: s('全部卡片', 'All cards'),
  unknown: s('没有这种卡片。', 'There is no such card.'),
  suggested: s('答对了建议“答上来了”，答错了建议“忘了”。', 'Suggested: Good when right, Again when wrong.'),
} as const;

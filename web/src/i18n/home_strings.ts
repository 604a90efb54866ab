import type { Text } from '../engine/protocol';

const s = (zh: string, en: string): Text => ({ zh, en });

/** Words of the first page. */
export const home = {
  search: s('搜题目、答案、标签、术语', 'Search questions, answers, tags, terms'),
  chapter: s('章', 'Chapter'),
  allChapters: s('全部章', 'all chapters'),
  chapterNumber: s('第 {n} 章', 'Chapter {n}'),
  difficulty: s('难度', 'Difficulty'),
  anyDifficulty: s('任意难度', 'any difficulty'),
  difficultyNames: [s('基础', 'basic'), s('进阶', 'intermediate'), s('深入', 'advanced')],
  status: s('状态', 'Status'),
  anyStatus: s('任意状态', 'any status'),
  statusReady: s('有课', 'has a lesson'),
  statusNew: s('没学过', 'not learned'),
  statusLearned: s('学过', 'learned'),
  statusDue: s('今天到期', 'due today'),
  clear: s('清除筛选', 'Clear filters'),
  shown: s('{n} 道题', '{n} questions'),
  shownOne: s('1 道题', '1 question'),
  terms: s('术语', 'Terms'),
  nothing: s('没有找到。换个词，或清除筛选试试。', 'Nothing found. Try another word, or clear the filters.'),
  continue: s('接着学', 'Continue'),
  due: s('今天到期', 'due today'),
  review: s('复习', 'Review'),
  start: s('从这里开始', 'Start here'),
  plan: s('面试还有 {n} 天', '{n} {n|day|days} to the interview'),
  setDate: s('设一个面试日期，按天安排', 'Set an interview date and plan by day'),
  learned: s('学过 {n} / {total}', 'learned {n} of {total}'),
  keyHint: s('按 / 搜索', 'press / to search'),
  rehearse: s('模拟面试', 'Mock interview'),
  nothingDue: s('今天没有到期的', 'nothing due today'),
} as const;

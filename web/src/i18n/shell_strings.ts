import type { Text } from '../engine/protocol';

const s = (zh: string, en: string): Text => ({ zh, en });

/** Words of the frame around every page. */
export const shell = {
  pages: s('页面', 'Pages'),
  questions: s('题目', 'Questions'),
  study: s('复习', 'Study'),
  mock: s('模拟面试', 'Mock interview'),
  glossary: s('术语', 'Glossary'),
} as const;

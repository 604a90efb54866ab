import type { Text } from '../engine/protocol';

const s = (zh: string, en: string): Text => ({ zh, en });

/** Words of the frame around every page. */
export const shell = {
  pages: s('页面', 'Pages'),
  questions: s('题目', 'Questions'),
  study: s('复习', 'Study'),
  mock: s('模拟面试', 'Mock interview'),
  cards: s('口算卡', 'Recall cards'),
  lab: s('实验室', 'Laboratory'),
  glossary: s('术语', 'Glossary'),
} as const;

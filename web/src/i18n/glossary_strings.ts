import type { Text } from '../engine/protocol';

const s = (zh: string, en: string): Text => ({ zh, en });

export const glossary = {
  title: s('术语', 'Glossary'),
  intro: s(
    '{n} 个术语，中英对照。课文里带虚线的词点开就是这里的解释。',
    '{n} terms in both languages. Words with a dotted line in the lessons open these.',
  ),
  search: s('搜术语', 'Search the terms'),
  see: s('参见', 'See'),
  nothing: s('没有这个词。', 'No such term.'),
  missing: s('没有名为“{id}”的术语，全部列在下面。', 'There is no term “{id}”; all of them are below.'),
  close: s('关闭', 'Close'),
  more: s('在术语表里看', 'Open in the glossary'),
} as const;

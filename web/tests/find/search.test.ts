import { describe, expect, it } from 'vitest';
import { bigrams, marked, nearly, queryTerms, Search, type Entry } from '../../src/find/search';
import { plainMath, plainProse, searchEntry } from '../../build/search.mjs';

const entry = (
  id: string,
  zh: string,
  en: string,
  body: { zh?: string; en?: string } = {},
  tags: string[] = [],
): Entry => ({
  kind: 'question',
  id,
  title: { zh, en },
  tags,
  body: { zh: body.zh ?? '', en: body.en ?? '' },
});
const search = new Search([
  entry(
    '1-04',
    '为什么要缩放？',
    'Why scale the scores?',
    { zh: '除以 √d_k，softmax 就不会饱和。梯度传得回去。', en: 'Divide by √d_k and softmax does not saturate.' },
    ['softmax', 'gradient'],
  ),
  entry('1-11', '讲一下残差结构', 'Describe the residual connections', {
    zh: '恒等通路让梯度直接传回去。',
    en: 'An identity path for the gradient.',
  }),
  entry('1-18', '描述一下 WordPiece 和 BPE', 'Describe WordPiece and byte pair encoding', {
    zh: '合并最常见的相邻对。',
    en: 'Merge the most frequent pair.',
  }),
  {
    ...entry('kv-cache', 'KV 缓存', 'KV cache', {
      zh: '生成时存下 key 和 value。',
      en: 'Keys and values kept in generation.',
    }),
    kind: 'term',
  },
]);
const ids = (query: string, language: 'zh' | 'en' = 'zh') => search.find(query, language).map((hit) => hit.entry.id);

describe('search', () => {
  it('cuts what was typed into words and runs of Chinese', () => {
    expect(queryTerms(' KV缓存  大小 d_k')).toEqual(['kv', '缓存', '大小', 'd_k']);
    expect(queryTerms('ＳＯＦＴＭＡＸ')).toEqual(['softmax']);
    expect(bigrams('梯度消失')).toEqual(['梯度', '度消', '消失']);
  });
  it('finds in either language, whatever the page is shown in', () => {
    expect(ids('residual')).toEqual(['1-11']);
    expect(ids('残差', 'en')).toEqual(['1-11']);
    expect(ids('缓存')).toEqual(['kv-cache']);
  });
  it('looks into answers and tags, the title first', () => {
    expect(ids('梯度')).toEqual(expect.arrayContaining(['1-04', '1-11']));
    expect(ids('gradient')[0]).toBe('1-04'); // its tag counts more than a word of a body
    expect(ids('1-18')[0]).toBe('1-18');
  });
  it('needs every word', () => {
    expect(ids('softmax 梯度')).toEqual(['1-04']);
    expect(ids('softmax 缓存')).toEqual([]);
  });
  it('but for words that join, and those that occur nowhere', () => {
    expect(ids('softmax vs gradient')).toEqual(['1-04']);
    expect(ids('softmax qqq gradient')).toEqual(['1-04']);
    expect(ids('qqq zzz')).toEqual([]);
    expect(queryTerms('what is the softmax')).toEqual(['softmax']);
    expect(queryTerms('the')).toEqual(['the']);
  });
  it('reads a root typed in letters', () => {
    expect(ids('sqrt(d_k)')).toEqual(['1-04']);
    expect(queryTerms('\\sqrt{d_k} sqrt')).toEqual(['√d_k', 'sqrt']);
  });
  it('takes Chinese in other words than the text has', () => {
    expect(ids('梯度直接回去')).toEqual(['1-11']);
    expect(ids('量子纠缠态')).toEqual([]);
  });
  it('forgives a typing error in a Latin word, not in a short one', () => {
    expect(ids('sofmtax')).toEqual(['1-04']);
    expect(ids('wordpeice')).toEqual(['1-18']);
    expect(ids('bqe')).toEqual([]);
    expect([nearly('adam', 'adma', 1), nearly('adam', 'beam', 1), nearly('adam', 'adamw', 1)]).toEqual([
      true,
      false,
      true,
    ]);
  });
  it('shows the place with what was found marked', () => {
    const snippet = search.find('饱和', 'zh')[0]!.snippet!;
    expect(marked(snippet)).toEqual(['除以 √d_k，softmax 就不会', '饱和', '。梯度传得回去。']);
    expect(search.find('saturate', 'en')[0]!.snippet!.text).toContain('saturate');
  });
  it('finds nothing for nothing, and takes signs calmly', () => {
    expect(ids('   ')).toEqual([]);
    expect(() => ids('((((.*[')).not.toThrow();
  });
});

describe('the words of a lesson', () => {
  it('are plain: no markup, formulas readable', () => {
    expect(plainMath('\\mathrm{Var}(q\\cdot k)=d_k')).toBe('Var(q·k)=d_k');
    expect(plainMath('\\frac{1}{\\sqrt{d_k}}')).toBe('1/√d_k');
    expect(plainProse(['**方差** 是 $d_k$，见 [这里](#/x)。', '- 一', '- {{a | 0.1}}'])).toBe(
      '方差 是 d_k，见 这里。 一 …',
    );
  });
  it('are taken from every answer', () => {
    const text = (zh: string, en = zh) => ({ zh, en });
    const lesson = {
      id: '9-99',
      tags: ['t'],
      answer: { short: text('甲'), full: text('乙') },
      wrong: [{ claim: text('丙'), why: text('丁') }],
      followups: [{ question: text('戊'), answer: text('己') }],
      rubric: [text('庚')],
    };
    expect(searchEntry(lesson).body.zh).toBe('甲 乙 丙 丁 戊 己 庚');
  });
});

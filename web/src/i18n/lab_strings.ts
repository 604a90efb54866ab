import type { Text } from '../engine/protocol';

const s = (zh: string, en: string): Text => ({ zh, en });

export const lb = {
  title: s('实验室', 'Laboratory'),
  intro: s(
    '全部 {n} 个实验，全部参数，随便调。课里用的就是它们。',
    'All {n} experiments with all of their parameters, for free play. They are what the lessons use.',
  ),
  search: s('搜实验', 'Search the experiments'),
  nothing: s('没有这样的实验。', 'No such experiment.'),
  unknown: s('没有名为“{id}”的实验。', 'There is no experiment “{id}”.'),
  parameters: s('参数', 'Parameters'),
  outputs: s('结果', 'Results'),
  usedIn: s('用在', 'Used in'),
  all: s('全部实验', 'All experiments'),
  none: s('它没有可调的参数，只有随机种子。', 'It has no parameters but the seed.'),
  tokenizer: s('分词操场', 'Tokenizer playground'),
  tokenizerIntro: s(
    '给一段语料，训练出三种分词器；再写任意文字，看三种各怎么切。',
    'Train three tokenizers on a corpus of yours; write anything below and see how each of them cuts it.',
  ),
  corpus: s('训练语料', 'Corpus to train on'),
  probe: s('要切的文字', 'Text to cut'),
  merges: s('合并次数', 'Merges'),
  tokens: s('词元', 'tokens'),
  perToken: s('字符／词元', 'characters per token'),
  vocabulary: s('词表大小', 'vocabulary'),
  unknownTokens: s('[UNK] 个数', '[UNK]s'),
  roundTrip: s('能否还原', 'restores the text'),
  moreDetail: s('看合并表和语料的切法', 'Show the merges and how the corpus is cut'),
  lessDetail: s('收起', 'Show less'),
  yes: s('能', 'yes'),
  no: s('不能', 'no'),
} as const;

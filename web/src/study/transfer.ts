import * as v from 'valibot';
import type { Text } from '../engine/protocol';
import {
  cardSchema,
  interviewSchema,
  noteSchema,
  reviewKey,
  reviewSchema,
  settingsSchema,
  type StudyData,
} from './records';

/** The exported file. A file is taken whole or not at all: the first thing wrong refuses it and says where it stands. */
export const fileFormat = 'glassformer-study';
export const fileVersion = 1;
const largestFile = 50e6;

const fileSchema = v.strictObject({
  format: v.literal(fileFormat),
  version: v.literal(fileVersion),
  exported: v.pipe(v.string(), v.isoTimestamp()),
  cards: v.array(cardSchema),
  reviews: v.array(reviewSchema),
  notes: v.array(noteSchema),
  interviews: v.array(interviewSchema),
  settings: settingsSchema,
});

export function exportText(data: StudyData, now: number): string {
  const file = { format: fileFormat, version: fileVersion, exported: new Date(now).toISOString(), ...data };
  return JSON.stringify(file, null, 1) + '\n';
}

export const exportName = (now: number): string => `glassformer-${localDate(now)}.json`;

/** "2026-03-01", of the reader's own calendar. */
export function localDate(time: number): string {
  const date = new Date(time);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export class ImportError extends Error {
  readonly text: Text;
  constructor(text: Text) {
    super(text.en);
    this.text = {
      zh: `没有导入，现有的记录没有动。${text.zh}`,
      en: `Nothing was imported and nothing of yours was changed. ${text.en}`,
    };
  }
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? text.slice(0, 57) + '…' : text;
};

function place(path: readonly { key?: unknown }[] | undefined): string {
  return (path ?? [])
    .map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

function lineOf(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = /position (\d+)/.exec(message)?.[1];
    const line = /line (\d+)/.exec(message)?.[1] ?? (position ? lineOf(text, Number(position)) : undefined);
    throw new ImportError({
      zh: `这不是 JSON 文件${line ? `：第 ${line} 行读不下去` : ''}（${message}）。`,
      en: `This is not a JSON file${line ? `: line ${line} cannot be read` : ''} (${message}).`,
    });
  }
}

function refuseDuplicates(where: string, keys: string[]): void {
  const seen = new Map<string, number>();
  keys.forEach((key, i) => {
    const before = seen.get(key);
    if (before !== undefined) {
      throw new ImportError({
        zh: `${where}[${i}] 和 ${where}[${before}] 是同一条（${shown(key)}）。`,
        en: `${where}[${i}] and ${where}[${before}] are the same (${shown(key)}).`,
      });
    }
    seen.set(key, i);
  });
}

/** The data in an exported file's text. Throws ImportError that says what is wrong and where. */
export function readExport(text: string): StudyData & { exported: number } {
  if (text.length > largestFile) {
    throw new ImportError({
      zh: '文件超过 50 MB，不会是这里导出的。',
      en: 'The file is over 50 MB: it was not made here.',
    });
  }
  const raw = parse(text);
  const head = raw as { format?: unknown; version?: unknown } | null;
  if (typeof head !== 'object' || head === null || head.format !== fileFormat) {
    throw new ImportError({
      zh: `这不是 Glassformer 导出的文件：开头应有 "format": "${fileFormat}"。`,
      en: `This was not exported by Glassformer: it should begin with "format": "${fileFormat}".`,
    });
  }
  if (typeof head.version === 'number' && head.version > fileVersion) {
    throw new ImportError({
      zh: `文件版本是 ${head.version}，本页只认识到 ${fileVersion}。请先刷新页面，换成新版本。`,
      en: `The file has version ${head.version}; this page knows up to ${fileVersion}. Reload the page to get a newer one.`,
    });
  }
  const result = v.safeParse(fileSchema, raw, { abortEarly: true });
  if (!result.success) {
    const issue = result.issues[0];
    const where = place(issue.path as { key?: unknown }[] | undefined) || 'file';
    const wanted = issue.expected ?? issue.message;
    throw new ImportError({
      zh: `${where} 不对：应为 ${wanted}，文件里是 ${shown(issue.input)}。`,
      en: `${where} is wrong: expected ${wanted}, the file has ${shown(issue.input)}.`,
    });
  }
  const { cards, reviews, notes, interviews, settings, exported } = result.output;
  refuseDuplicates(
    'cards',
    cards.map((c) => c.id),
  );
  refuseDuplicates(
    'reviews',
    reviews.map((r) => r.key),
  );
  refuseDuplicates(
    'notes',
    notes.map((n) => n.question),
  );
  refuseDuplicates(
    'interviews',
    interviews.map((i) => i.id),
  );
  reviews.forEach((review, i) => {
    if (review.key !== reviewKey(review.card, review.at)) {
      throw new ImportError({
        zh: `reviews[${i}].key 不对：应为 ${reviewKey(review.card, review.at)}，文件里是 ${shown(review.key)}。`,
        en: `reviews[${i}].key is wrong: expected ${reviewKey(review.card, review.at)}, the file has ${shown(review.key)}.`,
      });
    }
  });
  return { cards, reviews, notes, interviews, settings, exported: Date.parse(exported) };
}

function newer<T extends { updated: number }>(mine: T[], theirs: T[], key: (record: T) => string): T[] {
  const merged = new Map(mine.map((record) => [key(record), record]));
  for (const record of theirs) {
    const have = merged.get(key(record));
    if (!have || record.updated > have.updated) merged.set(key(record), record);
  }
  return [...merged.values()];
}

/** Two devices into one: of each card, note and interview the one changed last; every grading of both; settings of mine first. */
export function merge(mine: StudyData, theirs: StudyData): StudyData {
  const reviews = new Map([...theirs.reviews, ...mine.reviews].map((review) => [review.key, review]));
  return {
    cards: newer(mine.cards, theirs.cards, (card) => card.id),
    reviews: [...reviews.values()].sort((a, b) => a.at - b.at),
    notes: newer(mine.notes, theirs.notes, (note) => note.question),
    interviews: newer(mine.interviews, theirs.interviews, (interview) => interview.id),
    settings: { ...theirs.settings, ...mine.settings },
  };
}

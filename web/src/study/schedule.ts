import { createEmptyCard, fsrs, generatorParameters, Rating, type Card, type Grade } from 'ts-fsrs';
import type { Language } from '../i18n/language.svelte';
import type { CardRecord } from './records';

/**
 * When a card is asked again: FSRS (Ye et al. 2022, "A Stochastic Shortest Path Algorithm for Optimizing Spaced Repetition
 * Scheduling") as ts-fsrs implements it, aiming at a 90 % chance of recall.
 */
export const ratings = [1, 2, 3, 4] as const;
export type RatingValue = (typeof ratings)[number];
export const retention = 0.9;
export const day = 86_400_000;

/** One short step within the session: a forgotten answer is worth asking again the same evening, not after a minute. */
function scheduler(horizonDays: number) {
  return fsrs(
    generatorParameters({
      request_retention: retention,
      maximum_interval: horizonDays,
      enable_fuzz: false,
      learning_steps: ['10m'],
      relearning_steps: ['10m'],
    }),
  );
}

const longest = 36_500;
/** No interval past the eve of the interview: whatever was learned comes up once more before it. */
export function horizon(now: number, interviewDate: string | null | undefined): number {
  if (!interviewDate) return longest;
  const left = daysBetween(now, dateStart(interviewDate));
  return left > 0 ? Math.max(1, Math.min(longest, left - 1)) : longest;
}

export function toCard(record: CardRecord): Card {
  return {
    due: new Date(record.due),
    stability: record.stability,
    difficulty: record.difficulty,
    elapsed_days: 0, // derived by the library from last_review; kept by it only for old callers
    scheduled_days: record.scheduled_days,
    learning_steps: record.learning_steps,
    reps: record.reps,
    lapses: record.lapses,
    state: record.state,
    ...(record.last_review === null ? {} : { last_review: new Date(record.last_review) }),
  };
}

function toRecord(id: string, card: Card, updated: number): CardRecord {
  return {
    id,
    due: card.due.getTime(),
    stability: card.stability,
    difficulty: card.difficulty,
    scheduled_days: card.scheduled_days,
    learning_steps: card.learning_steps,
    reps: card.reps,
    lapses: card.lapses,
    state: card.state as CardRecord['state'],
    last_review: card.last_review?.getTime() ?? null,
    updated,
  };
}

/** What each button would do now: the card afterwards, by rating. */
export function outcomes(
  id: string,
  record: CardRecord | undefined,
  now: number,
  interviewDate?: string | null,
): Record<RatingValue, CardRecord> {
  const most = horizon(now, interviewDate);
  const log = scheduler(most).repeat(record ? toCard(record) : createEmptyCard(now), now);
  // The library keeps the buttons a day apart even beyond the longest interval.
  const latest = now + most * day;
  const of = (rating: Grade) => {
    const card = toRecord(id, log[rating].card, now);
    return card.due > latest ? { ...card, due: latest, scheduled_days: most } : card;
  };
  return { 1: of(Rating.Again), 2: of(Rating.Hard), 3: of(Rating.Good), 4: of(Rating.Easy) };
}

/** The chance that the card is still known, 0..1. */
export function retrievability(record: CardRecord, now: number): number {
  return record.last_review === null ? 0 : scheduler(longest).get_retrievability(toCard(record), now, false);
}

/* ---- days of the reader's calendar -------------------------------------------------------------------------------- */

export function dayStart(time: number): number {
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
/** The start of a day some days later; days are not always 24 hours long. */
export function addDays(time: number, days: number): number {
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}
export function dateStart(date: string): number {
  const [year = 1970, month = 1, of = 1] = date.split('-').map(Number);
  return new Date(year, month - 1, of).getTime();
}
export function daysBetween(from: number, to: number): number {
  return Math.round((dayStart(to) - dayStart(from)) / day);
}

/** Cards to ask today, the longest overdue first. A card in a short step waits for its minute. */
export function dueToday(cards: Iterable<CardRecord>, now: number): CardRecord[] {
  const tomorrow = addDays(now, 1);
  return [...cards].filter((card) => card.due < tomorrow).sort((a, b) => a.due - b.due || a.id.localeCompare(b.id));
}

export type Stage = 'new' | 'learning' | 'young' | 'firm';
/** Firm: would still be known after three weeks. */
export function stageOf(card: CardRecord | undefined): Stage {
  if (!card || card.state === 0) return 'new';
  if (card.state !== 2) return 'learning';
  return card.stability >= 21 ? 'firm' : 'young';
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

const locales: Record<Language, string> = { zh: 'zh-CN', en: 'en-GB' };

/** "10 分钟后", "in 3 days". */
export function intervalText(from: number, to: number, language: Language): string {
  const minutes = Math.max(0, Math.round((to - from) / 60_000));
  const relative = new Intl.RelativeTimeFormat(locales[language], { numeric: 'always' });
  if (minutes < 60) return relative.format(Math.max(1, minutes), 'minute');
  if (to < addDays(from, 1)) return relative.format(Math.round(minutes / 60), 'hour');
  const days = daysBetween(from, to);
  if (days < 60) return relative.format(days, 'day');
  if (days < 730) return relative.format(Math.round(days / 30.44), 'month');
  return relative.format(Math.round(days / 365.25), 'year');
}

/** "3月5日周四", "Thu 5 Mar"; with the year when it is another one. */
export function dateText(time: number, language: Language, now = Date.now()): string {
  const other = new Date(time).getFullYear() !== new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locales[language], {
    month: language === 'zh' ? 'long' : 'short',
    day: 'numeric',
    weekday: 'short',
    ...(other ? { year: 'numeric' } : {}),
  }).format(time);
}

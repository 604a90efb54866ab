import { describe, expect, it } from 'vitest';
import { freshToday, makePlan, mostFreshPerDay } from '../../src/study/plan';
import type { CardRecord } from '../../src/study/records';
import {
  addDays,
  dateText,
  daysBetween,
  dueToday,
  horizon,
  intervalText,
  outcomes,
  retrievability,
  stageOf,
} from '../../src/study/schedule';

const noon = new Date(2026, 2, 5, 12).getTime();
const minute = 60_000;
const hour = 60 * minute;

describe('schedule', () => {
  it('asks a forgotten new card again this session, the others later, in order', () => {
    const next = outcomes('1-04', undefined, noon);
    expect(next[1].due - noon).toBe(10 * minute);
    expect(next[2].due).toBeGreaterThan(next[1].due);
    expect(next[3].due).toBeGreaterThan(next[2].due);
    expect(next[4].due).toBeGreaterThan(next[3].due);
    expect(daysBetween(noon, next[3].due)).toBeGreaterThanOrEqual(1);
    expect(stageOf(next[1])).toBe('learning');
    expect(stageOf(next[3])).toBe('young');
  });

  it('stretches with every good answer and falls back when forgotten', () => {
    let card: CardRecord | undefined;
    let now = noon;
    const gaps: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      card = outcomes('1-04', card, now)[3];
      gaps.push(daysBetween(now, card.due));
      now = card.due;
    }
    expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
    expect(gaps.at(-1)!).toBeGreaterThan(21);
    expect(stageOf(card)).toBe('firm');
    const lapsed = outcomes('1-04', card, now)[1];
    expect(lapsed.lapses).toBe(1);
    expect(lapsed.stability).toBeLessThan(card!.stability / 2);
  });

  it('recall falls with time and is near 90 % when due', () => {
    const card = outcomes('1-04', outcomes('1-04', undefined, noon)[3], addDays(noon, 2))[3];
    expect(retrievability(card, card.last_review!)).toBeCloseTo(1, 5);
    expect(retrievability(card, card.due)).toBeGreaterThan(0.85);
    expect(retrievability(card, card.due)).toBeLessThan(0.95);
    expect(retrievability(card, addDays(card.due, 200))).toBeLessThan(0.7);
  });

  it('never plans past the eve of the interview', () => {
    expect(horizon(noon, '2026-03-15')).toBe(9);
    expect(horizon(noon, '2026-03-05')).toBe(36_500);
    expect(horizon(noon, null)).toBe(36_500);
    let card: CardRecord | undefined;
    for (const rating of [4, 4, 4] as const) card = outcomes('1-04', card, noon, '2026-03-15')[rating];
    expect(daysBetween(noon, card!.due)).toBeLessThanOrEqual(9);
  });

  it('due today means this day, the longest overdue first', () => {
    const at = (id: string, due: number): CardRecord => ({ ...outcomes(id, undefined, noon)[3], due });
    const midnight = new Date(2026, 2, 6).getTime();
    const cards = [at('a', midnight - 1), at('b', midnight), at('c', noon - 99 * hour)];
    expect(dueToday(cards, noon).map((card) => card.id)).toEqual(['c', 'a']);
  });

  it('says when in both languages', () => {
    expect(intervalText(noon, noon + 10 * minute, 'zh')).toBe('10分钟后');
    expect(intervalText(noon, noon + 10 * minute, 'en')).toBe('in 10 minutes');
    expect(intervalText(noon, noon + 5 * hour, 'en')).toBe('in 5 hours');
    expect(intervalText(noon, addDays(noon, 3), 'zh')).toBe('3天后');
    expect(intervalText(noon, addDays(noon, 100), 'en')).toBe('in 3 months');
    expect(dateText(noon, 'zh', noon)).toMatch(/3月5日.*周四/);
    expect(dateText(noon, 'en', new Date(2027, 0, 1).getTime())).toMatch(/2026/);
  });
});

describe('plan', () => {
  const available = Array.from({ length: 20 }, (_, i) => `1-${String(i + 1).padStart(2, '0')}`);

  it('brings every question before the last third, each once, and rehearses', () => {
    const plan = makePlan({ cards: [], available, now: noon, interviewDate: '2026-03-20' })!;
    expect(plan.days).toHaveLength(15);
    expect(plan.days.flatMap((day) => day.fresh)).toEqual(available);
    expect(plan.days.slice(10).every((day) => day.fresh.length === 0)).toBe(true);
    expect(plan.left).toBe(0);
    expect(plan.days.filter((day) => day.rehearsal).length).toBeGreaterThanOrEqual(3);
    expect(plan.days.at(-1)!.rehearsal).toBe(false);
    const fortnight = (cards: CardRecord[]) => makePlan({ cards, available, now: noon, interviewDate: '2026-03-19' })!;
    expect(fortnight([]).days[0]!.rehearsal, 'nothing learned yet').toBe(false);
    expect(fortnight([outcomes('1-01', undefined, noon - 86_400_000)[3]]).days[0]!.rehearsal).toBe(true);
    // What was learned comes up again: the forecast is not empty, and every card is seen at least twice.
    expect(plan.days.reduce((sum, day) => sum + day.reviews, 0)).toBeGreaterThanOrEqual(20);
    expect(plan.days[0]!.minutes).toBe(plan.days[0]!.fresh.length * 12);
  });

  it('counts what is due already on the first day and leaves learned questions out', () => {
    const learned = { ...outcomes('1-01', undefined, addDays(noon, -9))[3] };
    const plan = makePlan({ cards: [learned], available, now: noon, interviewDate: '2026-03-12' })!;
    expect(plan.days[0]!.reviews).toBe(1);
    expect(plan.days.flatMap((day) => day.fresh)).not.toContain('1-01');
  });

  it('says when it cannot be done rather than planning sixty questions a day', () => {
    const many = Array.from({ length: 84 }, (_, i) => `9-${i}`);
    const plan = makePlan({ cards: [], available: many, now: noon, interviewDate: '2026-03-07' })!;
    expect(plan.crowded).toBe(true);
    expect(Math.max(...plan.days.map((day) => day.fresh.length))).toBe(mostFreshPerDay);
    expect(plan.left + plan.days.flatMap((day) => day.fresh).length).toBe(84);
  });

  it('the last day alone has everything; a past date has no plan', () => {
    expect(makePlan({ cards: [], available, now: noon, interviewDate: '2026-03-06' })!.days).toHaveLength(1);
    expect(makePlan({ cards: [], available, now: noon, interviewDate: '2026-03-05' })).toBeUndefined();
    expect(makePlan({ cards: [], available, now: noon, interviewDate: '2020-01-01' })).toBeUndefined();
  });

  it('without a date, new questions begun today count against the day', () => {
    const card = outcomes('1-01', undefined, noon)[3];
    const cards = new Map([['1-01', card]]);
    const today = [{ card: '1-01', at: noon }];
    expect(freshToday(cards, today, available, noon, 3)).toEqual(['1-02', '1-03']);
    expect(freshToday(cards, today, available, addDays(noon, 1), 3)).toEqual(['1-02', '1-03', '1-04']);
    expect(freshToday(cards, [{ card: '1-01', at: addDays(noon, -3) }, ...today], available, noon, 3)).toHaveLength(3);
  });
});

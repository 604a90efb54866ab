import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import {
  begin,
  byChapter,
  followUp,
  jot,
  judge,
  pause,
  pick,
  ratingFor,
  reveal,
  revealFollowUp,
  scoreOf,
  scoreOfAll,
  seededRandom,
  skip,
  tick,
  type Candidate,
} from '../../src/study/interview';
import { interviewSchema, type InterviewRecord } from '../../src/study/records';

const pool: Candidate[] = [
  ...Array.from({ length: 6 }, (_, i) => ({ id: `1-0${i + 1}`, chapter: 1, difficulty: (i % 3) + 1 })),
  ...Array.from({ length: 3 }, (_, i) => ({ id: `2-0${i + 1}`, chapter: 2, difficulty: 2 })),
];
const options = { chapters: [1, 2], difficulty: 0, count: 4, minutes: 3 };
const valid = (it: InterviewRecord) => v.is(interviewSchema, it);

describe('drawing questions', () => {
  it('takes turns between chapters, never one twice, the same from the same seed', () => {
    const drawn = pick(pool, options, seededRandom(7));
    expect(drawn).toHaveLength(4);
    expect(new Set(drawn).size).toBe(4);
    expect(drawn.filter((id) => id.startsWith('1-'))).toHaveLength(2);
    expect(pick(pool, options, seededRandom(7))).toEqual(drawn);
    const others = Array.from({ length: 20 }, (_, seed) => pick(pool, options, seededRandom(seed)).join());
    expect(new Set(others).size).toBeGreaterThan(10);
  });
  it('keeps to chapters and difficulty, and gives fewer when there are fewer', () => {
    expect(pick(pool, { ...options, chapters: [2], count: 9 }, seededRandom(1)).sort()).toEqual([
      '2-01',
      '2-02',
      '2-03',
    ]);
    const hard = pick(pool, { ...options, difficulty: 3, count: 9 }, seededRandom(1));
    expect(hard.sort()).toEqual(['1-03', '1-06']);
    expect(pick(pool, { ...options, chapters: [] }, seededRandom(1))).toEqual([]);
  });
  it('the generator is spread evenly', () => {
    const random = seededRandom(3);
    const bins = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i += 1) bins[Math.floor(random() * 10)]! += 1;
    expect(Math.min(...bins)).toBeGreaterThan(850);
    expect(Math.max(...bins)).toBeLessThan(1150);
  });
});

describe('an interview', () => {
  it('goes through its phases; every state on the way can be stored', () => {
    let it = begin(['1-01', '2-01'], 3, 1000);
    const states = [it];
    const go = (next: InterviewRecord) => states.push((it = next));
    go(pause(it, 12.5, 1001));
    go(jot(it, '方差', 1002));
    go(reveal(it, 40, 3, 1003));
    expect(it.current).toMatchObject({ seconds: 40, ticks: [false, false, false], jotted: '方差' });
    go(tick(it, 1, true, 1004));
    go(tick(it, 0, true, 1005));
    go(tick(it, 0, false, 1006));
    go(followUp(it, 2, () => 0.9, 1007));
    expect([it.phase, it.current.followup]).toEqual(['followup', { index: 1, share: 0 }]);
    go(revealFollowUp(it, 1008));
    go(judge(it, 0.5, 1009));
    expect([it.phase, it.answers.length, it.current.question, it.current.jotted]).toEqual(['ask', 1, '2-01', '']);
    go(skip(it, 9, 4, 1010));
    expect(it.finished).toBe(true);
    expect(states.every(valid)).toBe(true);
    expect(scoreOf(it.answers[0]!)).toBeCloseTo(1.5 / 4);
    expect(scoreOf(it.answers[1]!)).toBe(0);
    expect(scoreOfAll(it)).toBeCloseTo(1.5 / 8);
    expect(byChapter(it).map((row) => [row.chapter, row.questions])).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });
  it('without follow-ups goes straight on', () => {
    const it = followUp(reveal(begin(['1-01'], 3, 0), 1, 2, 0), 0, () => 0, 0);
    expect(it.finished).toBe(true);
    expect(it.answers[0]!.followup).toBeNull();
    expect(valid(it)).toBe(true);
  });
  it('its outcome as a grade', () => {
    const answer = (said: number, skipped = false) => ({
      question: '1-01',
      ticks: [0, 1, 2, 3, 4].map((i) => i < said),
      seconds: 1,
      jotted: '',
      followup: null,
      skipped,
    });
    expect([0, 1, 2, 3, 4, 5].map((n) => ratingFor(answer(n)))).toEqual([1, 1, 2, 2, 3, 3]);
    expect(ratingFor(answer(5, true))).toBe(1);
  });
});

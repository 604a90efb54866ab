import type { AnswerRecord, InterviewRecord } from './records';
import type { RatingValue } from './schedule';

/**
 * A mock interview as a sequence of states, each a plain record that is stored as it is: leaving at any moment and coming back
 * finds it where it was.
 *
 *   ask -> rubric -> followup -> followup_answer -> the next question's ask ... -> finished
 */
export interface Candidate {
  id: string;
  chapter: number;
  difficulty: number;
}
export interface InterviewOptions {
  chapters: number[];
  /** 0: any. */
  difficulty: number;
  count: number;
  minutes: number;
}

/** A small generator (mulberry32): an interview's questions can be drawn again from its seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled<T>(list: T[], random: () => number): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

export function eligible(pool: Candidate[], { chapters, difficulty }: InterviewOptions): Candidate[] {
  return pool.filter((q) => chapters.includes(q.chapter) && (difficulty === 0 || q.difficulty === difficulty));
}

/** Random questions, the chapters taking turns, so that a short interview is not all about one. */
export function pick(pool: Candidate[], options: InterviewOptions, random: () => number): string[] {
  const fits = eligible(pool, options);
  const chapters = shuffled([...new Set(fits.map((q) => q.chapter))], random);
  const piles = chapters.map((chapter) =>
    shuffled(
      fits.filter((q) => q.chapter === chapter),
      random,
    ),
  );
  const out: string[] = [];
  while (out.length < options.count && piles.some((pile) => pile.length > 0)) {
    for (const pile of piles) {
      const next = pile.pop();
      if (next && out.length < options.count) out.push(next.id);
    }
  }
  return out;
}

const blank = (question: string): AnswerRecord => ({
  question,
  ticks: [],
  seconds: 0,
  jotted: '',
  followup: null,
  skipped: false,
});

export function begin(questions: string[], minutes: number, now: number): InterviewRecord {
  return {
    id: `i${now.toString(36)}`,
    created: now,
    updated: now,
    finished: false,
    graded: false,
    minutes,
    questions,
    phase: 'ask',
    elapsed: 0,
    current: blank(questions[0]!),
    answers: [],
  };
}

export const pause = (it: InterviewRecord, elapsed: number, now: number): InterviewRecord => ({
  ...it,
  elapsed,
  updated: now,
});

export function jot(it: InterviewRecord, jotted: string, now: number): InterviewRecord {
  return { ...it, updated: now, current: { ...it.current, jotted: jotted.slice(0, 20_000) } };
}

/** The answer was said: its points are shown, to be ticked. */
export function reveal(it: InterviewRecord, seconds: number, points: number, now: number): InterviewRecord {
  const current = { ...it.current, seconds, ticks: Array.from({ length: points }, () => false) };
  return { ...it, updated: now, phase: 'rubric', elapsed: 0, current };
}

export function tick(it: InterviewRecord, index: number, said: boolean, now: number): InterviewRecord {
  const ticks = it.current.ticks.map((before, i) => (i === index ? said : before));
  return { ...it, updated: now, current: { ...it.current, ticks } };
}

/** One of the question's follow-ups; without any, the next question. */
export function followUp(it: InterviewRecord, followups: number, random: () => number, now: number): InterviewRecord {
  if (followups === 0) return next(it, now);
  const followup = { index: Math.floor(random() * followups), share: 0 };
  return { ...it, updated: now, phase: 'followup', elapsed: 0, current: { ...it.current, followup } };
}

export const revealFollowUp = (it: InterviewRecord, now: number): InterviewRecord => ({
  ...it,
  updated: now,
  phase: 'followup_answer',
});

/** How much of the follow-up was answered (0, 1/2 or 1), and on. */
export function judge(it: InterviewRecord, share: number, now: number): InterviewRecord {
  const { followup } = it.current;
  return next({ ...it, current: { ...it.current, followup: followup && { ...followup, share } } }, now);
}

export const skip = (it: InterviewRecord, seconds: number, points: number, now: number): InterviewRecord =>
  next(
    { ...reveal(it, seconds, points, now), current: { ...reveal(it, seconds, points, now).current, skipped: true } },
    now,
  );

function next(it: InterviewRecord, now: number): InterviewRecord {
  const answers = [...it.answers, it.current];
  const question = it.questions[answers.length];
  return {
    ...it,
    updated: now,
    answers,
    phase: 'ask',
    elapsed: 0,
    finished: question === undefined,
    current: question === undefined ? it.current : blank(question),
  };
}

/** 0..1: the points said, and the follow-up as one point more. */
export function scoreOf(answer: AnswerRecord): number {
  const total = answer.ticks.length + (answer.followup ? 1 : 0);
  if (answer.skipped || total === 0) return 0;
  return (answer.ticks.filter(Boolean).length + (answer.followup?.share ?? 0)) / total;
}

export const scoreOfAll = (it: InterviewRecord): number =>
  it.answers.length ? it.answers.reduce((sum, answer) => sum + scoreOf(answer), 0) / it.answers.length : 0;

/** What an interview says about a card: below 40 % forgotten, below 70 % hard, else good. Easy is the reader's to say. */
export function ratingFor(answer: AnswerRecord): RatingValue {
  const score = scoreOf(answer);
  return score < 0.4 ? 1 : score < 0.7 ? 2 : 3;
}

export interface ChapterScore {
  chapter: number;
  questions: number;
  score: number;
}
export function byChapter(it: InterviewRecord): ChapterScore[] {
  const groups = new Map<number, number[]>();
  for (const answer of it.answers) {
    const chapter = Number(answer.question.split('-')[0]);
    groups.set(chapter, [...(groups.get(chapter) ?? []), scoreOf(answer)]);
  }
  return [...groups]
    .map(([chapter, scores]) => ({
      chapter,
      questions: scores.length,
      score: scores.reduce((a, b) => a + b, 0) / scores.length,
    }))
    .sort((a, b) => a.chapter - b.chapter);
}

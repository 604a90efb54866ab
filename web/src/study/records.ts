import * as v from 'valibot';

/**
 * What the reader's own data looks like, in the database and in an exported file alike: plain JSON, times in milliseconds
 * since 1970. The types follow from the schemas, so that what is validated and what is used cannot differ.
 */

const text = (most: number) => v.pipe(v.string(), v.maxLength(most));
const time = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1e9));
const amount = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1e9));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/** "1-04": a question. "recall.kv_cache": a recall card, named by its experiment. */
const cardId = v.pipe(v.string(), v.regex(/^(\d+-\d\d|recall\.[a-z_]{1,40})$/));
const questionId = v.pipe(v.string(), v.regex(/^\d+-\d\d$/));
const day = v.pipe(v.string(), v.isoDate());

export const cardSchema = v.strictObject({
  id: cardId,
  due: time,
  stability: amount,
  difficulty: amount,
  scheduled_days: count,
  learning_steps: count,
  reps: count,
  lapses: count,
  state: v.picklist([0, 1, 2, 3]),
  last_review: v.nullable(time),
  updated: time,
});

/** One grading. `key` is card and time, so that the same grading imported twice is one. */
export const reviewSchema = v.strictObject({
  key: text(80),
  card: cardId,
  at: time,
  rating: v.picklist([1, 2, 3, 4]),
  /** Seconds from seeing the question to asking for the answer, when they were measured. */
  seconds: v.nullable(amount),
});

export const noteSchema = v.strictObject({ question: cardId, text: text(20_000), updated: time });

/** One answered question of a mock interview. */
export const answerSchema = v.strictObject({
  question: questionId,
  /** Which points of the rubric were said. */
  ticks: v.array(v.boolean()),
  seconds: amount,
  jotted: text(20_000),
  /** Which follow-up was asked, and how much of it was answered; null where there was none. */
  followup: v.nullable(v.strictObject({ index: count, share })),
  skipped: v.boolean(),
});

const interviewShape = v.strictObject({
  id: text(40),
  created: time,
  updated: time,
  finished: v.boolean(),
  /** Its outcome was taken into the review schedule: once is enough. */
  graded: v.boolean(),
  minutes: v.pipe(v.number(), v.minValue(0.5), v.maxValue(60)),
  questions: v.pipe(v.array(questionId), v.minLength(1), v.maxLength(84)),
  /** Where the reader stands in the question after the answered ones. */
  phase: v.picklist(['ask', 'rubric', 'followup', 'followup_answer']),
  /** Seconds already used in this phase, so that leaving stops the clock. */
  elapsed: amount,
  current: answerSchema,
  answers: v.array(answerSchema),
});
/** The answers are those of the first questions, in order; the current one is the next, or the last when it is over. */
export const interviewSchema = v.pipe(
  interviewShape,
  v.check((interview) => {
    const { questions, answers, current, finished } = interview;
    if (answers.some((answer, i) => answer.question !== questions[i])) return false;
    if (finished) return answers.length === questions.length;
    return answers.length < questions.length && current.question === questions[answers.length];
  }, 'answers in the order of the questions'),
);

export const settingsSchema = v.strictObject({
  interview_date: v.optional(v.nullable(day)),
  /** New questions a day, when there is no interview date to plan for. */
  new_per_day: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(84))),
  last_lesson: v.optional(v.strictObject({ id: questionId, part: count, at: time })),
  last_backup: v.optional(time),
});

export type CardRecord = v.InferOutput<typeof cardSchema>;
export type ReviewRecord = v.InferOutput<typeof reviewSchema>;
export type NoteRecord = v.InferOutput<typeof noteSchema>;
export type AnswerRecord = v.InferOutput<typeof answerSchema>;
export type InterviewRecord = v.InferOutput<typeof interviewSchema>;
export type Settings = v.InferOutput<typeof settingsSchema>;

/** Everything the reader has. */
export interface StudyData {
  cards: CardRecord[];
  reviews: ReviewRecord[];
  notes: NoteRecord[];
  interviews: InterviewRecord[];
  settings: Settings;
}

export const emptyData = (): StudyData => ({ cards: [], reviews: [], notes: [], interviews: [], settings: {} });
export const reviewKey = (card: string, at: number): string => `${card}@${at}`;

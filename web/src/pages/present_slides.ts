import type { Text } from '../engine/protocol';
import { ui } from '../i18n/strings';
import type { Lesson, Rich } from '../lesson/types';

/** One press of a key each. A hidden answer and the shown one are two slides of the same place. */
export type Slide =
  | { kind: 'question' }
  | { kind: 'part'; index: number }
  | { kind: 'text'; heading: Text; question?: Rich; body: Rich; hidden: boolean }
  | { kind: 'list'; heading: Text; items: Rich[] };

export function slidesOf(lesson: Lesson): Slide[] {
  const asked = (heading: Text, question: Rich, body: Rich): Slide[] =>
    [true, false].map((hidden) => ({ kind: 'text', heading, question, body, hidden }));
  return [
    { kind: 'question' },
    ...lesson.parts.map((_, index) => ({ kind: 'part' as const, index })),
    ...asked(ui.shortAnswer, lesson.question, lesson.answer.short),
    { kind: 'text', heading: ui.fullAnswer, body: lesson.answer.full, hidden: false },
    ...lesson.wrong.flatMap(({ claim, why }) => asked(ui.wrongAnswers, claim, why)),
    ...lesson.followups.flatMap(({ question, answer }) => asked(ui.followups, question, answer)),
    { kind: 'list', heading: ui.rubric, items: lesson.rubric },
  ];
}

/** What of a slide is in words, as far as it is shown. */
export function wordsOf(slide: Slide): Rich[] {
  if (slide.kind === 'list') return slide.items;
  if (slide.kind !== 'text') return [];
  return [...(slide.question ? [slide.question] : []), ...(slide.hidden ? [] : [slide.body])];
}

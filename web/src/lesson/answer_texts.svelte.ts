import type { Engines } from '../engine/engines';
import { settings } from '../i18n/language.svelte';
import { answerExpressions, type Texts } from './live';
import { runToEnd } from './run_to_end';
import type { Lesson } from './types';

/** Numbers in the answers: the first part's run at its own setting, made beside the one the reader plays with. */
export class AnswerTexts {
  texts = $state.raw<Texts>({});
  /** They are on their way. */
  waiting = $state(false);

  /** To be called in an effect, which stops it with what this returns. */
  follow(engines: Engines, lesson: Lesson | undefined): (() => void) | undefined {
    const expressions = lesson ? answerExpressions(lesson) : [];
    if (!lesson || expressions.length === 0) return undefined;
    const first = lesson.parts[0]!;
    const setting = { parameters: first.parameters, seed: first.seed ?? 1 };
    let stopped = false;
    this.waiting = true;
    runToEnd(engines.of(first.experiment), first, setting, settings.language, () => stopped, expressions)
      .then((shown) => {
        if (shown && !stopped) this.texts = shown.texts;
      })
      .catch(() => undefined) // the part itself reports what is wrong; here the numbers stay open
      .finally(() => {
        if (!stopped) this.waiting = false;
      });
    return () => (stopped = true);
  }
}

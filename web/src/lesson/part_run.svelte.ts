import { asEngineError, type EngineClient } from '../engine/client';
import { FrameReader } from '../engine/frames';
import type { CheckOutcome, EngineError, EvaluateResult, Frame, ParameterValue, Progress } from '../engine/protocol';
import type { Language } from '../i18n/language.svelte';
import { partExpressions, type Texts } from './live';
import type { Setting } from './setting';
import type { Part } from './types';

/** How a part's run is shown: computed at once, played like a film, or kept frame by frame to step through. */
export type RunMode = 'once' | 'training' | 'stepper';

export interface Shown {
  frame: Frame;
  texts: Texts;
  /** The same expressions as numbers; null where there is none. For differences between two runs. */
  numbers: Record<string, number | null>;
}

const mostKept = 400;
const filmTicks = 120;
/** A training at speed 1 plays in about two seconds, however many updates it has. */
export const speeds = [0.1, 0.25, 0.5, 1, 2, 4] as const;

export function modeOf(part: Part): RunMode {
  if (part.views.some((view) => view.kind === 'stepper')) return 'stepper';
  return part.views.some((view) => view.kind === 'training') ? 'training' : 'once';
}

/**
 * The run of one part: asks the engine, keeps what it answered, and is what the page draws from. The newest parameters win:
 * a slider may move faster than the engine computes, and what it passed on the way is never queued.
 */
export class PartRun {
  shown = $state.raw<Shown | undefined>();
  kept = $state.raw<Shown[]>([]);
  checks = $state.raw<CheckOutcome[]>([]);
  /** What the part's prediction turned out to be, and its texts, on the part's own setting. */
  prediction = $state.raw<{ results: boolean[]; texts: Texts } | undefined>();
  error = $state.raw<EngineError | undefined>();
  progress = $state.raw<Progress>({ done: 0, total: 1 });
  last = $state(false);
  busy = $state(false);
  playing = $state(false);
  /** How fast a training plays, one of `speeds`. */
  speed = $state<number>(1);
  /** What the shown frame was computed with. */
  computed = $state.raw<Setting | undefined>();

  readonly mode: RunMode;
  #client: EngineClient;
  #part: Part;
  #language: () => Language;
  #expressions: string[];
  #target: Setting | undefined;
  #current: Setting | undefined;
  #handle = 0;
  #generation = -1;
  #reader = new FrameReader();
  #looping = false;
  #ticks = 0;
  #disposed = false;

  constructor(client: EngineClient, part: Part, language: () => Language) {
    this.#client = client;
    this.#part = part;
    this.#language = language;
    this.#expressions = partExpressions(part);
    this.mode = modeOf(part);
  }

  /** Starts anew with these parameters, whatever was running. */
  request(parameters: Record<string, ParameterValue>, seed: number): void {
    this.#target = { parameters: { ...parameters }, seed };
    this.playing = true;
    void this.#loop();
  }

  play(): void {
    if (this.last) this.reset();
    this.playing = true;
    void this.#loop();
  }
  pause(): void {
    this.playing = false;
  }
  /** One frame further, then it rests. */
  advance(): void {
    this.playing = false;
    this.#ticks = 1;
    void this.#loop();
  }
  reset(): void {
    if (this.#target) this.#target = { ...this.#target };
  }
  /** Back to the first frame, at rest. */
  restart(): void {
    this.reset();
    this.advance();
  }
  show(index: number): void {
    const chosen = this.kept[index];
    if (chosen) this.shown = chosen;
  }

  dispose(): void {
    this.#disposed = true;
    this.#drop();
  }

  /** Asks again for the texts of the shown frame, in another language. */
  async relabel(): Promise<void> {
    if (!this.shown || this.#handle === 0 || this.mode === 'stepper') return;
    try {
      const result = await this.#client.ask('evaluate', { handle: this.#handle, request: this.#evaluation() });
      this.#publish(this.shown.frame, result);
    } catch (thrown) {
      this.error = asEngineError(thrown);
    }
  }

  async #loop(): Promise<void> {
    if (this.#looping) return;
    this.#looping = true;
    const slow = setTimeout(() => (this.busy = true), 200);
    try {
      while (!this.#disposed && this.#wanted()) {
        await this.#step();
        if (this.mode === 'training') await this.#rest();
      }
    } catch (thrown) {
      this.#current = this.#target;
      this.error = asEngineError(thrown);
      this.playing = false;
      this.#handle = 0;
      this.last = true;
    } finally {
      clearTimeout(slow);
      this.busy = false;
      this.#looping = false;
    }
    // Moved while the error was being handled.
    if (!this.#disposed && this.#target !== this.#current) void this.#loop();
  }

  /** Until the next picture of a training: one frame of the screen, more where its updates are few or the reader slows it down. */
  async #rest(): Promise<void> {
    const frames = Math.min(30, Math.round(filmTicks / Math.max(1, this.progress.total * this.speed)));
    for (let i = 0; i < Math.max(1, frames) && this.playing && !this.last; i += 1) await nextAnimationFrame();
  }

  #wanted(): boolean {
    if (this.#target !== this.#current) return true;
    if (this.last || this.#handle === 0) return false;
    return this.mode !== 'training' || this.playing || this.#ticks > 0;
  }

  #drop(): void {
    const handle = this.#replaced();
    if (handle !== 0) this.#client.ask('drop', { handle }).catch(() => undefined);
    this.#handle = 0;
  }

  /** The handle to drop, if the worker it belongs to still lives. */
  #replaced(): number {
    return this.#generation === this.#client.generation ? this.#handle : 0;
  }

  async #step(): Promise<void> {
    const target = this.#target!;
    const fresh = target !== this.#current;
    // A training plays in about two seconds, however many updates it has; anything else goes as fast as it can.
    const film =
      this.mode === 'training' && this.#ticks === 0 && !fresh
        ? Math.max(1, Math.ceil((this.progress.total * this.speed) / filmTicks))
        : 1;
    const count = this.mode === 'once' ? Number.MAX_SAFE_INTEGER : film;
    const how = { count, budget: 40, evaluate: this.#evaluation() };
    if (this.#ticks > 0) this.#ticks -= 1;
    let answer;
    if (fresh) {
      this.#current = target;
      const replaces = this.#replaced();
      this.#handle = 0;
      const request = { experiment: this.#part.experiment, parameters: target.parameters, seed: target.seed };
      const begun = await this.#client.ask('begin', { request, replaces, ...how });
      this.#handle = begun.handle;
      this.#generation = this.#client.generation;
      this.#reader = new FrameReader();
      this.error = undefined;
      this.kept = [];
      answer = begun;
    } else {
      answer = await this.#client.ask('step', { handle: this.#handle, ...how });
    }
    if (this.#disposed) {
      this.#drop();
      return;
    }
    this.progress = answer.position.progress;
    this.last = answer.position.last;
    if (this.last) this.playing = false;
    const frame = this.#reader.read(answer.frame, answer.buffer);
    if (target !== this.#target) return; // overtaken by a newer setting
    this.computed = target;
    this.#publish(frame, answer.evaluated!);
    if (this.mode === 'stepper' && this.kept.length < mostKept) this.kept = [...this.kept, this.shown!];
  }

  #evaluation() {
    const { parameters, seed = 1 } = this.#part;
    return {
      expressions: this.#expressions,
      checks: this.#part.checks.map((check) => check.source),
      predicates: this.#part.predict.options.map((option) => option.predicate),
      language: this.#language(),
      preset: { parameters, seed },
    };
  }

  #isPreset(target: Setting | undefined): boolean {
    const { parameters, seed = 1 } = this.#part;
    if (!target || target.seed !== seed) return false;
    return Object.entries(parameters).every(
      ([name, value]) => JSON.stringify(target.parameters[name]) === JSON.stringify(value),
    );
  }

  #publish(frame: Frame, result: EvaluateResult): void {
    this.shown = shownFrom(frame, this.#expressions, result);
    const { texts } = this.shown;
    this.checks = result.checks;
    if (this.last && this.#isPreset(this.#current)) {
      this.prediction = { results: result.predicates.map((predicate) => predicate === true), texts };
    }
  }
}

/** A frame with what was evaluated on it, by expression. */
export function shownFrom(frame: Frame, expressions: string[], result: EvaluateResult): Shown {
  const shown: Shown = { frame, texts: {}, numbers: {} };
  result.texts.forEach((value, i) => {
    const expression = expressions[i]!;
    shown.texts[expression] = 'text' in value ? value.text : '—';
    shown.numbers[expression] = 'text' in value ? value.value : null;
  });
  return shown;
}

/** The next frame of the screen; a hidden page has none, so that a timer stands in. */
function nextAnimationFrame(): Promise<void> {
  return new Promise((resolve) => {
    if (document.hidden) setTimeout(resolve, 16);
    else requestAnimationFrame(() => resolve());
  });
}

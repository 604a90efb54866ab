import type { EngineClient } from '../engine/client';
import { FrameReader } from '../engine/frames';
import type { Language } from '../i18n/language.svelte';
import { partExpressions } from './live';
import { shownFrom, type Shown } from './part_run.svelte';
import type { Setting } from './setting';
import type { Part } from './types';

/** The result of one setting, beside whatever else is running. Gives nothing if it was stopped; throws what the engine says. */
export async function runToEnd(
  client: EngineClient,
  part: Part,
  { parameters, seed }: Setting,
  language: Language,
  stopped: () => boolean,
  expressions: string[] = partExpressions(part),
): Promise<Shown | undefined> {
  const evaluate = { expressions, checks: [], predicates: [], language };
  const how = { count: Number.MAX_SAFE_INTEGER, budget: 40, evaluate };
  const reader = new FrameReader();
  const request = { experiment: part.experiment, parameters, seed };
  const begun = await client.ask('begin', { request, replaces: 0, ...how });
  const { handle } = begun;
  try {
    let answer: Omit<typeof begun, 'handle'> = begun;
    for (;;) {
      const frame = reader.read(answer.frame, answer.buffer);
      if (answer.position.last) return shownFrom(frame, expressions, answer.evaluated!);
      if (stopped()) return undefined;
      answer = await client.ask('step', { handle, ...how });
    }
  } finally {
    client.ask('drop', { handle }).catch(() => undefined);
  }
}

import type { EngineClient } from '../engine/client';
import type { Catalog, ExperimentEntry, TableValue, Text, Value } from '../engine/protocol';

/** A recall card as the core made and graded it. Nothing here is computed: fresh numbers, verdict and solution are its own. */
export interface RecallCard {
  question: Text;
  given: TableValue;
  graded: boolean;
  correct: boolean;
  message: Text;
  marks: TableValue;
  tolerance: Text;
  solution: TableValue;
  lesson: Text;
}

export const recallPrefix = 'recall.';
export const recallKinds = (catalog: Catalog): ExperimentEntry[] =>
  catalog.experiments.filter((entry) => entry.id.startsWith(recallPrefix));

const text = (value: Value | undefined): Text => (value?.kind === 'text' ? value.text : { zh: '', en: '' });
const truth = (value: Value | undefined): boolean => value?.kind === 'scalar' && value.value === 1;
const table = (value: Value | undefined): TableValue =>
  value?.kind === 'table' ? value : { kind: 'table', columns: [], rows: [] };

/** The card of a kind with the numbers of a seed, graded if there is an answer. Rejects with an EngineError. */
export async function askRecall(
  client: EngineClient,
  experiment: string,
  seed: number,
  answer: string,
): Promise<RecallCard> {
  const { handle, frame } = await client.ask('begin', {
    request: { experiment, parameters: { answer }, seed },
    replaces: 0,
    count: 1,
    budget: 1000,
    evaluate: { expressions: [], checks: [], predicates: [] },
  });
  void client.ask('drop', { handle }).catch(() => undefined);
  const values = frame.values as Record<string, Value>;
  return {
    question: text(values.question),
    given: table(values.given),
    graded: truth(values.graded),
    correct: truth(values.correct),
    message: text(values.message),
    marks: table(values.marks),
    tolerance: text(values.tolerance),
    solution: table(values.solution),
    lesson: text(values.lesson),
  };
}

export const freshSeed = (): number => 1 + Math.floor(Math.random() * 999_998);

import type { ExperimentEntry, Frame, ParameterValue } from '../engine/protocol';
import type { Texts } from '../lesson/live';
import type { PartRun } from '../lesson/part_run.svelte';
import type { View } from '../lesson/types';

/** What every view gets: values only. Views never call the engine. */
export interface ViewProps<V extends View = View> {
  view: V;
  frame: Frame;
  texts: Texts;
  /** The same expressions as numbers, unrounded. */
  numbers?: Record<string, number | null> | undefined;
  parameters: Record<string, ParameterValue>;
  entry: ExperimentEntry;
  /** A pinned frame: scales cover both, so that the two pictures can be compared. */
  peer?: Frame | undefined;
  /** Several pinned runs with their names, for pictures that lay runs over one another; `peer` is the first of them. */
  peers?: { label: string; frame: Frame }[] | undefined;
  /** For views with controls of their own (training, stepper). */
  run?: PartRun | undefined;
}

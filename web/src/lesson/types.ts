import type { ParameterValue } from '../engine/protocol';

/**
 * A lesson as build/prose.mjs compiles it from lessons/chapter-N/*.json (schema: lessons/lesson.schema.json). Prose is cut at
 * its live numbers: [text, expression, text, ...].
 */
export type Pieces = string[];
export interface Rich {
  zh: Pieces;
  en: Pieces;
}

export interface AxisOptions {
  label?: Rich;
  log?: boolean;
  min?: string;
  max?: string;
}
export interface Reference {
  at: string;
  label: Rich;
  axis?: 'x' | 'y';
}
export interface Curve {
  value: string;
  label?: Rich;
  select?: Record<string, string | number>;
  lines?: string;
  x?: string;
}
interface Common {
  id?: string;
  title?: Rich;
  note?: Rich;
}
interface Colored {
  value: string;
  select?: Record<string, string | number>;
  scale?: 'auto' | 'signed' | 'probability' | 'sequential';
  scale_group?: string;
  min?: string;
  max?: string;
}
export type HeatmapView = Common & Colored & { kind: 'heatmap' };
export type MatrixView = Common & Colored & { kind: 'matrix'; digits?: number };
export type LineView = Common & {
  kind: 'line' | 'training';
  curves: Curve[];
  x?: AxisOptions;
  y?: AxisOptions;
  references?: Reference[];
};
export type BarView = Common & {
  kind: 'bar' | 'histogram';
  value: string;
  select?: Record<string, string | number>;
  groups?: string;
  bins?: number;
  x?: AxisOptions;
  y?: AxisOptions;
  references?: Reference[];
};
export type CardsView = Common & {
  kind: 'cards';
  items: { label: Rich; expression: string; note?: Rich; role?: string }[];
};
export type TableView = Common & { kind: 'table'; value: string; columns?: string[]; highlight?: string };
export type TokensView = Common & { kind: 'tokens'; value: string; strips?: string[] };
export type FormulaView = Common & { kind: 'formula'; latex: Pieces[] };
export type StepperView = Common & { kind: 'stepper'; label?: Rich; views: View[] };
export type View =
  HeatmapView | MatrixView | LineView | BarView | CardsView | TableView | TokensView | FormulaView | StepperView;

export interface Check {
  /** As it stands in the lesson's file: what the engine evaluates. */
  source: {
    kind: 'theorem' | 'empirical' | 'soft';
    runs?: object;
    sweep?: object;
    seeds?: number[];
    domain?: Record<string, (string | number | boolean)[]>;
    [member: string]: unknown;
  };
  claim: Rich;
  note: Rich;
}
export interface TryPreset {
  name: Rich;
  parameters: Record<string, ParameterValue>;
  seed?: number;
  note: Rich;
}
export interface Part {
  title: Rich;
  text: Rich;
  experiment: string;
  parameters: Record<string, ParameterValue>;
  seed?: number;
  controls: string[];
  views: View[];
  predict: { question: Rich; options: { text: Rich; predicate: unknown }[]; explain: Rich };
  notice: Rich;
  checks: Check[];
  try: TryPreset[];
}
export interface Lesson {
  version: number;
  id: string;
  question: Rich;
  difficulty: number;
  tags: string[];
  answer: { short: Rich; full: Rich; derivation?: Rich };
  wrong: { claim: Rich; why: Rich }[];
  followups: { question: Rich; answer: Rich }[];
  rubric: Rich[];
  references: { authors: string; year: number; title: string; venue?: string; arxiv?: string }[];
  related: string[];
  parts: Part[];
}

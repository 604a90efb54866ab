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
/** Fixes axes of a tensor: axis name -> tick label or index. */
export type Select = Record<string, string | number>;
export interface Curve {
  value: string;
  label?: Rich;
  select?: Select;
  lines?: string;
  x?: string;
  low?: string;
  high?: string;
  dashed?: boolean;
  role?: string;
}
interface Common {
  id?: string;
  title?: Rich;
  note?: Rich;
  width?: 'full' | 'half' | 'third';
}
/** Draws a tensor: some axes fixed, some chosen by the reader. */
interface Picked {
  value: string;
  select?: Select;
  choose?: string[];
}
interface Plotted {
  x?: AxisOptions;
  y?: AxisOptions;
  references?: Reference[];
}
interface Scaled {
  scale?: 'auto' | 'signed' | 'probability' | 'sequential';
  min?: string;
  max?: string;
}
type Colored = Picked & Scaled & { tiles?: string; scale_group?: string };
export type HeatmapView = Common & Colored & { kind: 'heatmap' };
export type MatrixView = Common & Colored & { kind: 'matrix'; digits?: number };
export type LineView = Common &
  Plotted & {
    kind: 'line' | 'training';
    curves: Curve[];
    choose?: string[];
    points?: 'auto' | 'always' | 'never';
  };
export type BarView = Common &
  Plotted &
  Picked & {
    kind: 'bar';
    groups?: string;
    columns?: string[];
    names?: string;
    from?: string;
    stacked?: boolean;
    horizontal?: boolean;
    sort?: 'none' | 'down' | 'up';
  };
export type HistogramView = Common &
  Plotted &
  Picked & { kind: 'histogram'; groups?: string; bins?: number; share?: boolean };
export type ScatterView = Common &
  Plotted &
  Picked & {
    kind: 'scatter';
    dimensions?: (string | number)[];
    columns?: string[];
    names?: string;
    color?: string;
    categories?: Rich[];
    labels?: 'auto' | 'chosen' | 'none';
    background?: string;
    to?: string;
    connect?: boolean;
    from_origin?: boolean;
    equal?: boolean;
  };
export type CardsView = Common & {
  kind: 'cards';
  items: { label: Rich; expression: string; note?: Rich; role?: string }[];
};
export type TableView = Common & {
  kind: 'table';
  value: string;
  columns?: string[];
  highlight?: string;
  sort?: { column: string; descending?: boolean };
  bars?: string[];
  limit?: number;
};
export type TokensView = Common & {
  kind: 'tokens';
  value: string;
  strips?: string[];
  weights?: string;
  ids?: boolean;
  align?: boolean;
  differences?: boolean;
};
export type ArcsView = Common &
  Picked & { kind: 'arcs'; heads?: string; tokens?: string; key_tokens?: string; threshold?: number };
export type FormulaView = Common & { kind: 'formula'; latex: Pieces[] };
export type DiagramView = Common & { kind: 'diagram'; value: string; open?: string; weights?: string };
export type StepperView = Common & { kind: 'stepper'; label?: Rich; axis?: string; views: View[] };
export type ImageView = Common & Picked & Scaled & { kind: 'image'; tiles?: string; patch?: number; overlay?: string };
export type View =
  | HeatmapView
  | MatrixView
  | LineView
  | BarView
  | HistogramView
  | ScatterView
  | CardsView
  | TableView
  | TokensView
  | ArcsView
  | FormulaView
  | DiagramView
  | StepperView
  | ImageView;

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

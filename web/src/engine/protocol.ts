/**
 * What crosses the wall between the page and the engine. The JSON shapes are made by `core/lesson/protocol.cpp`; nothing
 * here is computed, and no list of names is repeated (the catalog comes from the engine at run time).
 */

/** A sentence in both languages. */
export interface Text {
  zh: string;
  en: string;
}

/** A number from the engine; JSON has no NaN or infinity, so those come as null beside their name. */
export type NonFinite = 'nan' | 'inf' | '-inf';

/* ---- catalog ------------------------------------------------------------------------------------------------- */

export type ParameterKind =
  | 'integer'
  | 'number'
  | 'enumeration'
  | 'set'
  | 'boolean'
  | 'text'
  | 'text_list'
  | 'integer_list'
  | 'grid'
  | 'image'
  | 'checkpoint';

export type ParameterValue =
  boolean | number | string | string[] | number[] | { rows: number; columns: number; cells: number[] };

export interface Parameter {
  name: string;
  kind: ParameterKind;
  label: Text;
  doc: Text;
  default: ParameterValue;
  minimum?: number;
  maximum?: number;
  spacing?: 'linear' | 'logarithmic' | 'power_of_two';
  options?: { name: string; label: Text }[];
  unit?: string;
  /** Says how much is computed (updates, trials), not what. */
  work?: boolean;
}

export type ValueKind = 'scalar' | 'text' | 'tensor' | 'series' | 'table' | 'tokens' | 'graph';
export type Role =
  | 'none'
  | 'query'
  | 'key'
  | 'value'
  | 'score'
  | 'mask'
  | 'probability'
  | 'gradient'
  | 'weight'
  | 'activation'
  | 'position'
  | 'loss'
  | 'count';

export interface Output {
  name: string;
  kind: ValueKind;
  doc: Text;
  axes?: string[];
  role?: Role;
  soft?: boolean;
  may_be_non_finite?: boolean;
}

export interface ExperimentEntry {
  id: string;
  summary: Text;
  parameters: Parameter[];
  constraints: { parameters: string[]; message: Text }[];
  outputs: Output[];
  assets: string[];
}

export interface Catalog {
  version: string;
  experiments: ExperimentEntry[];
}

/* ---- values and frames --------------------------------------------------------------------------------------- */

export type DerivationOperation =
  'matmul' | 'add' | 'scale' | 'softmax' | 'mask' | 'norm' | 'lookup' | 'activation' | 'reduce' | 'permute' | 'concat';

/**
 * `index` has one entry per axis of the input: the name of an axis of the result (that coordinate), any other name (a
 * contracted index, run over in full) or a number (fixed). Attributes are described in core/experiments/value.h.
 */
export interface Derivation {
  op: DerivationOperation;
  inputs: { value: string; index: (string | number)[] }[];
  attributes: Record<string, number | string>;
}

export interface ScalarValue {
  kind: 'scalar';
  value: number | null;
  nonfinite?: NonFinite;
}
export interface TextValue {
  kind: 'text';
  text: Text;
}
/** In the header `offset` (bytes) and `size` (elements) point into the frame's buffer; the client replaces them by `data`. */
export interface TensorHeader {
  kind: 'tensor';
  dtype: 'float32' | 'float64' | 'int32' | 'bool';
  shape: number[];
  axes: { name: string; ticks?: string[] }[];
  role: Role;
  offset: number;
  size: number;
  derivation?: Derivation;
}
export interface TensorValue extends Omit<TensorHeader, 'offset' | 'size'> {
  data: Float32Array | Float64Array | Int32Array | Uint8Array;
}
/** `points` are those added since the frame read last, starting at index `from`; the client joins them to whole curves. */
export interface SeriesValue {
  kind: 'series';
  x: string;
  from: number;
  points: [number, number | null][];
}
export interface TableValue {
  kind: 'table';
  columns: { name: string; kind: 'text' | 'integer' | 'number' | 'boolean'; label: Text }[];
  /** A number that is not finite comes as "nan", "inf" or "-inf" in a number column. */
  rows: (string | number | boolean)[][];
}
export interface Piece {
  id: number;
  text: string;
  /** Characters (Unicode code points) of the strip's source, [begin, end). */
  span: [number, number];
  bytes?: string;
  fragment?: number;
  fragments?: number;
  continues_word?: boolean;
  unknown?: boolean;
}
export interface TokensValue {
  kind: 'tokens';
  strips: { label: string; source: string; count: number; pieces: Piece[] }[];
}
export interface GraphValue {
  kind: 'graph';
  boxes: { id: string; label: Text; shape: string; value?: string; role?: Role; group?: string; quiet?: boolean }[];
  wires: { from: string; to: string; label?: Text; lit?: boolean }[];
  groups?: { id: string; label: Text }[];
}
export type Value = ScalarValue | TextValue | TensorValue | SeriesValue | TableValue | TokensValue | GraphValue;

export interface Cost {
  flops: number;
  bytes: number;
  matmuls: number;
}

export interface Progress {
  done: number;
  total: number;
}

/** A frame as views get it: tensors hold their own data, series are whole. Never changed after it was made. */
export interface Frame {
  sequence: number;
  progress: Progress;
  last: boolean;
  values: Record<string, Value>;
  cost: Cost;
}

/* ---- requests ------------------------------------------------------------------------------------------------ */

export interface RunRequest {
  experiment: string;
  parameters: Record<string, ParameterValue>;
  seed: number;
}

/** Every failure has this shape; `parameter` names the parameter, file field or output at fault. */
export interface EngineError {
  kind:
    | 'unknown_name'
    | 'wrong_type'
    | 'out_of_range'
    | 'constraint'
    | 'budget'
    | 'shape'
    | 'malformed'
    | 'non_finite'
    | 'cancelled'
    | 'internal'
    /** made by the client: the worker crashed, hung, or could not load the engine */
    | 'engine';
  message: Text;
  parameter?: string;
}

/** Where a run stands after advancing. */
export interface Position {
  sequence: number;
  progress: Progress;
  last: boolean;
}

/** Checks, predictions and live text are evaluated by the engine on the frame a run is at. */
export interface EvaluateRequest {
  /** `expr` or `expr | format`, as they stand between {{ }} in prose and in cards. */
  expressions: string[];
  /** Check objects of the lesson, as they stand in its file. */
  checks: unknown[];
  /** Predicates of a prediction's options. */
  predicates: unknown[];
}
export interface CheckOutcome {
  /** needs_runs: it compares runs, sweeps or seeds; start it as a check job. not_claimed: outside domain or presets. */
  status: 'pass' | 'fail' | 'not_claimed' | 'needs_runs' | 'waiting' | 'error';
  left?: number | null;
  right?: number | null;
  /** Both sides and the comparison, formatted: "0.9934 ≤ 1.15". */
  shown?: string;
  /** How many runs a check job evaluated, and which parameters the worst of them had. */
  runs?: number;
  worst?: string;
  error?: EngineError;
}
export interface EvaluateResult {
  /** Formatted, or an error per expression. */
  texts: ({ text: string; value: number | null } | { error: EngineError })[];
  checks: CheckOutcome[];
  predicates: (boolean | { error: EngineError })[];
}

/** A check with its own runs (sweep, seeds, several presets): a job that advances like a run. */
export interface CheckJobRequest {
  experiment: string;
  parameters: Record<string, ParameterValue>;
  seed: number;
  check: unknown;
  /** false: presets once; true: every sweep value, seed and domain sample. */
  full: boolean;
}
export interface CheckJobPosition {
  progress: Progress;
  last: boolean;
  outcome?: CheckOutcome;
}

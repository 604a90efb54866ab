import type {
  Catalog,
  CheckJobPosition,
  CheckJobRequest,
  EngineError,
  EvaluateRequest,
  EvaluateResult,
  Frame,
  Position,
  RunRequest,
  TensorHeader,
  Value,
} from './protocol';

/** What the page asks of the worker; each kind has one answer. */
export interface Requests {
  /** The catalog of one engine: what it can compute. */
  load: { ask: { name: string; wasm: ArrayBuffer }; answer: Catalog };
  /** Starts a run, drops the one it replaces, and makes the first step: one way there and back for a slider. */
  begin: {
    ask: {
      request: RunRequest;
      replaces: number;
      count: number;
      budget: number;
      evaluate: EvaluateRequest & EvaluateOptions;
    };
    answer: Requests['step']['answer'] & { handle: number };
  };
  /** Advances `count` frames, fewer when the run ends or about `budget` ms have passed; reads the frame, evaluates on it. */
  step: {
    ask: { handle: number; count: number; budget: number; evaluate?: EvaluateRequest & EvaluateOptions };
    answer: { position: Position; frame: WireFrame; buffer: ArrayBuffer; evaluated?: EvaluateResult };
  };
  evaluate: { ask: { handle: number; request: EvaluateRequest & EvaluateOptions }; answer: EvaluateResult };
  checkStart: { ask: { request: CheckJobRequest }; answer: { handle: number } };
  checkAdvance: { ask: { handle: number; budget: number }; answer: CheckJobPosition };
  drop: { ask: { handle: number }; answer: object };
  /** Bytes (a checkpoint) for the runs started from now on. */
  asset: { ask: { name: string; bytes: ArrayBuffer }; answer: object };
}
export type RequestKind = keyof Requests;

export interface EvaluateOptions {
  language?: 'zh' | 'en';
  /** The part's own setting: an empirical finding is claimed there only. */
  preset?: { parameters: RunRequest['parameters']; seed: number };
}

/** A frame's header: tensors are places in the buffer, series only what was added. */
export type WireFrame = Omit<Frame, 'values'> & {
  values: Record<string, Exclude<Value, { kind: 'tensor' }> | TensorHeader>;
};

export interface Message<K extends RequestKind = RequestKind> {
  id: number;
  kind: K;
  ask: Requests[K]['ask'];
}
export type Reply = { id: number; answer: unknown } | { id: number; error: EngineError };

/// <reference types="svelte" />
/// <reference types="vite/client" />

declare const __SINGLE_FILE__: boolean;

declare module 'virtual:questions' {
  import type { Text } from './engine/protocol';
  export const chapters: { id: number; zh: string; en: string }[];
  export interface Question {
    id: string;
    chapter: number;
    text: Text;
    html: Text;
    ready: boolean;
    difficulty?: number;
    tags?: string[];
    /** The experiment of each part. */
    experiments?: string[];
  }
  export const questions: Question[];
}

declare module 'virtual:glossary' {
  import type { Text } from './engine/protocol';
  export interface Term {
    id: string;
    name: Text;
    html: Text;
    plain: Text;
    questions: string[];
    see: string[];
  }
  export const terms: Term[];
}

declare module 'virtual:search' {
  import type { Text } from './engine/protocol';
  export const entries: { id: string; tags: string[]; body: Text }[];
}

declare module 'virtual:lessons' {
  import type { Lesson } from './lesson/types';
  export const lessons: Record<string, () => Promise<{ default: Lesson }>>;
}

declare module 'virtual:engines' {
  /** Experiment -> name of the engine that computes it. */
  export const engineNames: Record<string, string>;
  /** On the site: where each engine's bytes are. */
  export const engineUrls: Record<string, string>;
  /** In the single file: the bytes of the only engine, as base64. */
  export const engineBytes: string;
}

declare module 'virtual:engine-glue' {
  import type { EngineModule } from './engine/module';
  export function createEngine(name: string): Promise<(options: { wasmBinary: ArrayBuffer }) => Promise<EngineModule>>;
}

declare module 'virtual:experiments' {
  import type { Text } from './engine/protocol';
  /** All experiments there are, for lists; what one declares comes from its engine. */
  export const experiments: { id: string; summary: Text }[];
  /** An experiment's file, by its id. */
  export const sources: Record<string, () => Promise<string>>;
}

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

declare module '#engine/glassformer_engine.mjs' {
  import type { EngineModule } from './engine/module';
  const create: (options: { wasmBinary: ArrayBuffer }) => Promise<EngineModule>;
  export default create;
}

declare module 'virtual:engine-bytes' {
  const base64: string;
  export default base64;
}

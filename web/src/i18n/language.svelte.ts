import type { Text } from '../engine/protocol';
import type { Pieces, Rich } from '../lesson/types';

export type Language = 'zh' | 'en';
export type Theme = 'auto' | 'light' | 'dark';

function stored<T extends string>(key: string, allowed: readonly T[], otherwise: T): T {
  try {
    const value = localStorage.getItem(key) as T | null;
    return value !== null && allowed.includes(value) ? value : otherwise;
  } catch {
    return otherwise; // storage may be forbidden; the page works without it
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // not kept, then
  }
}

const preferred: Language = /^zh/i.test(globalThis.navigator?.language ?? 'zh') ? 'zh' : 'en';

class Settings {
  language = $state<Language>(stored('glassformer.language', ['zh', 'en'], preferred));
  theme = $state<Theme>(stored('glassformer.theme', ['auto', 'light', 'dark'], 'auto'));

  setLanguage(language: Language): void {
    this.language = language;
    store('glassformer.language', language);
  }
  setTheme(theme: Theme): void {
    this.theme = theme;
    store('glassformer.theme', theme);
  }
}

export const settings = new Settings();

/** The reader's language of a bilingual text. */
export const t = (text: Text): string => text[settings.language];
export const pieces = (rich: Rich): Pieces => rich[settings.language];

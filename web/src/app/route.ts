import { questions } from 'virtual:questions';
import type { Parameter, ParameterValue } from '../engine/protocol';

/**
 * The address holds what a reader would want to share: #/lesson/1-04?part=2&d_k=64&seed=3&lang=zh. Parameters stand there as
 * text and only when they differ from the part's preset.
 */
export interface Route {
  page: Page;
  /** Of a lesson, or of one shown large (#/present/1-04). */
  lesson: string;
  /** What a page shows one of: an experiment (#/lab/attention.scaling), a recall card, a term. Empty: all of them. */
  item: string;
  /** 1-based. */
  part: number;
  seed: number | undefined;
  language: 'zh' | 'en' | undefined;
  /** Only the figure, for another site's frame: ?embed in the address or after the page's name. */
  embed: boolean;
  /** The reader may look, not move: ?locked */
  locked: boolean;
  parameters: Record<string, string>;
  /** Settings pinned for comparison, each as a query of its own: pin=d_k%3D64%26seed%3D2 */
  pins: string[];
}
export type Page = 'home' | 'lesson' | 'present' | ItemPage | 'missing';

/** Pages without or with one item after their name. */
const itemPages = ['study', 'review', 'data', 'mock', 'cards', 'lab', 'glossary', 'views'] as const;
export type ItemPage = (typeof itemPages)[number];
const itemPattern = new RegExp(`^/(${itemPages.join('|')})(?:/([\\w.-]{1,60}))?/?$`);

const reserved = new Set(['part', 'seed', 'lang', 'pin', 'embed', 'locked']);
/** Longer texts do not go into links: some messengers cut them. */
export const longestText = 300;

export function parseRoute(hash: string, addressQuery = ''): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const search = new URLSearchParams(query);
  const flag = (name: string) => search.has(name) || new URLSearchParams(addressQuery).has(name);
  const route: Route = {
    page: 'missing',
    lesson: '',
    item: '',
    part: 1,
    seed: undefined,
    language: undefined,
    embed: flag('embed'),
    locked: flag('locked'),
    parameters: {},
    pins: search.getAll('pin'),
  };
  const lesson = /^\/(lesson|present)\/(\d+-\d+)\/?$/.exec(path);
  const item = itemPattern.exec(path);
  if (path === '' || path === '/') route.page = 'home';
  else if (lesson) Object.assign(route, { page: lesson[1], lesson: lesson[2] });
  else if (item) Object.assign(route, { page: item[1], item: item[2] ?? '' });
  const part = Number(search.get('part') ?? '1');
  if (Number.isInteger(part) && part >= 1) route.part = part;
  const seed = search.get('seed');
  if (seed !== null && /^\d{1,15}$/.test(seed)) route.seed = Number(seed);
  const language = search.get('lang');
  if (language === 'zh' || language === 'en') route.language = language;
  for (const [name, value] of search) if (!reserved.has(name)) route.parameters[name] = value;
  return route;
}

/** All recall cards are in one engine: this one stands for them. */
export const anyRecall = 'recall.kv_cache';

/** The experiment that the page of a route will want first, if any. */
export function wantedAtStart(route: Route): string | undefined {
  if (route.page === 'cards') return anyRecall;
  if (route.page === 'lab') return route.item === 'tokenizer' ? 'tokenizer.train' : route.item || undefined;
  const parts = questions.find((question) => question.id === route.lesson)?.experiments;
  return parts?.[route.part - 1] ?? parts?.[0];
}

export function formatRoute(route: Partial<Route> & { page: Page }): string {
  if (route.page === 'missing') return '#/';
  const search = new URLSearchParams();
  if (route.part && route.part > 1) search.set('part', String(route.part));
  for (const [name, value] of Object.entries(route.parameters ?? {})) search.set(name, value);
  if (route.seed !== undefined) search.set('seed', String(route.seed));
  for (const pin of route.pins ?? []) search.append('pin', pin);
  if (route.language) search.set('lang', route.language);
  const flags = (['embed', 'locked'] as const).filter((name) => route[name]);
  const query = [search.toString(), ...flags].filter(Boolean).join('&');
  const item = route.page === 'lesson' || route.page === 'present' ? route.lesson : route.item;
  const path = route.page === 'home' ? '' : route.page;
  return `#/${path}${item ? '/' + item : ''}${query ? '?' + query : ''}`;
}

export function parameterText(value: ParameterValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A parameter as it stands in a link. What cannot be read goes on as the text it is: the engine then says what is wrong. */
export function parameterFromText(parameter: Parameter, text: string): ParameterValue {
  if (parameter.kind === 'text' || parameter.kind === 'enumeration' || parameter.kind === 'checkpoint') return text;
  try {
    return JSON.parse(text) as ParameterValue;
  } catch {
    return text;
  }
}

export const sameValue = (a: ParameterValue | undefined, b: ParameterValue | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

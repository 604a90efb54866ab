import type { Parameter, ParameterValue } from '../engine/protocol';

/**
 * The address holds what a reader would want to share: #/lesson/1-04?part=2&d_k=64&seed=3&lang=zh. Parameters stand there as
 * text and only when they differ from the part's preset.
 */
export interface Route {
  page: 'home' | 'lesson' | 'missing';
  lesson: string;
  /** 1-based. */
  part: number;
  seed: number | undefined;
  language: 'zh' | 'en' | undefined;
  parameters: Record<string, string>;
}

const reserved = new Set(['part', 'seed', 'lang']);
/** Longer texts do not go into links: some messengers cut them. */
export const longestText = 300;

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const search = new URLSearchParams(query);
  const route: Route = { page: 'missing', lesson: '', part: 1, seed: undefined, language: undefined, parameters: {} };
  const lesson = /^\/lesson\/(\d+-\d+)\/?$/.exec(path);
  if (path === '' || path === '/') route.page = 'home';
  else if (lesson) Object.assign(route, { page: 'lesson', lesson: lesson[1] });
  const part = Number(search.get('part') ?? '1');
  if (Number.isInteger(part) && part >= 1) route.part = part;
  const seed = search.get('seed');
  if (seed !== null && /^\d{1,15}$/.test(seed)) route.seed = Number(seed);
  const language = search.get('lang');
  if (language === 'zh' || language === 'en') route.language = language;
  for (const [name, value] of search) if (!reserved.has(name)) route.parameters[name] = value;
  return route;
}

export function formatRoute(route: Partial<Route> & { page: Route['page'] }): string {
  if (route.page !== 'lesson') return '#/';
  const search = new URLSearchParams();
  if (route.part && route.part > 1) search.set('part', String(route.part));
  for (const [name, value] of Object.entries(route.parameters ?? {})) search.set(name, value);
  if (route.seed !== undefined) search.set('seed', String(route.seed));
  if (route.language) search.set('lang', route.language);
  const query = search.toString();
  return `#/lesson/${route.lesson}${query ? '?' + query : ''}`;
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

import type { Text } from '../engine/protocol';
import type { Language } from '../i18n/language.svelte';

/**
 * Search over a few hundred short texts in both languages at once: whatever language one thinks in, the other's words count
 * too. Plain scanning is instant at this size and needs no index; Chinese that does not occur as typed is matched by its
 * two-character pieces, Latin words that occur nowhere by the nearest spelling.
 */
export interface Entry {
  kind: 'question' | 'term';
  id: string;
  title: Text;
  tags: string[];
  body: Text;
}
export interface Hit {
  entry: Entry;
  score: number;
  /** Around the first match in the body, in the reader's language; the matches are `marks`. */
  snippet: { text: string; marks: [number, number][] } | undefined;
}

const normal = (text: string): string => text.normalize('NFKC').toLowerCase();
const han = /\p{Script=Han}/u;

/** Words that join others in a question and decide nothing. */
const joining = new Set('a an and are between in is of or the to versus vs vs. what'.split(' '));

/** "KV缓存 大小" -> ["kv", "缓存", "大小"]: words, and runs of Chinese; a root as the lessons write it. */
export function queryTerms(query: string): string[] {
  const written = normal(query).replace(/\\?sqrt[({]?(\w+)[)}]?/g, '√$1');
  const terms = [...written.matchAll(/\p{Script=Han}+|[^\s\p{Script=Han}]+/gu)].map((m) => m[0]);
  const telling = terms.filter((term) => !joining.has(term));
  return telling.length > 0 ? telling : terms;
}

export function bigrams(run: string): string[] {
  const characters = [...run];
  return characters.length < 2 ? characters : characters.slice(1).map((c, i) => characters[i]! + c);
}

/** Whether two words differ by at most `most` letters inserted, dropped, replaced or swapped with a neighbour. */
export function nearly(a: string, b: string, most: number): boolean {
  if (Math.abs(a.length - b.length) > most) return false;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return row[b.length]! <= most;
}

interface Prepared {
  entry: Entry;
  id: string;
  title: string;
  tags: string;
  body: string;
}

export class Search {
  #entries: Prepared[];
  #words: Set<string> | undefined;

  constructor(entries: Entry[]) {
    this.#entries = entries.map((entry) => ({
      entry,
      id: normal(entry.id),
      title: normal(`${entry.title.zh} ${entry.title.en}`),
      tags: normal(entry.tags.join(' ')),
      body: normal(`${entry.body.zh} ${entry.body.en}`),
    }));
  }

  /** The best first; everything that has all terms, but for those that occur nowhere at all ("vs", a stray symbol). */
  find(query: string, language: Language): Hit[] {
    const asked = queryTerms(query).map((term) => this.#alternatives(term));
    const scored = asked.map((alternatives) =>
      this.#entries.map((prepared) => Math.max(...alternatives.map((term) => score(prepared, term)))),
    );
    const known = asked.map((_, i) => i).filter((i) => scored[i]!.some((points) => points > 0));
    if (known.length === 0) return [];
    const terms = known.map((i) => asked[i]!);
    const hits: Hit[] = [];
    this.#entries.forEach(({ entry }, at) => {
      const points = known.map((i) => scored[i]![at]!);
      if (points.some((each) => each === 0)) return;
      const total = points.reduce((sum, each) => sum + each, 0);
      hits.push({ entry, score: total, snippet: snippet(entry, terms, language) });
    });
    return hits.sort((a, b) => b.score - a.score || a.entry.id.localeCompare(b.entry.id));
  }

  /** The term itself, or what it may have meant when it occurs nowhere. */
  #alternatives(term: string): string[] {
    if (han.test(term) || term.length < 4) return [term];
    if (this.#entries.some((e) => [e.id, e.title, e.tags, e.body].some((text) => text.includes(term)))) return [term];
    this.#words ??= new Set(
      this.#entries.flatMap((e) => `${e.title} ${e.tags} ${e.body}`.match(/[a-z][a-z-]{2,}/g) ?? []),
    );
    const most = term.length >= 8 ? 2 : 1;
    const near = [...this.#words].filter((word) => nearly(term, word, most));
    return near.length ? near : [term];
  }
}

/** 0: not there. A title says more than a tag, a tag more than a body; a whole word more than a part of one. */
function score(prepared: Prepared, term: string): number {
  if (prepared.id === term) return 60;
  const title = where(prepared.title, term);
  if (title) return (prepared.entry.kind === 'term' ? 24 : 20) * title;
  const tag = where(prepared.tags, term);
  if (tag) return 10 * tag;
  const body = where(prepared.body, term);
  if (body) return 3 * body + Math.min(3, prepared.body.split(term).length - 1);
  // Chinese typed in other words than the text's: most of its two-character pieces must be there.
  if (han.test(term) && [...term].length > 2) {
    const pieces = bigrams(term);
    const all = `${prepared.title} ${prepared.tags} ${prepared.body}`;
    const found = pieces.filter((piece) => all.includes(piece)).length;
    if (found >= Math.ceil(pieces.length * 0.6)) return (2 * found) / pieces.length;
  }
  return 0;
}

/** 0 absent, 1 inside a word, 2 at the beginning of one (Chinese has no other). */
function where(text: string, term: string): number {
  const at = text.indexOf(term);
  if (at < 0) return 0;
  if (han.test(term[0]!)) return 2;
  for (let i = at; i >= 0; i = text.indexOf(term, i + 1)) if (i === 0 || !/[a-z0-9]/.test(text[i - 1]!)) return 2;
  return 1;
}

const before = 24;
const around = 110;

function snippet(entry: Entry, terms: string[][], language: Language): Hit['snippet'] {
  const text = entry.body[language];
  // The same length as the text, so that places agree.
  const low = text.toLowerCase();
  if (low.length !== text.length) return undefined;
  const wanted = terms.flat().flatMap((term) => (low.includes(term) || !han.test(term) ? [term] : bigrams(term)));
  const first = Math.min(...wanted.map((term) => low.indexOf(term)).filter((at) => at >= 0));
  if (!Number.isFinite(first)) return entry.kind === 'term' ? { text, marks: [] } : undefined;
  const start = first <= before * 1.5 || entry.kind === 'term' ? 0 : wordStart(text, first - before);
  const end = entry.kind === 'term' ? text.length : Math.min(text.length, start + around);
  const lead = start > 0 ? '…' : '';
  const cut = lead + text.slice(start, end) + (end < text.length ? '…' : '');
  const marks: [number, number][] = [];
  for (const term of wanted) {
    for (let at = low.indexOf(term, start); at >= 0 && at + term.length <= end; at = low.indexOf(term, at + 1)) {
      marks.push([at - start + lead.length, at - start + lead.length + term.length]);
    }
  }
  return { text: cut, marks: joined(marks) };
}

function wordStart(text: string, at: number): number {
  const space = text.lastIndexOf(' ', at);
  return space >= 0 && at - space < 14 ? space + 1 : at;
}

function joined(marks: [number, number][]): [number, number][] {
  const out: [number, number][] = [];
  for (const [start, end] of marks.sort((a, b) => a[0] - b[0])) {
    const last = out[out.length - 1];
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else out.push([start, end]);
  }
  return out;
}

/** A text cut at its marks: [plain, marked, plain, ...]. */
export function marked({ text, marks }: { text: string; marks: [number, number][] }): string[] {
  const out: string[] = [];
  let at = 0;
  for (const [start, end] of marks) {
    out.push(text.slice(at, start), text.slice(start, end));
    at = end;
  }
  out.push(text.slice(at));
  return out;
}

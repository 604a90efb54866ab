// Terms of the field: read from lessons/glossary.json, linked where a lesson's prose first mentions them.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const glossaryPath = join(dirname(fileURLToPath(import.meta.url)), '../../lessons/glossary.json');
export const readGlossary = (path = glossaryPath) => JSON.parse(readFileSync(path, 'utf8')).terms;

const escapeRegExp = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * A function that finds the terms in a text of `language`: [{ start, end, id }], the longest name first where two begin at the
 * same place. Latin words must stand alone (a plural s is allowed); one with a capital is matched as written ("Adam").
 */
export function termFinder(terms, language) {
  const names = terms.flatMap((term) =>
    (term.match?.[language] ?? [term.name[language]]).map((name) => [name, term.id]),
  );
  if (names.length === 0) return () => [];
  const ids = new Map();
  for (const [name, id] of names) {
    const key = /[A-Z]/.test(name) ? name : name.toLowerCase();
    if (ids.has(key) && ids.get(key) !== id)
      throw new Error(`glossary: '${name}' is claimed by ${ids.get(key)} and ${id}`);
    ids.set(key, id);
  }
  const patterns = [...ids.keys()]
    .sort((a, b) => b.length - a.length)
    .map((name) => {
      const before = /^[A-Za-z0-9]/.test(name) ? '(?<![A-Za-z0-9_-])' : '';
      const after = /[A-Za-z0-9]$/.test(name) ? '(?:s(?![A-Za-z0-9_-])|(?![A-Za-z0-9_-]))' : '';
      return before + escapeRegExp(name) + after;
    });
  const any = new RegExp(patterns.join('|'), 'gi');
  const idOf = (found) =>
    [found, found.toLowerCase(), found.replace(/s$/, ''), found.toLowerCase().replace(/s$/, '')]
      .map((key) => ids.get(key))
      .find(Boolean);
  return (text) =>
    [...text.matchAll(any)].flatMap((match) => {
      const id = idOf(match[0]);
      return id ? [{ start: match.index, end: match.index + match[0].length, id }] : [];
    });
}

/**
 * A markdown-it plugin: the first mention of each term in a text becomes a link, outside of links, code and headings. Used by
 * a render whose env has `find`.
 */
export function linkTerms(markdown) {
  markdown.core.ruler.push('glossary', (state) => {
    const { find } = state.env;
    if (!find) return;
    const linked = new Set();
    let heading = false;
    for (const block of state.tokens) {
      if (block.type === 'heading_open') heading = true;
      else if (block.type === 'heading_close') heading = false;
      if (block.type !== 'inline' || heading) continue;
      let inLink = 0;
      block.children = block.children.flatMap((token) => {
        if (token.type === 'link_open') inLink += 1;
        if (token.type === 'link_close') inLink -= 1;
        return token.type === 'text' && inLink === 0 ? split(token, find, linked, state.Token) : [token];
      });
    }
  });
}

function split(token, find, linked, Token) {
  const out = [];
  let at = 0;
  const text = (content) => {
    if (content) out.push(Object.assign(new Token('text', '', 0), { content }));
  };
  for (const { start, end, id } of find(token.content)) {
    if (linked.has(id)) continue;
    linked.add(id);
    text(token.content.slice(at, start));
    const open = new Token('link_open', 'a', 1);
    open.attrs = [
      ['class', 'term'],
      ['href', `#/glossary/${id}`],
    ];
    out.push(open);
    text(token.content.slice(start, end));
    out.push(new Token('link_close', 'a', -1));
    at = end;
  }
  if (out.length === 0) return [token];
  text(token.content.slice(at));
  return out;
}

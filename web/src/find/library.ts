import { terms } from 'virtual:glossary';
import { questions } from 'virtual:questions';
import { entries } from 'virtual:search';
import { Search } from './search';

const bodies = new Map(entries.map((entry) => [entry.id, entry]));

/** Everything there is to find. Fetched when the reader first searches. */
export const search = new Search([
  ...questions.map((q) => ({
    kind: 'question' as const,
    id: q.id,
    title: q.text,
    tags: bodies.get(q.id)?.tags ?? [],
    body: bodies.get(q.id)?.body ?? { zh: '', en: '' },
  })),
  ...terms.map((term) => ({ kind: 'term' as const, id: term.id, title: term.name, tags: [], body: term.plain })),
]);

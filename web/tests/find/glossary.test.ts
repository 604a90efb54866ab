import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { glossaryPath, readGlossary, termFinder } from '../../build/glossary.mjs';
import { renderRich } from '../../build/prose.mjs';

interface Term {
  id: string;
  name: { zh: string; en: string };
  definition: { zh: string; en: string };
  match?: { zh: string[]; en: string[] };
  questions?: string[];
  see?: string[];
}
const file = (name: string) => JSON.parse(readFileSync(join(dirname(glossaryPath), name), 'utf8'));
const terms = readGlossary() as Term[];

describe('the glossary', () => {
  const validate = new Ajv2020({ allErrors: true }).compile(file('glossary.schema.json'));
  it('holds to its schema', () => {
    validate(file('glossary.json'));
    expect(validate.errors ?? []).toEqual([]);
  });
  it('the schema refuses what it should', () => {
    const broken = file('glossary.json');
    delete broken.terms[0].definition.en;
    broken.terms[1].id = 'Two Words';
    expect(validate(broken)).toBe(false);
    expect(validate.errors!.map((e) => e.instancePath)).toEqual(
      expect.arrayContaining(['/terms/0/definition', '/terms/1/id']),
    );
  });
  it('names each term once and refers to what exists', () => {
    const ids = terms.map((term) => term.id);
    expect(new Set(ids).size).toBe(ids.length);
    const questions = new Set(file('questions.json').questions.map((q: { id: string }) => q.id));
    for (const term of terms) {
      for (const id of term.see ?? []) expect(ids, `${term.id} see ${id}`).toContain(id);
      for (const id of term.questions ?? []) expect(questions.has(id), `${term.id} question ${id}`).toBe(true);
      expect(term.see ?? []).not.toContain(term.id);
    }
  });
  it('every formula can be set, and both languages say something of their own', () => {
    for (const term of terms) {
      for (const language of ['zh', 'en'] as const) {
        expect(() => renderRich(term.definition[language], true), term.id).not.toThrow();
      }
      expect(term.definition.zh, term.id).toMatch(/\p{Script=Han}{2}/u);
      expect(term.definition.en, term.id).not.toMatch(/\p{Script=Han}/u);
    }
  });
  it('no two terms claim the same words', () => {
    expect(() => termFinder(terms, 'zh')).not.toThrow();
    expect(() => termFinder(terms, 'en')).not.toThrow();
    const twice = [terms[0], { ...terms[0], id: 'other' }];
    expect(() => termFinder(twice, 'zh')).toThrow(/claimed by/);
  });
});

describe('linking terms', () => {
  const term = (id: string, zh: string, en: string, match?: Term['match']) => ({
    id,
    name: { zh, en },
    ...(match ? { match } : {}),
  });
  const some = [
    term('adam', 'Adam', 'Adam'),
    term('adamw', 'AdamW', 'AdamW'),
    term('mask', '因果掩码', 'causal mask'),
    term('key', '键向量', 'key', { zh: [], en: [] }),
    term('softmax', 'softmax', 'softmax'),
  ];
  const found = (text: string, language: 'zh' | 'en') =>
    termFinder(
      some,
      language,
    )(text).map((f: { start: number; end: number; id: string }) => `${f.id}:${text.slice(f.start, f.end)}`);

  it('takes the longest name, whole Latin words, plurals, and capitals as written', () => {
    expect(found('AdamW is not Adam, nor adam, nor Adamant.', 'en')).toEqual(['adamw:AdamW', 'adam:Adam']);
    expect(found('Causal masks and a causal mask; pre-causal mask', 'en')).toEqual([
      'mask:Causal masks',
      'mask:causal mask',
    ]);
    expect(found('每个key都过softmax再加因果掩码', 'zh')).toEqual(['softmax:softmax', 'mask:因果掩码']);
  });
  it('links the first mention only, not in code, links or headings, and leaves formulas alone', () => {
    const find = termFinder(some, 'en');
    const html = renderRich(
      ['# softmax', '', 'A `softmax`, a [softmax](#/x), $\\mathrm{softmax}$, then softmax and softmax.'],
      false,
      find,
    ).join('');
    expect(html.match(/class="term"/g)).toHaveLength(1);
    expect(html).toContain('then <a class="term" href="#/glossary/softmax">softmax</a> and softmax');
  });
  it('without a finder nothing is linked', () => {
    expect(renderRich('softmax').join('')).not.toContain('term');
  });
});

// Prose of a lesson file -> what the page inserts, at build time: Markdown and KaTeX become HTML here, so that the page
// needs neither to show text. {{expr | format}} splits the result: [html, expression, html, ...].
import katex from 'katex';
import MarkdownIt from 'markdown-it';
import { linkTerms, readGlossary, termFinder } from './glossary.mjs';

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false }).use(linkTerms);
const placeholder = /\{\{([^{}]+)\}\}/g;

function math(latex, display) {
  return katex.renderToString(latex, {
    displayMode: display,
    throwOnError: true,
    output: 'htmlAndMathml',
    strict: 'error',
  });
}

/** A formula with live numbers in it, `$n={{parameter.n}}$`: what stands between them is set, each piece a formula by itself. */
const around = (latex, set) =>
  latex
    .split(/(\uE000\d+\uE001)/)
    .map((piece, i) => (i % 2 ? piece : piece.trim() && set(piece)))
    .join('');

const closing = /^(?:<\/\w+>)*[，。、；：？！）】》”’…,.;:?!)\]]/;
const opening = /[（【《“‘([](?:<\w[^>]*>)*$/;
const tail = '</span></span>'; // of .katex-html and .katex
/**
 * A line may not end in "（" nor begin with "。". Browsers keep to that between characters, but a formula is a box to them,
 * with a break allowed on either side: its outermost pieces are tied to such a mark, and it may still break in between.
 */
function tied(html, before, after) {
  if (!html.endsWith(tail) || html.startsWith('<span class="katex-display">')) return html;
  const starts = [...html.matchAll(/<span class="base">/g)].map((match) => match.index);
  const ends = [...starts.slice(1), html.length - tail.length];
  return starts
    .map((start, i) => {
      const piece = html.slice(start, ends[i]);
      const tie = (i === 0 && opening.test(before)) || (i === starts.length - 1 && closing.test(after));
      return `${i === 0 ? html.slice(0, start) : ''}${tie ? `<span class="tie">${piece}</span>` : piece}`;
    })
    .concat(tail)
    .join('');
}

/**
 * Lines of Markdown -> HTML with the expressions taken out. `inline`: no paragraph around it. `find`: the terms to link.
 * @param {string | string[]} source
 * @param {boolean} [inline]
 * @param {(text: string) => { start: number, end: number, id: string }[]} [find]
 */
export function renderRich(source, inline = false, find = undefined) {
  const text = Array.isArray(source) ? source.join('\n') : source;
  // Formulas and expressions are set aside under private-use characters, which Markdown leaves alone.
  const kept = [];
  const keep = (value) => {
    kept.push(value);
    return `\uE000${kept.length - 1}\uE001`;
  };
  const prepared = text
    .replace(placeholder, (_, expression) => keep({ expression: expression.trim() }))
    .replace(/\$\$([\s\S]+?)\$\$/g, (_, latex) => keep({ html: math(latex, true) }))
    .replace(/\$([^$\n]+?)\$/g, (_, latex) => around(latex, (part) => keep({ html: math(part, false) })));
  const html = inline ? markdown.renderInline(prepared, { find }) : markdown.render(prepared, { find });
  const parts = [''];
  const all = html.split(/(\uE000\d+\uE001)/);
  for (const [i, piece] of all.entries()) {
    const found = /^\uE000(\d+)\uE001$/.exec(piece);
    if (!found) parts[parts.length - 1] += piece;
    else if ('html' in kept[found[1]]) parts[parts.length - 1] += tied(kept[found[1]].html, all[i - 1], all[i + 1]);
    else parts.push(kept[found[1]].expression, '');
  }
  return parts;
}

/** Short texts drawn into pictures: no Markdown, only the expressions taken out. A formula would show its LaTeX. */
export function splitPlain(source) {
  const text = Array.isArray(source) ? source.join(' ') : source;
  const formula = /\$[^$]+\$/.exec(text);
  if (formula) throw new Error(`no formula can stand in a short text: ${formula[0]} in "${text}"`);
  return text.split(placeholder).map((piece, i) => (i % 2 ? piece.trim() : piece));
}

const both = (prose, render) => ({ zh: render(prose.zh, 'zh'), en: render(prose.en, 'en') });
const terms = readGlossary();
const find = { zh: termFinder(terms, 'zh'), en: termFinder(terms, 'en') };
// Paragraphs link the terms they mention; short texts stand on buttons and in links of their own and do not.
const block = (prose) => both(prose, (s, language) => renderRich(s, false, find[language]));
const inline = (prose) => both(prose, (s) => renderRich(s, true));
const plain = (prose) => both(prose, splitPlain);

function compileView(view) {
  const out = { ...view };
  for (const key of ['title', 'note', 'label']) if (view[key]) out[key] = plain(view[key]);
  for (const key of ['x', 'y']) if (view[key]?.label) out[key] = { ...view[key], label: plain(view[key].label) };
  if (view.curves) out.curves = view.curves.map((c) => (c.label ? { ...c, label: plain(c.label) } : c));
  if (view.references) out.references = view.references.map((r) => ({ ...r, label: plain(r.label) }));
  if (view.items) {
    out.items = view.items.map((i) => ({ ...i, label: plain(i.label), ...(i.note ? { note: plain(i.note) } : {}) }));
  }
  if (view.categories) out.categories = view.categories.map(plain);
  if (view.latex) out.latex = view.latex.map(splitPlain);
  if (view.views) out.views = view.views.map(compileView);
  return out;
}

function compilePart(part) {
  return {
    ...part,
    title: inline(part.title),
    text: block(part.text),
    notice: inline(part.notice),
    views: part.views.map(compileView),
    predict: {
      question: inline(part.predict.question),
      options: part.predict.options.map((o) => ({ ...o, text: inline(o.text) })),
      explain: block(part.predict.explain),
    },
    checks: part.checks.map((c) => ({ source: c, claim: inline(c.claim), note: inline(c.note) })),
    try: part.try.map((t) => ({ ...t, name: plain(t.name), note: plain(t.note) })),
  };
}

/** A whole lesson file, ready for the page (its type: src/lesson/types.ts). */
export function compileLesson(lesson) {
  return {
    ...lesson,
    question: inline(lesson.question),
    answer: {
      short: block(lesson.answer.short),
      full: block(lesson.answer.full),
      ...(lesson.answer.derivation ? { derivation: block(lesson.answer.derivation) } : {}),
    },
    wrong: lesson.wrong.map((w) => ({ claim: inline(w.claim), why: block(w.why) })),
    followups: lesson.followups.map((f) => ({ question: inline(f.question), answer: block(f.answer) })),
    rubric: lesson.rubric.map(inline),
    parts: lesson.parts.map(compilePart),
  };
}

import type { Language } from '../i18n/language.svelte';
import { fillHtml } from '../lesson/live';
import type { Lesson } from '../lesson/types';

/**
 * Questions as a text file that Anki imports (File > Import): tab-separated, HTML in the fields, its settings in the header
 * lines. Formulas become MathJax, which Anki draws itself. The id keeps a second import from doubling the notes.
 */
export function ankiText(lessons: Lesson[], language: Language): string {
  const head = ['#separator:tab', '#html:true', '#deck:Glassformer', '#guid column:1', '#tags column:4'];
  const rows = lessons.map((lesson) =>
    [
      `glassformer-${lesson.id}-${language}`,
      fieldHtml(fillHtml(lesson.question[language], {})),
      backOf(lesson, language),
      ['glassformer', `chapter-${lesson.id.split('-')[0]}`, ...lesson.tags]
        .map((tag) => tag.replace(/\s+/g, '-'))
        .join(' '),
    ]
      .map(quoted)
      .join('\t'),
  );
  return [...head, ...rows].join('\n') + '\n';
}

function backOf(lesson: Lesson, language: Language): string {
  const points = lesson.rubric.map((point) => `<li>${fieldHtml(fillHtml(point[language], {}))}</li>`).join('');
  return fieldHtml(fillHtml(lesson.answer.short[language], {})) + `<ul>${points}</ul>`;
}

/** A field may hold anything if it is quoted and its quotes are doubled. */
const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;

/** The page's own HTML as Anki can show it: formulas as MathJax, no links into this page, no line breaks. */
export function fieldHtml(html: string): string {
  const parsed = new DOMParser().parseFromString(`<div>${html}</div>`, 'text/html');
  const root = parsed.body.firstElementChild!;
  for (const formula of root.querySelectorAll('.katex-display, .katex')) {
    if (!root.contains(formula)) continue; // inside one already replaced
    const latex = formula.querySelector('annotation')?.textContent ?? '';
    const display = formula.classList.contains('katex-display');
    formula.replaceWith(parsed.createTextNode(display ? `\\[${latex}\\]` : `\\(${latex}\\)`));
  }
  for (const link of root.querySelectorAll('a')) link.replaceWith(...link.childNodes);
  for (const code of root.querySelectorAll('pre')) code.innerHTML = code.innerHTML.trim().replaceAll('\n', '<br>');
  return root.innerHTML
    .replace(/\s*\n\s*/g, ' ')
    .replaceAll('\t', ' ')
    .trim();
}

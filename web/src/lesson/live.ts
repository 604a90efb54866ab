import type { Lesson, Part, Pieces, Rich, View } from './types';

const escaped: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => escaped[c]!);

/** Evaluated expressions by their source; what has no value yet is an ellipsis. */
export type Texts = Record<string, string>;

export function fillPlain(pieces: Pieces, texts: Texts): string {
  return pieces.map((piece, i) => (i % 2 ? (texts[piece] ?? '…') : piece)).join('');
}

/** Stays on one line: 4e-5 would else break behind its sign. */
const isNumber = (text: string): boolean => /^[\d.,%e+\-−]{1,24}$/.test(text);

/** HTML with the live numbers in it. The pieces are our own HTML (build/prose.mjs); numbers are escaped. */
export function fillHtml(pieces: Pieces, texts: Texts): string {
  const live = (text: string) => `<span class="live${isNumber(text) ? ' tie' : ''}">${escapeHtml(text)}</span>`;
  return pieces.map((piece, i) => (i % 2 ? live(texts[piece] ?? '…') : piece)).join('');
}

function addRich(into: Set<string>, rich: Rich | undefined): void {
  for (const pieces of rich ? [rich.zh, rich.en] : []) pieces.forEach((piece, i) => i % 2 && into.add(piece));
}

/** The expressions a view needs evaluated: live text in it, ends of axes, reference lines, cards. */
export function addViewExpressions(into: Set<string>, view: View): void {
  addRich(into, view.title);
  addRich(into, view.note);
  if ('references' in view) {
    for (const reference of view.references ?? []) {
      into.add(reference.at);
      addRich(into, reference.label);
    }
  }
  for (const axis of 'x' in view || 'y' in view ? [view.x, view.y] : []) {
    for (const end of [axis?.min, axis?.max]) if (end !== undefined) into.add(end);
    addRich(into, axis?.label);
  }
  for (const end of 'min' in view || 'max' in view ? [view.min, view.max] : []) if (end !== undefined) into.add(end);
  if (view.kind === 'line' || view.kind === 'training') for (const curve of view.curves) addRich(into, curve.label);
  if (view.kind === 'scatter') for (const category of view.categories ?? []) addRich(into, category);
  if (view.kind === 'cards') {
    for (const item of view.items) {
      into.add(item.expression);
      addRich(into, item.label);
      addRich(into, item.note);
    }
  }
  if (view.kind === 'formula') for (const pieces of view.latex) pieces.forEach((piece, i) => i % 2 && into.add(piece));
  if (view.kind === 'stepper') {
    addRich(into, view.label);
    for (const inner of view.views) addViewExpressions(into, inner);
  }
}

export const hasLive = (rich: Rich): boolean => rich.zh.length > 1 || rich.en.length > 1;

export function partExpressions(part: Part): string[] {
  const all = new Set<string>();
  for (const rich of [part.text, part.notice, part.predict.question, part.predict.explain]) addRich(all, rich);
  for (const view of part.views) addViewExpressions(all, view);
  return [...all];
}

/** The expressions in what stands outside the parts: they speak of the first part's run at its own setting. */
export function answerExpressions(lesson: Lesson): string[] {
  const all = new Set<string>();
  const { short, full, derivation } = lesson.answer;
  for (const rich of [short, full, derivation, ...lesson.rubric]) addRich(all, rich);
  for (const { claim, why } of lesson.wrong) [claim, why].forEach((rich) => addRich(all, rich));
  for (const { question, answer } of lesson.followups) [question, answer].forEach((rich) => addRich(all, rich));
  return [...all];
}

import { pieces } from '../i18n/language.svelte';
import { fillPlain, type Texts } from '../lesson/live';
import type { AxisOptions, Reference } from '../lesson/types';
import type { Mark } from './Chart.svelte';

/** An evaluated expression as a number: texts come formatted, with a true minus sign perhaps. */
export function numberOf(texts: Texts, expression: string | undefined): number | undefined {
  if (expression === undefined) return undefined;
  const text = texts[expression];
  if (text === undefined) return undefined;
  const value = Number(text.replace('−', '-'));
  return Number.isFinite(value) ? value : undefined;
}

export function marksOf(references: Reference[] | undefined, texts: Texts): Mark[] {
  return (references ?? []).map((reference) => ({
    at: numberOf(texts, reference.at) ?? NaN,
    label: fillPlain(pieces(reference.label), texts),
    axis: reference.axis ?? 'y',
  }));
}

export const axisLabel = (axis: AxisOptions | undefined, texts: Texts, otherwise: string): string =>
  axis?.label ? fillPlain(pieces(axis.label), texts) : otherwise;

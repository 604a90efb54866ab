import { pieces } from '../i18n/language.svelte';
import { fillPlain, type Texts } from '../lesson/live';
import type { AxisOptions, Reference } from '../lesson/types';
import { textWidth } from './labels';
import type { Scale } from './scales';

/** A bound, a floor: a line across the picture with its name. */
export interface Mark {
  /** Value on its axis. */
  at: number;
  label: string;
  axis: 'x' | 'y';
}

export type Numbers = Record<string, number | null> | undefined;

/** An evaluated expression as a number: as the engine gave it, else from its text (formatted, with a true minus sign). */
export function numberOf(texts: Texts, expression: string | undefined, numbers?: Numbers): number | undefined {
  if (expression === undefined) return undefined;
  const exact = numbers?.[expression];
  if (typeof exact === 'number' && Number.isFinite(exact)) return exact;
  const text = texts[expression];
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text.replaceAll('−', '-'));
  return Number.isFinite(value) ? value : undefined;
}

export function marksOf(references: Reference[] | undefined, texts: Texts, numbers?: Numbers): Mark[] {
  return (references ?? []).map((reference) => ({
    at: numberOf(texts, reference.at, numbers) ?? NaN,
    label: fillPlain(pieces(reference.label), texts),
    axis: reference.axis ?? 'y',
  }));
}

export const axisLabel = (axis: AxisOptions | undefined, texts: Texts, otherwise: string): string =>
  axis?.label ? fillPlain(pieces(axis.label), texts) : otherwise;

export interface PlacedMark extends Mark {
  /** Pixels along its axis. */
  pixel: number;
  text: { x: number; y: number; anchor: 'start' | 'end'; content: string } | undefined;
  /** Its number in the list under the picture, where the name is too long or there is no room for it. */
  note: number | undefined;
}

export interface Bounds {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const letter = (n: number) => String.fromCodePoint(0x2460 + n - 1);

/**
 * Names beside their lines, none over another, and where they cover the least of what is drawn (`drawn`: points in pixels);
 * what has no room becomes ① ② ... and is named below the picture.
 */
export function placeMarks(
  marks: Mark[],
  x: Scale,
  y: Scale,
  { left, right, top, bottom }: Bounds,
  drawn: readonly (readonly [number, number])[] = [],
): PlacedMark[] {
  const visible = marks.filter(({ at, axis }) => {
    const scale = axis === 'x' ? x : y;
    return Number.isFinite(at) && at >= scale.min && at <= scale.max && !(scale.log && at <= 0);
  });
  const height = 13;
  const rows: { x0: number; x1: number; y: number }[] = [];
  const free = (x0: number, x1: number, at: number) =>
    rows.every((row) => row.x1 < x0 || row.x0 > x1 || Math.abs(row.y - at) >= height);
  let notes = 0;
  return visible.map((mark): PlacedMark => {
    const pixel = mark.axis === 'x' ? x.map(mark.at) : y.map(mark.at);
    const attempt = (content: string) => {
      const width = textWidth(content) + 4;
      if (width > (right - left) * 0.8) return undefined;
      const candidates: { x: number; y: number; anchor: 'start' | 'end' }[] =
        mark.axis === 'y'
          ? [-4, height - 2].flatMap((d) => [
              { x: right - 2, y: pixel + d, anchor: 'end' as const },
              { x: left + 4, y: pixel + d, anchor: 'start' as const },
              ...(drawn.length === 0 ? [] : [0.75, 0.5, 0.25]).map((part) => ({
                x: left + (right - left - width) * part,
                y: pixel + d,
                anchor: 'start' as const,
              })),
            ])
          : [0, 1, 2, 3, 4].flatMap((row) => {
              const at = top + 10 + row * height;
              const end = { x: pixel - 4, y: at, anchor: 'end' as const };
              const start = { x: pixel + 4, y: at, anchor: 'start' as const };
              return pixel > (left + right) / 2 ? [end, start] : [start, end];
            });
      let best: { candidate: (typeof candidates)[number]; x0: number; covered: number } | undefined;
      for (const candidate of candidates) {
        const x0 = candidate.anchor === 'end' ? candidate.x - width : candidate.x;
        const fits = x0 >= left && x0 + width <= right + 2 && candidate.y >= top + 8 && candidate.y <= bottom;
        if (!fits || !free(x0, x0 + width, candidate.y)) continue;
        const covered = drawn.filter(
          ([px, py]) => px > x0 - 2 && px < x0 + width && py > candidate.y - 10 && py < candidate.y + 3,
        ).length;
        if (!best || covered < best.covered) best = { candidate, x0, covered };
      }
      if (!best) return undefined;
      rows.push({ x0: best.x0, x1: best.x0 + width, y: best.candidate.y });
      return { ...best.candidate, content };
    };
    const text = attempt(mark.label);
    if (text) return { ...mark, pixel, text, note: undefined };
    notes += 1;
    return { ...mark, pixel, text: attempt(letter(notes)), note: notes };
  });
}

export const noteSign = letter;

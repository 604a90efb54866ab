import { formatNumber } from './format';

/** A set with one entry switched. Nothing is never left: hiding the last one shows all again. */
export function switched<T>(hidden: ReadonlySet<T>, entry: T, count: number): ReadonlySet<T> {
  const next = new Set(hidden);
  if (!next.delete(entry)) next.add(entry);
  return next.size >= count ? new Set<T>() : next;
}

export const asSet = <T>(entries: Iterable<T>): ReadonlySet<T> => new Set(entries);

/** What of some numbers no picture shows, in words: "NaN × 2, (≤ 0) × 1". */
export function missingIn(values: Iterable<number>, log: boolean, notPositive = '(≤ 0)'): string {
  const counts = new Map<string, number>();
  for (const value of values) {
    const name = !Number.isFinite(value) ? formatNumber(value) : log && value <= 0 ? notPositive : undefined;
    if (name) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${name} × ${count}`).join(', ');
}

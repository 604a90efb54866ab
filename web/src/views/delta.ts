import { formatNumber } from './format';

/**
 * What changed between two numbers, signed, in the unit the card shows: "+0.034", "−12.5 pp". Undefined where either is no
 * number.
 */
export function deltaText(
  current: number | null | undefined,
  pinned: number | null | undefined,
  shown: string,
  points: string,
): string | undefined {
  if (typeof current !== 'number' || typeof pinned !== 'number') return undefined;
  const percent = shown.trimEnd().endsWith('%');
  const delta = (current - pinned) * (percent ? 100 : 1);
  if (!Number.isFinite(delta)) return undefined;
  const text = formatNumber(delta, 3);
  return `${delta > 0 ? '+' : delta === 0 ? '±' : ''}${text}${percent ? ' ' + points : ''}`;
}

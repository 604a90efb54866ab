import type { View } from '../lesson/types';

/** What the pictures of a part draw cell by cell, and which of them share a scale. */
export function valuesOfPart(views: View[]): { drawn: ReadonlySet<string>; groups: ReadonlyMap<string, string[]> } {
  const groups = new Map<string, string[]>();
  const drawn = new Set<string>();
  const visit = (view: View) => {
    if ('views' in view) view.views.forEach(visit);
    if (view.kind !== 'heatmap' && view.kind !== 'matrix') return;
    drawn.add(view.value);
    if (view.scale_group) groups.set(view.scale_group, [...(groups.get(view.scale_group) ?? []), view.value]);
  };
  views.forEach(visit);
  return { drawn, groups };
}

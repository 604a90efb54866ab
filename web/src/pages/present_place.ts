import type { Route } from '../app/route';

// Where this tab left off, with the address it had then: settings changed on a slide are in the address, the slide is not.
const key = (lesson: string) => `glassformer.present.${lesson}`;

export function rememberPlace(lesson: string, at: number): void {
  try {
    sessionStorage.setItem(key(lesson), JSON.stringify({ at, hash: location.hash }));
  } catch {
    // begins at the front after a reload, then
  }
}

/** A link to a part or with settings opens at that part; otherwise, and on a reload, it goes on where this tab left off. */
export function rememberedPlace(route: Route): number {
  let left: { at?: unknown; hash?: unknown } = {};
  try {
    left = (JSON.parse(sessionStorage.getItem(key(route.lesson)) ?? '{}') ?? {}) as typeof left;
  } catch {
    // nothing to go on from
  }
  const says =
    route.part > 1 || Object.keys(route.parameters).length > 0 || route.seed !== undefined || route.pins.length > 0;
  const at = Number(left.at) || 0;
  if (!says || left.hash === location.hash) return at;
  return route.part;
}

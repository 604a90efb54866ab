import { getContext, setContext } from 'svelte';
import type { View } from '../lesson/types';
import type { CellRef, Region } from './explain';
import { valuesOfPart } from './part_values';

/**
 * What the pictures of one part know of each other: which cell is being explained and where its numbers came from, which
 * values have a picture, which head is chosen, which pictures share a scale. Only values and places, never the engine.
 */
export class Spotlight {
  /**
   * Who is being explained. `owner` is the picture that explains it: one at a time. What the reader chose (`held`) is not
   * taken away by a pointer that passes over another picture.
   */
  current = $state.raw<{ owner: string; cell: CellRef; regions: Region[]; held: boolean } | undefined>();
  /** Axis name -> index, for axes too many for one picture (heads, layers): chosen in one, chosen in all. */
  choices = $state<Record<string, number>>({});
  #values: ReturnType<typeof valuesOfPart>;

  constructor(views: View[] = []) {
    this.#values = valuesOfPart(views);
  }

  /** True if some picture of the part shows this value cell by cell. */
  isDrawn(value: string): boolean {
    return this.#values.drawn.has(value);
  }
  /** The values that share a scale with this one, itself among them. */
  groupOf(value: string, group: string | undefined): string[] {
    const others = group === undefined ? [] : (this.#values.groups.get(group) ?? []);
    return [value, ...others.filter((other) => other !== value)];
  }

  show(owner: string, cell: CellRef, regions: Region[], held: boolean): void {
    this.current = { owner, cell, regions, held };
  }
  heldElsewhere(owner: string): boolean {
    return this.current !== undefined && this.current.held && this.current.owner !== owner;
  }
  clear(owner: string): void {
    if (this.current?.owner === owner) this.current = undefined;
  }
}

const key = Symbol('spotlight');

/** Called by whoever shows a part: its pictures then point into one another. */
export function provideSpotlight(views: View[]): Spotlight {
  return setContext(key, new Spotlight(views));
}

/** The part's spotlight; a picture that stands alone has its own. */
export const useSpotlight = (): Spotlight => getContext<Spotlight | undefined>(key) ?? setContext(key, new Spotlight());

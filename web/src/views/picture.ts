/** A picture as the inside of an SVG, for saving. */
export interface Picture {
  body: string;
  width: number;
  height: number;
}

/** What is painted and not made of elements says here how it is drawn as one. Marked in the page by data-painted. */
export const painters = new WeakMap<Element, () => Picture>();

/** How much larger than its own pixels the element stands on the screen: a lesson that is projected is magnified (CSS zoom). */
export const zoomOf = (element: Element): number => element.currentCSSZoom ?? 1;

/** Where an event lies in the element, in the element's own pixels. */
export function placeIn(element: Element, event: MouseEvent): [number, number] {
  const box = element.getBoundingClientRect();
  const zoom = zoomOf(element);
  return [(event.clientX - box.left) / zoom, (event.clientY - box.top) / zoom];
}

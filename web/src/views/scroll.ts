import { zoomOf } from './zoom';

/** What scrolls the element: its nearest scrolling ancestor, or the page. */
function scrollerOf(element: Element): Element | undefined {
  for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
    const { overflowY } = getComputedStyle(at);
    if ((overflowY === 'auto' || overflowY === 'scroll') && at.scrollHeight > at.clientHeight) return at;
  }
  return undefined;
}

/** Scrolls so far that what ends at `bottom` stands above what begins at `edge` (both in the window's pixels). */
export function keepClear(element: Element, bottom: number, edge: number): void {
  const covered = bottom + 10 - edge;
  if (covered <= 0) return;
  scrollAlong(element, covered);
}

/** Scrolls whatever the element scrolls with. */
export function scrollAlong(element: Element, pixels: number): void {
  if (Math.abs(pixels) < 1) return;
  const scroller = scrollerOf(element);
  if (scroller) scroller.scrollTop += pixels / zoomOf(scroller);
  else scrollBy(0, pixels);
}

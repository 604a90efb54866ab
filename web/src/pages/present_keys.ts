/** What a key does while a lesson is presented. */
export type Action = 'forward' | 'back' | 'first' | 'last' | 'down' | 'up' | 'play' | 'full' | 'leave' | 'release';

const actions: Record<string, Action> = {
  ' ': 'forward',
  Enter: 'forward',
  ArrowRight: 'forward',
  PageDown: 'forward',
  ArrowLeft: 'back',
  PageUp: 'back',
  Home: 'first',
  End: 'last',
  ArrowDown: 'down',
  ArrowUp: 'up',
  p: 'play',
  f: 'full',
};

/** What takes keys itself. */
const held = 'input, textarea, select, canvas, svg, [role="slider"], [role="grid"], [role="toolbar"]';
export const holdsKeys = (element: Element | null | undefined): boolean => !!element?.closest(held);

/** True for the two keys of a presenter's remote control: they turn the slide wherever the focus is, except in a text. */
export function fromRemote(event: KeyboardEvent): boolean {
  if (event.key !== 'PageDown' && event.key !== 'PageUp') return false;
  const target = event.target instanceof Element ? event.target : undefined;
  return !target?.closest('textarea, dialog');
}

/** Nothing where the key belongs to a control, a figure, an open card or the browser. */
export function actionOf(event: KeyboardEvent): Action | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return undefined;
  const target = event.target instanceof Element ? event.target : undefined;
  if (event.defaultPrevented || document.querySelector('dialog[open]')) return undefined;
  if (event.key === 'Escape') {
    // The browser's own key to leave the full screen; one in a figure only lets go of it.
    if (document.fullscreenElement) return undefined;
    return holdsKeys(target) ? 'release' : 'leave';
  }
  const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (action === 'forward' && fromRemote(event)) return action;
  if (action === 'back' && fromRemote(event)) return action;
  if (holdsKeys(target)) return undefined;
  if (target?.closest('button, a, summary') && (event.key === ' ' || event.key === 'Enter')) return undefined;
  return action;
}

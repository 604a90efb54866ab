import { flushSync } from 'svelte';
import { paper } from '../views/paper.svelte';

/**
 * Paper shows what is folded away, in ink on white. Before printing every <details> opens and the light theme is put on; both
 * go back afterwards. Works for the browser's own print command too.
 */
let opened: HTMLDetailsElement[] = [];
let theme: string | undefined;

function before(): void {
  // Called twice where the page itself asks to print: what the first call opened is still to be closed.
  const closed = [...document.querySelectorAll<HTMLDetailsElement>('main details:not([open])')];
  const folded = closed.filter((details) => !details.matches('[data-teach], [data-more]'));
  for (const details of folded) details.open = true;
  opened.push(...folded);
  const main = document.querySelector('main');
  if (main) main.dataset.address = location.href;
  const root = document.documentElement;
  if (root.dataset.theme !== 'light') {
    theme = root.dataset.theme;
    root.dataset.theme = 'light';
  }
  // The browser prints right after this: what is drawn must be drawn by then.
  flushSync(() => (paper.on = true));
}

function after(): void {
  for (const details of opened) details.open = false;
  opened = [];
  const root = document.documentElement;
  if (theme !== undefined) root.dataset.theme = theme;
  theme = undefined;
  delete root.dataset.print;
  paper.on = false;
}

export function listenToPrint(): void {
  addEventListener('beforeprint', before);
  addEventListener('afterprint', after);
}

/** worksheet: the question and the figures, room for an answer. answers: everything. */
export async function printPage(what: 'worksheet' | 'answers'): Promise<void> {
  document.documentElement.dataset.print = what;
  before();
  // Pictures painted on a canvas follow the theme with the next frame.
  await new Promise((done) => setTimeout(done, 300));
  print();
}

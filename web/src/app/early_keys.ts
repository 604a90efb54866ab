// A page that lives by the keyboard may still be on its way when the first keys come: they wait for it here.
let kept: KeyboardEvent[] = [];
const keep = (event: KeyboardEvent) => kept.push(event);

/** Keeps what is pressed until `arriving` settles or the page takes it over. */
export function keepEarlyKeys<T>(arriving: Promise<T>): Promise<T> {
  kept = [];
  addEventListener('keydown', keep);
  // Removed a moment after the page could have taken over, and when it failed to come.
  return arriving.finally(() => setTimeout(takeEarlyKeys));
}

export function takeEarlyKeys(): KeyboardEvent[] {
  removeEventListener('keydown', keep);
  return kept.splice(0);
}

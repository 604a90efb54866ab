/** Keeps the page for later visits without a network. Not for the single file, which carries everything, nor in development. */
export function keepOffline(): void {
  if (__SINGLE_FILE__ || import.meta.env.DEV || !('serviceWorker' in navigator)) return;
  // After the first lesson is on screen: the copies must not compete with what the reader waits for.
  addEventListener('load', () => {
    navigator.serviceWorker.register('./sw.js').catch(() => undefined); // private windows may refuse; the page still works
  });
}

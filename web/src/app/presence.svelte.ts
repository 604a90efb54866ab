/** Whether there is a network, whether the page needs one, and whether a newer build of it is ready. */
class Presence {
  offline = $state(!navigator.onLine);
  /** Everything is on this device: the single file, or a page whose service worker has kept all of it. */
  kept = $state(__SINGLE_FILE__);
  /** A newer build is complete and waits for the reader to say when. */
  waiting = $state.raw<ServiceWorker | undefined>();
  #mayReload = false;

  /** Once, at the start. Not in development, where a kept page would hide what was just changed. */
  listen(): void {
    addEventListener('offline', () => (this.offline = true));
    addEventListener('online', () => (this.offline = false));
    if (__SINGLE_FILE__ || import.meta.env.DEV || !('serviceWorker' in navigator)) return;
    navigator.serviceWorker.ready.then(() => (this.kept = true)).catch(() => undefined);
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      if (this.#mayReload) location.reload();
    });
    // After what the reader waits for: the copies must not compete with it.
    const begin = () => void this.#register();
    if (document.readyState === 'complete') begin();
    else addEventListener('load', begin, { once: true });
  }

  async #register(): Promise<void> {
    // Private windows may refuse; the page still works.
    const registration = await navigator.serviceWorker.register('./sw.js').catch(() => undefined);
    if (!registration) return;
    const look = (worker: ServiceWorker | null) => {
      // Without a controller it is the first one ever: nothing older is being shown.
      if (worker?.state === 'installed' && navigator.serviceWorker.controller) this.waiting = worker;
    };
    look(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const worker = registration.installing;
      worker?.addEventListener('statechange', () => look(worker));
    });
    // An installed page stays open for days: it asks when it is looked at again, at most once an hour.
    let asked = Date.now();
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible' || Date.now() - asked < 3_600_000) return;
      asked = Date.now();
      registration.update().catch(() => undefined);
    });
  }

  /** The newer build takes over and the page starts again, at the same address. */
  update(): void {
    this.#mayReload = true;
    if (this.waiting?.state === 'installed') this.waiting.postMessage('take over');
    else location.reload(); // another tab has already said so
  }
}

export const presence = new Presence();

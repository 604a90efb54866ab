/** Chromium's offer to install the page, kept for a button of ours. Other browsers have none: the page says how there. */
interface InstallEvent extends Event {
  prompt(): Promise<void>;
}

class Install {
  possible = $state(false);
  #event: InstallEvent | undefined;

  get standalone(): boolean {
    return (
      matchMedia('(display-mode: standalone)').matches ||
      (navigator as Navigator & { standalone?: boolean }).standalone === true
    );
  }

  /** Once, at the start: the event comes early and only once. */
  listen(): void {
    addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      this.#event = event as InstallEvent;
      this.possible = true;
    });
    addEventListener('appinstalled', () => (this.possible = false));
  }

  async ask(): Promise<void> {
    await this.#event?.prompt();
    this.#event = undefined;
    this.possible = false;
  }
}

export const install = new Install();

/** Seconds of thinking. Counts only while the page is looked at: a phone in a pocket does not think. */
export class Stopwatch {
  seconds = $state(0);
  running = $state(false);
  #before = 0;
  #since = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #clock: () => number;

  constructor(elapsed = 0, clock: () => number = () => performance.now()) {
    this.#clock = clock;
    this.#before = elapsed;
    this.seconds = Math.floor(elapsed);
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.#since = this.#clock();
    this.#timer = setInterval(() => this.#show(), 250);
  }
  stop(): void {
    if (!this.running) return;
    this.#before = this.exact;
    this.running = false;
    clearInterval(this.#timer);
    this.#show();
  }
  restart(elapsed = 0): void {
    this.stop();
    this.#before = elapsed;
    this.#show();
    this.start();
  }
  get exact(): number {
    return this.#before + (this.running ? (this.#clock() - this.#since) / 1000 : 0);
  }
  #show(): void {
    this.seconds = Math.floor(this.exact);
  }

  /** For an effect: follows the page's visibility, and stops for good when the effect ends. */
  follow(): () => void {
    let mine = false;
    const seen = () => {
      if (document.hidden && this.running) {
        this.stop();
        mine = true;
      } else if (!document.hidden && mine) {
        this.start();
        mine = false;
      }
    };
    document.addEventListener('visibilitychange', seen);
    return () => {
      document.removeEventListener('visibilitychange', seen);
      this.stop();
    };
  }
}

/** 95 -> "1:35" */
export const clockText = (seconds: number): string =>
  `${seconds < 0 ? '−' : ''}${Math.floor(Math.abs(seconds) / 60)}:${String(Math.abs(Math.trunc(seconds)) % 60).padStart(2, '0')}`;

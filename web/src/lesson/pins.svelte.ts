import { asEngineError, type EngineClient } from '../engine/client';
import type { EngineError } from '../engine/protocol';
import type { Language } from '../i18n/language.svelte';
import type { Shown } from './part_run.svelte';
import { runToEnd } from './run_to_end';
import { sameSetting, type Setting } from './setting';
import type { Part } from './types';

/** A result kept for comparison. */
export interface Pinned extends Shown {
  id: number;
  setting: Setting;
}

export const mostPins = 3;

/** The results that the current one is compared with. One of them stands beside it; curves are drawn of all. */
export class Pins {
  list = $state.raw<Pinned[]>([]);
  /** Of those that a link named and the engine refused. */
  error = $state.raw<EngineError | undefined>();
  /** How many of a link are still being computed. */
  pending = $state(0);
  #chosen = $state<number | undefined>();
  #next = 1;
  #disposed = false;

  get chosen(): Pinned | undefined {
    return this.list.find((pin) => pin.id === this.#chosen) ?? this.list.at(-1);
  }
  /** Those that a result can be compared with: all but itself; the one that stands beside it comes first. */
  against(setting: Setting): Pinned[] {
    const others = this.list.filter((pin) => !sameSetting(pin.setting, setting));
    const first = others.filter((pin) => pin.id === this.chosen?.id);
    return [...first, ...others.filter((pin) => !first.includes(pin))];
  }
  get full(): boolean {
    return this.list.length >= mostPins;
  }
  has(setting: Setting): boolean {
    return this.list.some((pin) => sameSetting(pin.setting, setting));
  }

  add(shown: Shown, setting: Setting): void {
    const pin = { ...shown, setting, id: this.#next };
    this.#next += 1;
    this.list = [...this.list.filter((other) => !sameSetting(other.setting, setting)), pin].slice(-mostPins);
    this.#chosen = pin.id;
  }
  choose(id: number): void {
    this.#chosen = id;
  }
  remove(id: number): void {
    this.list = this.list.filter((pin) => pin.id !== id);
  }

  /** Computes the settings that a link names, one after the other, beside the page's own run. */
  async restore(client: EngineClient, part: Part, settings: Setting[], language: Language): Promise<void> {
    this.error = undefined;
    this.pending = settings.length;
    for (const setting of settings.slice(0, mostPins)) {
      try {
        const shown = await runToEnd(client, part, setting, language, () => this.#disposed);
        if (shown && !this.#disposed) this.add(shown, setting);
      } catch (thrown) {
        this.error = asEngineError(thrown);
      }
      this.pending -= 1;
    }
    this.pending = 0;
  }

  dispose(): void {
    this.#disposed = true;
  }
}

import { saveFile } from './save';
import { exportName, exportText } from './transfer';
import type { StudyStore } from './store.svelte';

/** Where the browser has the File System Access API, a chosen file is rewritten after every change. */
interface FilePicker {
  showSaveFilePicker?: (options: object) => Promise<FileSystemFileHandle>;
}
interface PermittedHandle extends FileSystemFileHandle {
  queryPermission?: (how: { mode: 'readwrite' }) => Promise<PermissionState>;
  requestPermission?: (how: { mode: 'readwrite' }) => Promise<PermissionState>;
}

export const canBackUpToFile = (): boolean => typeof (globalThis as FilePicker).showSaveFilePicker === 'function';

/** A copy for the reader to keep, by download. */
export async function exportNow(store: StudyStore, now: number): Promise<void> {
  await store.setSettings({ last_backup: now });
  saveFile(exportText(store.snapshot(), now), exportName(now), 'application/json');
}

export type BackupState = 'none' | 'asks' | 'on' | 'failed';

/** One file, chosen once, rewritten a moment after the last change. */
export class FileBackup {
  #store: StudyStore;
  #handle: PermittedHandle | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #report: (state: BackupState, name?: string) => void;
  #stop: () => void;
  readonly #delay: number;

  constructor(store: StudyStore, report: (state: BackupState, name?: string) => void, delay = 2000) {
    this.#store = store;
    this.#report = report;
    this.#delay = delay;
    this.#stop = store.onchange(() => this.#soon());
  }

  /** Takes up the file chosen earlier; the browser may want to be asked again ("asks"). */
  async resume(): Promise<void> {
    const kept = await this.#store.database?.get('handles', 'backup').catch(() => undefined);
    if (!kept) return;
    this.#handle = kept.handle;
    const permission = (await this.#handle.queryPermission?.({ mode: 'readwrite' })) ?? 'granted';
    this.#report(permission === 'granted' ? 'on' : 'asks', this.#handle.name);
    if (permission === 'granted') this.#soon();
  }

  /** Needs the reader's own click. */
  async allow(): Promise<void> {
    const permission = (await this.#handle?.requestPermission?.({ mode: 'readwrite' })) ?? 'granted';
    this.#report(permission === 'granted' ? 'on' : 'asks', this.#handle?.name);
    if (permission === 'granted') this.#soon();
  }

  /** Needs the reader's own click. Does nothing when they change their mind. */
  async choose(now: number): Promise<void> {
    let handle: FileSystemFileHandle;
    try {
      handle = await (globalThis as FilePicker).showSaveFilePicker!({
        suggestedName: exportName(now).replace(/-\d{4}-\d\d-\d\d/, '-backup'),
        types: [{ description: 'Glassformer', accept: { 'application/json': ['.json'] } }],
      });
    } catch (thrown) {
      if (thrown instanceof DOMException && thrown.name === 'AbortError') return;
      throw thrown;
    }
    this.#handle = handle;
    // A browser that cannot keep the handle still backs up until the page is closed.
    await this.#store.database?.put('handles', { name: 'backup', handle }).catch(() => undefined);
    this.#report('on', handle.name);
    await this.write(now);
  }

  async forget(): Promise<void> {
    this.#handle = undefined;
    await this.#store.database?.delete('handles', 'backup').catch(() => undefined);
    this.#report('none');
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#stop();
  }

  #soon(): void {
    if (!this.#handle) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.write(Date.now()), this.#delay);
  }

  /** One after the other: two writers at once would spoil the file. */
  write(now: number): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const handle = this.#handle;
      if (!handle) return;
      try {
        const file = await handle.createWritable();
        await file.write(exportText(this.#store.snapshot(), now));
        await file.close();
        this.#report('on', handle.name);
      } catch {
        this.#report('failed', handle.name);
      }
    });
    return this.#writing;
  }
}

/* ---- will the data last? ------------------------------------------------------------------------------------------ */

export type Persistence = 'persistent' | 'may be cleared' | 'unknown';

export async function persistence(): Promise<Persistence> {
  try {
    if (!navigator.storage?.persisted) return 'unknown';
    return (await navigator.storage.persisted()) ? 'persistent' : 'may be cleared';
  } catch {
    return 'unknown';
  }
}
/** Asks the browser not to clear this site's data when space runs short. Some browsers ask the reader. */
export async function requestPersistence(): Promise<Persistence> {
  try {
    await navigator.storage?.persist?.();
  } catch {
    // not granted, then
  }
  return persistence();
}

/** Safari (and every browser on iOS) clears a site's storage after seven days without a visit, unless it is installed. */
export function clearsAfterSevenDays(agent: string, standalone: boolean): boolean {
  const apple = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && /Version\/[\d.]+.*Safari\//.test(agent));
  return apple && !standalone;
}

const day = 86_400_000;

/**
 * Time to remind: a fair amount was done since the last copy, or the oldest of it has waited a week. Where the browser
 * clears what is not visited for seven days a week is too late: there a day, so that the next sitting says it.
 */
export function needsBackup(
  done: { reviews: Iterable<{ at: number }>; notes: Iterable<Dated>; interviews: Iterable<Dated> },
  last: number | undefined,
  now: number,
  clears = false,
): boolean {
  const since = [
    ...[...done.reviews].map((review) => review.at),
    ...[...done.notes, ...done.interviews].map((record) => record.updated),
  ].filter((at) => at > (last ?? 0));
  if (since.length === 0) return false;
  return since.length >= 30 || now - Math.min(...since) > (clears ? 1 : 7) * day;
}
interface Dated {
  updated: number;
}

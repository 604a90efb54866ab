import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb';
import type { Text } from '../engine/protocol';
import type { CardRecord, InterviewRecord, NoteRecord, ReviewRecord, Settings, StudyData } from './records';

/**
 * The reader's data in IndexedDB. A version is never edited once it was published: a change is one more migration at the
 * end of the list, and an old database passes through all it has not seen, in one transaction that either holds or leaves
 * the old database as it was.
 */
export interface StudySchema extends DBSchema {
  cards: { key: string; value: CardRecord };
  reviews: { key: string; value: ReviewRecord; indexes: { at: number } };
  notes: { key: string; value: NoteRecord };
  settings: { key: string; value: { name: string; value: Settings[keyof Settings] } };
  interviews: { key: string; value: InterviewRecord };
  /** Handles of files the reader chose. They cannot leave this browser, so no export has them. */
  handles: { key: string; value: { name: string; handle: FileSystemFileHandle } };
}
export type StudyDatabase = IDBPDatabase<StudySchema>;
type Upgrade = IDBPTransaction<StudySchema, StoreNames<StudySchema>[], 'versionchange'>;

export const databaseName = 'glassformer-study';

type Migration = (database: StudyDatabase, transaction: Upgrade) => void | Promise<void>;
export const migrations: Migration[] = [
  // 1: cards, gradings, notes, settings
  (database) => {
    database.createObjectStore('cards', { keyPath: 'id' });
    database.createObjectStore('reviews', { keyPath: 'key' }).createIndex('at', 'at');
    database.createObjectStore('notes', { keyPath: 'question' });
    database.createObjectStore('settings', { keyPath: 'name' });
  },
  // 2: mock interviews, and the file chosen for automatic backups
  (database) => {
    database.createObjectStore('interviews', { keyPath: 'id' });
    database.createObjectStore('handles', { keyPath: 'name' });
  },
];

export type StorageTrouble = 'forbidden' | 'newer' | 'full' | 'lost';

/** Storage that cannot be had or used, in words for the reader. */
export class StorageError extends Error {
  readonly trouble: StorageTrouble;
  readonly text: Text;
  constructor(trouble: StorageTrouble, cause?: unknown) {
    super(troubles[trouble].en, { cause });
    this.trouble = trouble;
    this.text = troubles[trouble];
  }
}
const troubles: Record<StorageTrouble, Text> = {
  forbidden: {
    zh: '这个浏览器不让本页保存数据（多半是无痕窗口，或者设置里禁用了网站存储）。可以照常学习，但关掉页面后进度就没了；要留住，请先导出。',
    en: 'This browser does not let the page keep data (probably a private window, or site storage is switched off). Everything works, but progress is gone when the page closes: export it first to keep it.',
  },
  newer: {
    zh: '学习记录是由更新版本的页面写的。请刷新页面，换成新版本再打开；记录没有动过。',
    en: 'Your study data was written by a newer version of this page. Reload to get that version; the data has not been touched.',
  },
  full: {
    zh: '浏览器给本页的存储空间满了，刚才的改动没有保存。请先导出备份，再清理一些空间。',
    en: "The browser's storage for this page is full: the last change was not saved. Export a backup, then free some space.",
  },
  lost: {
    zh: '浏览器关掉了本页的数据库，刚才的改动没有保存。请刷新页面再试；反复出现时请先导出。',
    en: 'The browser closed the database of this page: the last change was not saved. Reload and try again; if it keeps happening, export first.',
  },
};

const nameOf = (thrown: unknown): string =>
  thrown instanceof Error || thrown instanceof DOMException ? thrown.name : '';

export function asStorageError(thrown: unknown): StorageError {
  if (thrown instanceof StorageError) return thrown;
  const name = nameOf(thrown);
  if (name === 'VersionError') return new StorageError('newer', thrown);
  if (name === 'QuotaExceededError') return new StorageError('full', thrown);
  if (name === 'InvalidStateError' || name === 'AbortError') return new StorageError('lost', thrown);
  return new StorageError('forbidden', thrown);
}

export interface OpenOptions {
  name?: string;
  /** How many migrations to know, for tests of old versions. */
  version?: number;
  /** Another tab wants to upgrade, or the browser closed the database: this connection is gone. */
  onlost?: () => void;
}

/** Opens the database and brings it to the newest version. Throws StorageError. */
export async function openDatabase(options: OpenOptions = {}): Promise<StudyDatabase> {
  const version = options.version ?? migrations.length;
  if (typeof indexedDB === 'undefined' || indexedDB === null) throw new StorageError('forbidden');
  try {
    return await openDB<StudySchema>(options.name ?? databaseName, version, {
      async upgrade(database, oldVersion, _newVersion, transaction) {
        for (const migrate of migrations.slice(oldVersion, version)) await migrate(database, transaction);
      },
      blocking(_current, _wanted, event) {
        (event.target as IDBDatabase).close();
        options.onlost?.();
      },
      terminated: () => options.onlost?.(),
    });
  } catch (thrown) {
    throw asStorageError(thrown);
  }
}

export const dataStores = ['cards', 'reviews', 'notes', 'settings', 'interviews'] as const;
export type DataStore = (typeof dataStores)[number];

export async function readAll(database: StudyDatabase): Promise<StudyData> {
  const transaction = database.transaction(dataStores);
  const [cards, reviews, notes, settings, interviews] = await Promise.all([
    transaction.objectStore('cards').getAll(),
    transaction.objectStore('reviews').index('at').getAll(),
    transaction.objectStore('notes').getAll(),
    transaction.objectStore('settings').getAll(),
    transaction.objectStore('interviews').getAll(),
  ]);
  return { cards, reviews, notes, interviews, settings: Object.fromEntries(settings.map((s) => [s.name, s.value])) };
}

/**
 * Runs writes in one transaction: all of them hold or none. A write that throws before it reaches the database (a value
 * without a key) would otherwise leave the earlier ones to be committed. Throws StorageError.
 */
export async function write(
  database: StudyDatabase,
  stores: DataStore[],
  work: (store: (name: DataStore) => WritableStore) => void,
): Promise<void> {
  try {
    const transaction = database.transaction(stores, 'readwrite');
    const pending: Promise<unknown>[] = [transaction.done];
    const add = (promise: Promise<unknown>) => {
      promise.catch(() => undefined); // awaited below, unless something before it throws
      pending.push(promise);
    };
    transaction.done.catch(() => undefined);
    try {
      work((name) => {
        const store = transaction.objectStore(name);
        return {
          put: (value) => add(store.put(value as never)),
          delete: (key) => add(store.delete(key)),
          clear: () => add(store.clear()),
        };
      });
    } catch (thrown) {
      transaction.abort();
      throw thrown;
    }
    await Promise.all(pending);
  } catch (thrown) {
    throw asStorageError(thrown);
  }
}
export interface WritableStore {
  put(value: unknown): void;
  delete(key: string): void;
  clear(): void;
}

/** Puts `data` in place of everything there is, in one transaction: all of it or nothing. Throws StorageError. */
export function replaceAll(database: StudyDatabase, data: StudyData): Promise<void> {
  return write(database, [...dataStores], (store) => {
    for (const name of dataStores) store(name).clear();
    for (const name of ['cards', 'reviews', 'notes', 'interviews'] as const) {
      for (const record of data[name]) store(name).put(record);
    }
    for (const [name, value] of Object.entries(data.settings)) {
      if (value !== undefined) store('settings').put({ name, value });
    }
  });
}

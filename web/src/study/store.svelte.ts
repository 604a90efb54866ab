/* eslint-disable svelte/prefer-svelte-reactivity -- the maps here are replaced whole, never changed: $state.raw sees it */
import {
  asStorageError,
  openDatabase,
  readAll,
  replaceAll,
  write,
  type DataStore,
  type StorageError,
  type StudyDatabase,
  type WritableStore,
} from './database';
import {
  emptyData,
  reviewKey,
  type CardRecord,
  type InterviewRecord,
  type NoteRecord,
  type ReviewRecord,
  type Settings,
  type StudyData,
} from './records';
import { outcomes, type RatingValue } from './schedule';

/** What a tab that changed something tells the others. */
const channelName = 'glassformer-study';

/**
 * The reader's data as the page sees it: read once, kept in memory, every change written through. Where the browser refuses
 * storage, everything works in memory and `trouble` says that it will not last.
 */
export class StudyStore {
  ready = $state(false);
  /** Nothing is kept, or the last change was not: in words for the reader. */
  trouble = $state.raw<StorageError | undefined>();
  cards = $state.raw<ReadonlyMap<string, CardRecord>>(new Map());
  reviews = $state.raw<readonly ReviewRecord[]>([]);
  notes = $state.raw<ReadonlyMap<string, NoteRecord>>(new Map());
  interviews = $state.raw<ReadonlyMap<string, InterviewRecord>>(new Map());
  settings = $state.raw<Settings>({});
  /** The last grading, while it can still be taken back. */
  undoable = $state.raw<{ review: ReviewRecord; before: CardRecord | undefined } | undefined>();

  #name: string | undefined;
  #opening: Promise<void> | undefined;
  #database: StudyDatabase | undefined;
  #channel: BroadcastChannel | undefined;
  #listeners = new Set<() => void>();

  constructor(name?: string) {
    this.#name = name;
  }

  /** Opens the database once; never rejects. */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<void> {
    try {
      this.#database = await openDatabase({
        ...(this.#name === undefined ? {} : { name: this.#name }),
        onlost: () => {
          this.#database = undefined;
          this.trouble = asStorageError(new DOMException('closed', 'InvalidStateError'));
        },
      });
      this.#show(await readAll(this.#database));
      if (typeof BroadcastChannel !== 'undefined') {
        this.#channel = new BroadcastChannel(this.#name ?? channelName);
        this.#channel.onmessage = () => void this.#reread();
      }
    } catch (thrown) {
      this.trouble = asStorageError(thrown);
    }
    this.ready = true;
  }

  close(): void {
    this.#channel?.close();
    this.#database?.close();
    this.#database = undefined;
  }

  /** Whether changes are kept. */
  get keeps(): boolean {
    return this.#database !== undefined;
  }
  get database(): StudyDatabase | undefined {
    return this.#database;
  }

  /** Called after every change of the data; returns how to stop. */
  onchange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  snapshot(): StudyData {
    return {
      cards: [...this.cards.values()],
      reviews: [...this.reviews],
      notes: [...this.notes.values()],
      interviews: [...this.interviews.values()],
      settings: this.settings,
    };
  }

  async grade(card: string, rating: RatingValue, now: number, seconds: number | null = null): Promise<void> {
    const before = this.cards.get(card);
    const after = outcomes(card, before, now, this.settings.interview_date)[rating];
    const review: ReviewRecord = { key: reviewKey(card, now), card, at: now, rating, seconds };
    this.cards = new Map(this.cards).set(card, after);
    this.reviews = [...this.reviews, review];
    this.undoable = { review, before };
    await this.#write(['cards', 'reviews'], (store) => {
      store('cards').put(after);
      store('reviews').put(review);
    });
  }

  /** Takes the last grading back as if it had not been. */
  async undo(): Promise<void> {
    if (!this.undoable) return;
    const { review, before } = this.undoable;
    const cards = new Map(this.cards);
    if (before) cards.set(review.card, before);
    else cards.delete(review.card);
    this.cards = cards;
    this.reviews = this.reviews.filter((each) => each.key !== review.key);
    this.undoable = undefined;
    await this.#write(['cards', 'reviews'], (store) => {
      if (before) store('cards').put(before);
      else store('cards').delete(review.card);
      store('reviews').delete(review.key);
    });
  }

  /** An empty text removes the note. */
  async saveNote(question: string, text: string, now: number): Promise<void> {
    const notes = new Map(this.notes);
    const note: NoteRecord = { question, text, updated: now };
    if (text.trim()) notes.set(question, note);
    else notes.delete(question);
    this.notes = notes;
    await this.#write(['notes'], (store) => {
      if (text.trim()) store('notes').put(note);
      else store('notes').delete(question);
    });
  }

  async setSettings(change: Partial<Settings>): Promise<void> {
    this.settings = { ...this.settings, ...change };
    await this.#write(['settings'], (store) => {
      for (const [name, value] of Object.entries(change)) {
        if (value === undefined) store('settings').delete(name);
        else store('settings').put({ name, value });
      }
    });
  }

  async saveInterview(interview: InterviewRecord): Promise<void> {
    this.interviews = new Map(this.interviews).set(interview.id, interview);
    await this.#write(['interviews'], (store) => store('interviews').put(interview));
  }

  async removeInterview(id: string): Promise<void> {
    const interviews = new Map(this.interviews);
    interviews.delete(id);
    this.interviews = interviews;
    await this.#write(['interviews'], (store) => store('interviews').delete(id));
  }

  /** Everything replaced at once. Throws StorageError, and then nothing has changed. */
  async replace(data: StudyData): Promise<void> {
    if (this.#database) await replaceAll(this.#database, data);
    this.undoable = undefined;
    this.#show(data);
    this.#changed();
  }
  clear(): Promise<void> {
    return this.replace(emptyData());
  }

  #show(data: StudyData): void {
    this.cards = new Map(data.cards.map((card) => [card.id, card]));
    this.reviews = data.reviews;
    this.notes = new Map(data.notes.map((note) => [note.question, note]));
    this.interviews = new Map(data.interviews.map((interview) => [interview.id, interview]));
    this.settings = data.settings;
  }

  async #reread(): Promise<void> {
    if (!this.#database) return;
    try {
      this.#show(await readAll(this.#database));
      this.undoable = undefined;
    } catch (thrown) {
      this.trouble = asStorageError(thrown);
    }
  }

  #changed(): void {
    this.#channel?.postMessage('changed');
    for (const listener of this.#listeners) listener();
  }

  /** What was done stays done in memory even when it cannot be written; the reader is told. */
  async #write(stores: DataStore[], put: (store: (name: DataStore) => WritableStore) => void) {
    if (this.#database) {
      try {
        await write(this.#database, stores, put);
        if (this.trouble?.trouble === 'full') this.trouble = undefined;
      } catch (thrown) {
        this.trouble = asStorageError(thrown);
      }
    }
    this.#changed();
  }
}

export const study = new StudyStore();

import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, describe, expect, it } from 'vitest';
import { migrations, openDatabase, readAll, replaceAll, StorageError } from '../../src/study/database';
import { emptyData, reviewKey, type CardRecord, type StudyData } from '../../src/study/records';
import { StudyStore } from '../../src/study/store.svelte';
import { exportText, ImportError, merge, readExport } from '../../src/study/transfer';

const noon = new Date(2026, 2, 5, 12).getTime();
let counter = 0;
const freshName = () => `test-${(counter += 1)}`;

const card = (id: string, more: Partial<CardRecord> = {}): CardRecord => ({
  id,
  due: noon,
  stability: 3.2,
  difficulty: 5.1,
  scheduled_days: 3,
  learning_steps: 0,
  reps: 1,
  lapses: 0,
  state: 2,
  last_review: noon - 86_400_000,
  updated: noon,
  ...more,
});
const someData = (): StudyData => ({
  cards: [card('1-04'), card('recall.kv_cache', { state: 1 })],
  reviews: [{ key: reviewKey('1-04', noon), card: '1-04', at: noon, rating: 3, seconds: 31 }],
  notes: [{ question: '1-04', text: '方差\t"d_k"\n第二行', updated: noon }],
  interviews: [
    {
      id: 'i1',
      created: noon,
      updated: noon,
      finished: false,
      graded: false,
      minutes: 3,
      questions: ['1-04', '1-02'],
      phase: 'rubric',
      elapsed: 12.5,
      current: { question: '1-02', ticks: [true, false], seconds: 40, jotted: 'x', followup: null, skipped: false },
      answers: [
        {
          question: '1-04',
          ticks: [true],
          seconds: 20,
          jotted: '',
          followup: { index: 0, share: 0.5 },
          skipped: false,
        },
      ],
    },
  ],
  settings: { interview_date: '2026-04-01', new_per_day: 4, last_lesson: { id: '1-04', part: 1, at: noon } },
});

describe('the database', () => {
  it('keeps everything and gives it back', async () => {
    const database = await openDatabase({ name: freshName() });
    await replaceAll(database, someData());
    expect(await readAll(database)).toEqual(someData());
    database.close();
  });

  // As version 1 made it, written out: what was published is never read through today's code.
  it('opens a database of version 1 with all its data', async () => {
    const name = freshName();
    const old = await openDB(name, 1, {
      upgrade(database) {
        database.createObjectStore('cards', { keyPath: 'id' });
        database.createObjectStore('reviews', { keyPath: 'key' }).createIndex('at', 'at');
        database.createObjectStore('notes', { keyPath: 'question' });
        database.createObjectStore('settings', { keyPath: 'name' });
      },
    });
    await old.put('cards', card('1-02'));
    await old.put('reviews', { key: '1-02@5', card: '1-02', at: 5, rating: 1, seconds: null });
    await old.put('notes', { question: '1-02', text: '旧笔记', updated: 5 });
    await old.put('settings', { name: 'interview_date', value: '2026-05-01' });
    old.close();

    const store = new StudyStore(name);
    await store.open();
    expect(store.trouble).toBeUndefined();
    expect(store.cards.get('1-02')).toEqual(card('1-02'));
    expect(store.notes.get('1-02')?.text).toBe('旧笔记');
    expect(store.settings.interview_date).toBe('2026-05-01');
    await store.grade('1-02', 3, noon);
    expect(store.keeps).toBe(true);
    store.close();
    const again = await openDatabase({ name });
    expect(again.version).toBe(migrations.length);
    expect((await readAll(again)).reviews).toHaveLength(2);
    again.close();
  });

  it('passes every older version through each migration it has not seen', async () => {
    for (let version = 1; version <= migrations.length; version += 1) {
      const name = freshName();
      (await openDatabase({ name, version })).close();
      const database = await openDatabase({ name });
      expect([...database.objectStoreNames].sort()).toEqual([
        'cards',
        'handles',
        'interviews',
        'notes',
        'reviews',
        'settings',
      ]);
      database.close();
    }
  });

  it('says so, and changes nothing, when a newer page wrote the database', async () => {
    const name = freshName();
    const newer = await openDB(name, migrations.length + 1, { upgrade: (db) => void db.createObjectStore('future') });
    newer.close();
    await expect(openDatabase({ name })).rejects.toMatchObject({ trouble: 'newer' });
    const store = new StudyStore(name);
    await store.open();
    expect(store.trouble?.trouble).toBe('newer');
    expect(store.keeps).toBe(false);
  });

  it('lets a newer page in another tab upgrade: this tab lets go and says so', async () => {
    const name = freshName();
    const store = new StudyStore(name);
    await store.open();
    const newer = await openDB(name, migrations.length + 1, { upgrade: () => undefined });
    expect(store.keeps).toBe(false);
    expect(store.trouble?.trouble).toBe('lost');
    newer.close();
  });

  it('a replacement that fails half way leaves the old data', async () => {
    const database = await openDatabase({ name: freshName() });
    await replaceAll(database, someData());
    const broken = someData();
    broken.cards.push({ id: undefined } as unknown as CardRecord); // no key: the store refuses it
    await expect(replaceAll(database, broken)).rejects.toBeInstanceOf(StorageError);
    expect(await readAll(database)).toEqual(someData());
    database.close();
  });
});

describe('the store', () => {
  const real = globalThis.indexedDB;
  afterEach(() => {
    globalThis.indexedDB = real;
  });

  it('grades, keeps, takes back', async () => {
    const name = freshName();
    const store = new StudyStore(name);
    await store.open();
    await store.grade('1-04', 3, noon, 22);
    const first = store.cards.get('1-04')!;
    await store.grade('1-04', 1, noon + 5 * 86_400_000);
    expect(store.cards.get('1-04')!.lapses).toBe(1);
    await store.undo();
    expect(store.cards.get('1-04')).toEqual(first);
    expect(store.undoable).toBeUndefined();
    store.close();
    const reopened = new StudyStore(name);
    await reopened.open();
    expect(reopened.cards.get('1-04')).toEqual(first);
    expect(reopened.reviews).toEqual([
      { key: reviewKey('1-04', noon), card: '1-04', at: noon, rating: 3, seconds: 22 },
    ]);
    await reopened.grade('1-02', 4, noon);
    await reopened.undo();
    expect(reopened.cards.has('1-02')).toBe(false);
    reopened.close();
  });

  it('removes a note that was emptied and a setting that was unset', async () => {
    const name = freshName();
    const store = new StudyStore(name);
    await store.open();
    await store.saveNote('1-04', 'a', noon);
    await store.saveNote('1-04', '  ', noon + 1);
    await store.setSettings({ new_per_day: 5 });
    await store.setSettings({ new_per_day: undefined });
    store.close();
    const reopened = new StudyStore(name);
    await reopened.open();
    expect(reopened.notes.size).toBe(0);
    expect(reopened.settings).toEqual({});
    reopened.close();
  });

  it('works in memory, and says that nothing is kept, where storage is refused', async () => {
    globalThis.indexedDB = {
      open: () => {
        throw new DOMException('A mutation operation was attempted', 'SecurityError');
      },
    } as unknown as IDBFactory;
    const store = new StudyStore(freshName());
    await store.open();
    expect(store.ready).toBe(true);
    expect(store.trouble?.trouble).toBe('forbidden');
    await store.grade('1-04', 3, noon);
    await store.replace({ ...emptyData(), notes: [{ question: '1-02', text: 'b', updated: noon }] });
    expect(store.notes.get('1-02')?.text).toBe('b');
    expect(readExport(exportText(store.snapshot(), noon)).notes).toHaveLength(1);
  });

  it('says so when a change cannot be written, and keeps it on screen', async () => {
    const store = new StudyStore(freshName());
    await store.open();
    store.database!.transaction = (() => {
      throw new DOMException('full', 'QuotaExceededError');
    }) as never;
    await store.grade('1-04', 3, noon);
    expect(store.trouble?.trouble).toBe('full');
    expect(store.cards.has('1-04')).toBe(true);
  });
});

describe('export and import', () => {
  it('a file comes back as it went', () => {
    const { exported, ...data } = readExport(exportText(someData(), noon));
    expect(data).toEqual(someData());
    expect(exported).toBe(noon);
  });

  const text = () => exportText(someData(), noon);
  const edited = (change: (file: StudyData & { version: number }) => void) => {
    const file = JSON.parse(text()) as StudyData & { version: number };
    change(file);
    return JSON.stringify(file);
  };
  const bad: [string, string, RegExp][] = [
    ['not JSON', text().slice(0, -40), /JSON/],
    ['a syntax error: the line', text().replace('"stability": 3.2', '"stability": 3,2'), /line 9/],
    ['another program’s file', '{"format":"anki"}', /glassformer-study/],
    ['a bare list', '[]', /glassformer-study/],
    ['a newer version', edited((f) => (f.version = 9)), /version 9/],
    [
      'a text where a number belongs',
      text().replace('"stability": 3.2', '"stability": "high"'),
      /cards\[0\]\.stability/,
    ],
    ['a state that does not exist', text().replace('"state": 1', '"state": 7'), /cards\[1\]\.state/],
    ['an unknown field', text().replace('"lapses": 0', '"lapses": 0, "evil": 1'), /cards\[0\]\.evil/],
    ['a missing part', edited((f) => delete (f as { notes?: unknown }).notes), /notes/],
    ['a date that is none', text().replace('2026-04-01', '2026-13-45'), /settings\.interview_date/],
    [
      'a card that is neither question nor recall card',
      text().replace('"id": "1-04"', '"id": "<img>"'),
      /cards\[0\]\.id/,
    ],
    ['a card twice', edited((f) => f.cards.push(card('1-04'))), /cards\[2\] and cards\[0\]/],
    ['a grading under a wrong key', text().replace(`1-04@${noon}`, '1-04@7'), /reviews\[0\]\.key/],
    [
      'an interview whose answers are not its questions',
      edited((f) => (f.interviews[0]!.answers[0]!.question = '2-01')),
      /interviews\[0\]/,
    ],
    ['more than fifty megabytes', ' '.repeat(50e6 + 1), /50 MB/],
  ];
  for (const [what, content, message] of bad) {
    it(`refuses ${what}`, () => {
      let thrown: unknown;
      try {
        readExport(content);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(ImportError);
      const { text: words } = thrown as ImportError;
      expect(words.en).toMatch(message);
      expect(words.en).toMatch(/^Nothing was imported/);
      expect(words.zh).toMatch(/^没有导入/);
    });
  }

  it('reads a file with a byte order mark', () => {
    expect(readExport('\uFEFF' + text()).cards).toHaveLength(2);
  });

  it('merges two devices: the newer of each, every grading once', () => {
    const mine = someData();
    const theirs = someData();
    theirs.cards = [card('1-04', { updated: noon + 1, reps: 9 }), card('2-01')];
    theirs.notes = [{ question: '1-04', text: 'older', updated: noon - 1 }];
    theirs.reviews.push({ key: reviewKey('2-01', noon - 9), card: '2-01', at: noon - 9, rating: 2, seconds: null });
    theirs.settings = { interview_date: '2027-01-01', last_backup: 7 };
    const merged = merge(mine, theirs);
    expect(merged.cards.map((c) => [c.id, c.reps])).toEqual([
      ['1-04', 9],
      ['recall.kv_cache', 1],
      ['2-01', 1],
    ]);
    expect(merged.notes[0]!.text).toMatch(/方差/);
    expect(merged.reviews.map((r) => r.at)).toEqual([noon - 9, noon]);
    expect(merged.settings).toMatchObject({ interview_date: '2026-04-01', last_backup: 7 });
  });
});

import { FileBackup, persistence, requestPersistence, type BackupState, type Persistence } from './backup';
import type { RatingValue } from './schedule';
import { study } from './store.svelte';

/** What the study pages share while the page is open: the backup file, and whether the browser promised to keep the data. */
class Live {
  backup = $state<BackupState>('none');
  backupName = $state('');
  persistence = $state<Persistence>('unknown');
  readonly file = new FileBackup(study, (state, name = '') => {
    this.backup = state;
    this.backupName = name;
  });
  #opened: Promise<void> | undefined;

  /** Opens the reader's data and takes up the backup file; safe to call from every page. */
  open(): Promise<void> {
    this.#opened ??= (async () => {
      await study.open();
      await this.file.resume();
      this.persistence = await persistence();
    })();
    return this.#opened;
  }

  async keepForGood(): Promise<void> {
    this.persistence = await requestPersistence();
  }

  /** Grades, and with the first grading asks the browser to keep the data: now there is something to lose. */
  async grade(card: string, rating: RatingValue, seconds: number | null = null): Promise<void> {
    const first = study.reviews.length === 0;
    await study.grade(card, rating, Date.now(), seconds);
    if (first && study.keeps) await this.keepForGood();
  }
}

export const live = new Live();

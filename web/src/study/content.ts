import { questions } from 'virtual:questions';
import { hasLesson, loadLesson } from '../lesson/loader';
import type { Lesson } from '../lesson/types';

/** Questions one can learn, in the book's order. */
export const learnable: string[] = questions.filter((q) => q.ready).map((q) => q.id);
export const questionOf = (id: string) => questions.find((q) => q.id === id);
export const isRecall = (card: string): boolean => card.startsWith('recall.');
/** Whether this build still has what a card asks. Recall cards are the engine's: known when it has loaded. */
export const exists = (card: string): boolean => isRecall(card) || hasLesson(card);

export async function lessonsOf(ids: string[]): Promise<Lesson[]> {
  return Promise.all(ids.map((id) => loadLesson(id)));
}

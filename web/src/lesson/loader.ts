import { lessons } from 'virtual:lessons';
import type { Lesson } from './types';

export const hasLesson = (id: string): boolean => Object.hasOwn(lessons, id);

/** A lesson's file is fetched when it is opened. Error in plain words when it cannot be had or is not a lesson. */
export async function loadLesson(id: string): Promise<Lesson> {
  const load = lessons[id];
  if (!load) throw new Error(id);
  const { default: lesson } = await load();
  if (lesson?.version !== 1 || lesson.id !== id || !Array.isArray(lesson.parts) || lesson.parts.length === 0) {
    throw new Error(`lesson ${id}`);
  }
  return lesson;
}

import type { Stage } from '../study/schedule';

/** What the first page shows of the reader's own data, once the study code is there. Empty until then. */
class TodayState {
  stages = $state.raw<ReadonlyMap<string, Stage>>(new Map());
  due = $state.raw<ReadonlySet<string>>(new Set());
}
export const todayState = new TodayState();

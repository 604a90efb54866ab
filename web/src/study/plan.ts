import type { CardRecord } from './records';
import { addDays, dayStart, daysBetween, dateStart, dueToday, outcomes, stageOf } from './schedule';

/**
 * What to do on each day up to the interview. New questions are spread over the first part of the time; what is left is for
 * reviews and rehearsal. The reviews to come are found by playing the schedule forward, every answer taken as "good".
 */
export interface PlanDay {
  /** Start of the day. */
  at: number;
  fresh: string[];
  /** How many cards come up for review. */
  reviews: number;
  rehearsal: boolean;
  minutes: number;
}
export interface Plan {
  days: PlanDay[];
  /** More new questions a day than anyone can take in: says so rather than pretending. */
  crowded: boolean;
  /** New questions that will not be reached. */
  left: number;
}

/** Stated on the page: what a day's minutes are reckoned with. */
export const minutesPer = { fresh: 12, review: 2, rehearsal: 30 } as const;
export const mostFreshPerDay = 12;
const longestPlan = 120;

interface PlanInput {
  cards: Iterable<CardRecord>;
  /** Questions that have a lesson, in the order in which to learn them. */
  available: string[];
  now: number;
  interviewDate: string;
}

/** undefined when the date is today or past: there is nothing to spread. */
export function makePlan({ cards, available, now, interviewDate }: PlanInput): Plan | undefined {
  const total = Math.min(longestPlan, daysBetween(now, dateStart(interviewDate)));
  if (total < 1) return undefined;
  const deck = new Map([...cards].map((card) => [card.id, card]));
  const fresh = available.filter((id) => stageOf(deck.get(id)) === 'new');
  // The last third, but no more than ten days, brings nothing new.
  const learning = Math.max(1, total - Math.min(10, Math.floor(total / 3)));
  const perDay = Math.ceil(fresh.length / learning);
  const days: PlanDay[] = [];
  let next = 0;
  for (let d = 0; d < total; d += 1) {
    const at = addDays(now, d);
    const when = d === 0 ? now : at + 12 * 3_600_000;
    // Short steps of the same day end in the next: play until nothing is due before midnight.
    const asked = new Set<string>();
    for (let round = 0; round < 4; round += 1) {
      const due = dueToday(deck.values(), when);
      if (due.length === 0) break;
      for (const card of due) {
        asked.add(card.id);
        deck.set(card.id, outcomes(card.id, card, Math.max(when, card.due), interviewDate)[3]);
      }
    }
    // Nobody rehearses what they have not learned, unless the interview is tomorrow.
    const learnedBefore = total === 1 || fresh.length - next < available.length;
    const today = d < learning ? fresh.slice(next, next + Math.min(perDay, mostFreshPerDay)) : [];
    next += today.length;
    for (const id of today) deck.set(id, outcomes(id, undefined, when, interviewDate)[3]);
    const rehearsal = learnedBefore && rehearsalOn(total - d, total);
    days.push({
      at: dayStart(at),
      fresh: today,
      reviews: asked.size,
      rehearsal,
      minutes:
        today.length * minutesPer.fresh + asked.size * minutesPer.review + (rehearsal ? minutesPer.rehearsal : 0),
    });
  }
  return { days, crowded: perDay > mostFreshPerDay, left: fresh.length - next };
}

/** Mock interviews once a week, every third day in the last ten, and on the second last day; the eve is for reviews. */
function rehearsalOn(daysLeft: number, total: number): boolean {
  if (daysLeft === 1) return total === 1;
  if (daysLeft <= 10) return (daysLeft - 2) % 3 === 0;
  return daysLeft % 7 === 0;
}

/** Without an interview date: today's new questions, so many a day, less those begun today. */
export function freshToday(
  cards: ReadonlyMap<string, CardRecord>,
  reviews: { card: string; at: number }[],
  available: string[],
  now: number,
  perDay: number,
): string[] {
  const start = dayStart(now);
  const before = new Set(reviews.filter((review) => review.at < start).map((review) => review.card));
  const begun = new Set(reviews.filter((review) => review.at >= start && !before.has(review.card)).map((r) => r.card));
  const begunQuestions = available.filter((id) => begun.has(id)).length;
  return available.filter((id) => !cards.has(id)).slice(0, Math.max(0, perDay - begunQuestions));
}

import { expect, it } from 'vitest';
import { home } from '../../src/i18n/home_strings';
import { fill, st } from '../../src/i18n/study_strings';

it('one day, two days; Chinese has no such difference', () => {
  expect(fill(st.daysLeft.en, { n: 1 })).toBe('1 day left');
  expect(fill(st.daysLeft.en, { n: 14 })).toBe('14 days left');
  expect(fill(st.daysLeft.zh, { n: 1 })).toBe('还有 1 天');
  expect(fill(home.plan.en, { n: 1 })).toBe('1 day to the interview');
  expect(fill(st.counts.en, { cards: 4, reviews: 5, notes: 1, interviews: 0 })).toBe(
    '4 cards, 5 gradings, 1 note, 0 mock interviews',
  );
});

import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Component } from 'svelte';
import { clearsAfterSevenDays, needsBackup } from '../../src/study/backup';
import BackupReminder from '../../src/study/BackupReminder.svelte';
import { live } from '../../src/study/live.svelte';
import { study } from '../../src/study/store.svelte';
import { emptyData } from '../../src/study/records';
import { settings } from '../../src/i18n/language.svelte';
import { st } from '../../src/i18n/study_strings';
import { cleanup, render } from '../render';

const noon = new Date(2026, 2, 5, 12).getTime();
const day = 86_400_000;
const nothing = { reviews: [], notes: [], interviews: [] };
const graded = (...times: number[]) => ({ ...nothing, reviews: times.map((at) => ({ at })) });

describe('when to remind of a backup', () => {
  it('never while there is nothing to lose', () => {
    expect(needsBackup(nothing, undefined, noon)).toBe(false);
    expect(needsBackup(nothing, noon - 400 * day, noon, true)).toBe(false);
    expect(needsBackup(graded(noon - 30 * day), noon - 29 * day, noon), 'all of it is in the copy').toBe(false);
  });
  it('a week after the oldest thing not in a copy, not after the copy itself', () => {
    expect(needsBackup(graded(noon), undefined, noon + 7 * day)).toBe(false);
    expect(needsBackup(graded(noon), undefined, noon + 7 * day + 1)).toBe(true);
    expect(needsBackup(graded(noon), noon - 60 * day, noon + day), 'an old copy, yesterday’s grading').toBe(false);
    expect(needsBackup(graded(noon + 6 * day, noon), undefined, noon + 8 * day), 'in any order').toBe(true);
  });
  it('sooner after a fair amount', () => {
    const many = (count: number) => graded(...Array.from({ length: count }, (_, i) => noon + i));
    expect(needsBackup(many(29), undefined, noon + 60_000)).toBe(false);
    expect(needsBackup(many(30), undefined, noon + 60_000)).toBe(true);
    expect(needsBackup(many(30), noon + 5, noon + 60_000), 'six of them are in the copy').toBe(false);
  });
  it('for notes and mock interviews too', () => {
    const old = [{ updated: noon - 8 * day }];
    expect(needsBackup({ ...nothing, notes: old }, undefined, noon)).toBe(true);
    expect(needsBackup({ ...nothing, interviews: old }, undefined, noon)).toBe(true);
    expect(needsBackup({ ...nothing, notes: old }, noon - 7 * day, noon)).toBe(false);
  });
  it('after a day where the browser clears what is not visited for seven', () => {
    expect(needsBackup(graded(noon), undefined, noon + day, true)).toBe(false);
    expect(needsBackup(graded(noon), undefined, noon + day + 1, true)).toBe(true);
  });
});

describe('which browsers clear after seven days', () => {
  const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) ';
  const cases: [string, string, boolean][] = [
    ['Safari on a Mac', `${mac}Version/18.1 Safari/605.1.15`, true],
    ['Chrome on a Mac', `${mac.replace('605.1.15', '537.36')}Chrome/130.0.0.0 Safari/537.36`, false],
    ['Chrome on an iPhone', 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) CriOS/130.0 Safari/604.1', true],
    ['Firefox on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0', false],
  ];
  for (const [what, agent, clears] of cases) {
    it(what, () => {
      expect(clearsAfterSevenDays(agent, false)).toBe(clears);
      expect(clearsAfterSevenDays(agent, true), 'installed').toBe(false);
    });
  }
});

describe('the reminder', () => {
  const shown = (offer = false) =>
    render(BackupReminder as unknown as Component<Record<string, unknown>>, { offer }).container;
  const reminder = (offer = false) => shown(offer).querySelector('[data-remind]');
  beforeEach(async () => {
    settings.language = 'en';
    vi.useFakeTimers({ now: noon, toFake: ['Date'] });
    await study.open();
    await study.grade('1-04', 3, Date.now());
  });
  afterEach(async () => {
    await cleanup();
    vi.useRealTimers();
    vi.unstubAllGlobals();
    live.backup = 'none';
    await study.replace(emptyData());
  });

  it('comes after a week of grading without a copy, says so, and offers the export', () => {
    expect(reminder()).toBeNull();
    vi.setSystemTime(noon + 7 * day + 1);
    expect(reminder()?.textContent).toContain(st.backupNever.en);
    expect(reminder()?.querySelector('button')).toBeNull();
    expect(reminder(true)?.querySelector('[data-remind-export]')).not.toBeNull();
  });
  it('is gone after a copy, and back a week after the next grading', async () => {
    vi.setSystemTime(noon + 8 * day);
    await study.setSettings({ last_backup: Date.now() });
    expect(reminder()).toBeNull();
    vi.setSystemTime(noon + 30 * day);
    expect(reminder(), 'nothing new to lose').toBeNull();
    await study.grade('1-02', 3, Date.now());
    expect(reminder()).toBeNull();
    vi.setSystemTime(noon + 38 * day);
    expect(reminder()?.textContent).toContain(st.backupReminder.en);
  });
  it('goes while it stands on the page, as soon as the copy is made', async () => {
    vi.setSystemTime(noon + 8 * day);
    const container = shown();
    expect(container.querySelector('[data-remind]')).not.toBeNull();
    await study.setSettings({ last_backup: Date.now() });
    expect(container.querySelector('[data-remind]')).toBeNull();
  });
  it('keeps quiet while every change is written to a file, and asks when the browser wants a click first', () => {
    vi.setSystemTime(noon + 8 * day);
    live.backup = 'on';
    expect(reminder()).toBeNull();
    live.backup = 'asks';
    live.backupName = 'mine.json';
    expect(reminder()?.textContent).toContain('mine.json');
    live.backup = 'failed';
    expect(reminder()?.textContent).toContain(st.backupReminder.en);
  });
  it('in Safari comes the next day, with the seven-day rule', () => {
    vi.setSystemTime(noon + day + 1);
    expect(reminder()).toBeNull();
    const agent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1';
    vi.stubGlobal('navigator', { userAgent: agent });
    expect(reminder()?.textContent).toContain(st.sevenDays.en);
    vi.setSystemTime(noon + day);
    expect(reminder()).toBeNull();
  });
});

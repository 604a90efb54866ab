// A mock interview in a real browser, from the choice of questions to the report. Prints "N passed, N failed".
import assert from 'node:assert/strict';
import { assertAccessible, assertNoWiderThan, browser, finish, server, test, visit } from './harness.mjs';

const noon = new Date(2026, 2, 5, 12).getTime();
const phase = (page, name) => page.locator(`[data-phase="${name}"]`).waitFor();
const current = (page) => page.locator('[data-question]').getAttribute('data-question');

async function begin(page, { count = '2', minutes = '2' } = {}) {
  await page.locator('[data-count]').selectOption(count);
  await page.locator('[data-minutes]').selectOption(minutes);
  await page.locator('[data-start]').click();
  await phase(page, 'ask');
}
/** Says the answer, ticks the first `points`, judges the follow-up. */
async function answer(page, points, share) {
  await page.locator('[data-said]').click();
  await phase(page, 'rubric');
  for (let i = 0; i < points; i += 1) await page.locator('[data-phase] fieldset input').nth(i).check();
  await page.locator('[data-next]').click();
  await phase(page, 'followup');
  await page.locator('[data-show]').click();
  await page.locator(`[data-judge="${share}"]`).click();
}

await test('a whole interview: question, clock, rubric, follow-up, report with what was missing', async () => {
  const { page, context, seen } = await visit('#/mock');
  await begin(page);
  assert.match(await page.locator('[data-position]').innerText(), /第 1 题，共 2 题/);
  assert.equal(await page.locator('[data-phase] fieldset').count(), 0, 'no point is shown before the answer was said');
  const first = await current(page);
  await page.locator('#jot').fill('想到方差');
  await page.locator('[data-said]').click();
  await phase(page, 'rubric');
  assert.match(await page.locator('[data-phase]').innerText(), /想到方差/);
  const points = await page.locator('[data-phase] fieldset input').count();
  assert.ok(points >= 2);
  await page.locator('[data-phase] fieldset input').first().check();
  await page.locator('[data-next]').click();
  await phase(page, 'followup');
  await page.locator('[data-show]').click();
  await page.locator('[data-judge="1"]').click();
  await phase(page, 'ask');
  const second = await current(page);
  assert.notEqual(second, first);
  await page.locator('[data-skip]').click();
  await page.locator('[data-report]').waitFor();
  const score = (1 + 1) / (points + 1) / 2;
  assert.equal(await page.locator('[data-total]').innerText(), `${Math.round(score * 100)}%`);
  const one = page.locator(`[data-answered="${first}"]`);
  await one.locator('li').first().waitFor();
  assert.equal(await one.locator('li').count(), points - 1);
  assert.equal(await one.locator('a').first().getAttribute('href'), `#/lesson/${first}`);
  assert.match(await page.locator(`[data-answered="${second}"]`).innerText(), /跳过/);
  assert.deepEqual(seen.errors, []);
  // Taken into the schedule once.
  await page.locator('[data-schedule]').click();
  await page.locator('[data-scheduled]').waitFor();
  await page.reload();
  await page.locator('[data-scheduled]').waitFor();
  assert.equal(await page.locator('[data-schedule]').count(), 0);
  await page.goto(server.address + '#/study');
  await page.locator('[data-due]').waitFor();
  assert.notEqual(await page.locator('[data-due]').innerText(), '0'); // the skipped one: in ten minutes
  await context.close();
});

await test('left and come back to: the same question, phase, ticks, notes and clock', async () => {
  const { page, context } = await visit('#/mock', { now: noon });
  await begin(page);
  const question = await current(page);
  await page.locator('#jot').fill('草稿');
  await page.clock.runFor(31_000);
  const left = Number(await page.locator('[data-left]').getAttribute('data-left'));
  assert.ok(left <= 89 && left >= 80, `${left} s left of 120`);
  await page.goto(server.address + '#/');
  await page.clock.runFor(600_000); // away for ten minutes: the clock stands
  await page.goto(server.address + '#/mock');
  await page.locator('[data-unfinished] a').click();
  await phase(page, 'ask');
  assert.equal(await current(page), question);
  assert.equal(await page.locator('#jot').inputValue(), '草稿');
  const again = Number(await page.locator('[data-left]').getAttribute('data-left'));
  assert.ok(Math.abs(again - left) <= 2, `${left} s, then ${again} s`);
  await page.locator('[data-said]').click();
  await phase(page, 'rubric');
  await page.locator('[data-phase] fieldset input').nth(1).check();
  await page.waitForTimeout(400); // a browser may drop what is written as the page goes
  await page.reload();
  await phase(page, 'rubric');
  assert.equal(await page.locator('[data-phase] fieldset input').nth(1).isChecked(), true);
  await context.close();
});

await test('over time the clock says so and goes on; it can be paused', async () => {
  const { page, context } = await visit('#/mock', { now: noon, language: 'en' });
  await begin(page, { minutes: '1' });
  await page.locator('[data-left]').waitFor(); // the question's lesson has been fetched
  await page.clock.runFor(64_000);
  await page.locator('[data-phase]', { hasText: /Time is up/ }).waitFor();
  assert.match(await page.locator('[data-left]').innerText(), /−0:0\d/);
  await page.getByRole('button', { name: 'Pause' }).click();
  const held = await page.locator('[data-left]').innerText();
  await page.clock.runFor(30_000);
  assert.equal(await page.locator('[data-left]').innerText(), held);
  await context.close();
});

await test('the choice: no chapter, no question; an unknown interview says so; one can be discarded', async () => {
  const { page, context } = await visit('#/mock');
  await page.locator('[data-start]').waitFor();
  for (const box of await page.locator('fieldset input:checked').all()) await box.uncheck();
  assert.equal(await page.locator('[data-start]').isDisabled(), true);
  await page.goto(server.address + '#/mock/inothing');
  await page.getByText('没有这场面试').waitFor();
  await page.goto(server.address + '#/mock');
  await begin(page);
  await page.goto(server.address + '#/mock');
  await page.locator('[data-unfinished]').getByRole('button').click();
  await page.waitForFunction(() => !document.querySelector('[data-unfinished]'));
  await context.close();
});

await test('earlier interviews are listed with their score', async () => {
  const { page, context } = await visit('#/mock');
  await begin(page, { count: '1' });
  await answer(page, 1, '0.5');
  await page.locator('[data-report]').waitFor();
  const total = await page.locator('[data-total]').innerText();
  await page.goto(server.address + '#/mock');
  assert.ok((await page.locator('main ul').innerText()).includes(total));
  await context.close();
});

await test('360 px and axe in every phase, both languages and themes', async () => {
  for (const [language, theme] of [['zh', 'dark'], ['en', 'light']]) {
    const { page, context } = await visit('#/mock', { language, theme, width: 360, height: 740 });
    const look = async (what) => {
      await assertNoWiderThan(page, 360, what);
      await assertAccessible(page, `${what} ${language} ${theme}`);
    };
    await page.locator('[data-start]').waitFor();
    await look('setup');
    await begin(page, { count: '1' });
    await look('ask');
    await page.locator('[data-said]').click();
    await phase(page, 'rubric');
    await look('rubric');
    await page.locator('[data-next]').click();
    await phase(page, 'followup');
    await page.locator('[data-show]').click();
    await look('follow-up');
    await page.locator('[data-judge="0"]').click();
    await page.locator('[data-answered]').waitFor();
    await look('report');
    await context.close();
  }
});

await browser.close();
await finish();

// Recall cards in a real browser: the core sets, grades and solves. Prints "N passed, N failed".
import assert from 'node:assert/strict';
import { assertAccessible, assertNoWiderThan, browser, finish, full, server, test, visit, waitFor } from './harness.mjs';

const day = 86_400_000;
const noon = new Date(2026, 2, 5, 12).getTime();
const box = (page) => page.locator('[data-answer-box]');
const verdict = (page, which) => page.locator(`[data-verdict="${which}"]`).waitFor();

await test('at least twelve kinds are listed; each opens with a question of its own numbers', async () => {
  const { page, context, seen } = await visit('#/cards');
  await page.locator('[data-kind]').first().waitFor();
  const kinds = await page.locator('[data-kind]').evaluateAll((all) => all.map((a) => a.dataset.kind));
  assert.ok(kinds.length >= 12, `${kinds.length}`);
  for (const kind of full ? kinds : kinds.slice(0, 4)) {
    await page.goto(server.address + `#/cards/${kind.slice('recall.'.length)}?seed=7`);
    await page.locator(`[data-recall="${kind}"] .question`).waitFor();
    const first = await page.locator('.question').innerText();
    assert.ok(first.length > 15);
    await page.goto(server.address + `#/cards/${kind.slice('recall.'.length)}?seed=8`);
    await waitFor(page, (before) => ![before, undefined].includes(document.querySelector('.question')?.innerText), first);
  }
  assert.deepEqual(seen.errors, []);
  await context.close();
});

await test('an expression is graded right; a wrong answer shows what was expected; the solution is worked out', async () => {
  const { page, context } = await visit('#/cards/noam_rate?seed=3', { language: 'en' });
  await page.locator('.question').waitFor();
  const [, d, w, t] = /d_model = (\d+), warmup = (\d+).*update (\d+)\?/.exec(await page.locator('.question').innerText());
  assert.equal(await page.locator('main table').count(), 0, 'no solution before an answer');
  await box(page).fill('1');
  await page.keyboard.press('Enter');
  await verdict(page, 'wrong');
  assert.match(await page.locator('main').innerText(), /wrong/);
  assert.ok((await page.locator('main table').last().locator('tr').count()) >= 3);
  const rising = Number(t) <= Number(w);
  await box(page).fill(rising ? `${t} * ${d}^-0.5 * ${w}^-1.5` : `(${d}*${t})^-0.5`);
  await page.locator('[data-check]').click();
  await verdict(page, 'right');
  await context.close();
});

await test('what cannot be read is said, nothing is graded, nothing typed is lost', async () => {
  const { page, context } = await visit('#/cards/layer_norm?seed=2');
  await page.locator('.question').waitFor();
  await box(page).fill('1, 2, 三');
  await page.locator('[data-check]').click();
  await page.getByText(/要 4 个数，读到 3 个/).waitFor();
  assert.equal(await box(page).inputValue(), '1, 2, 三');
  assert.equal(await page.locator('[data-grade]').count(), 0);
  await context.close();
});

await test('other numbers: a fresh card, in the address too', async () => {
  const { page, context } = await visit('#/cards/kv_cache?seed=1');
  await page.locator('.question').waitFor();
  const before = await page.locator('.question').innerText();
  await page.locator('[data-give-up]').click();
  await page.locator('main table').first().waitFor();
  await page.locator('[data-another]').click();
  await waitFor(page, (text) => document.querySelector('.question') && document.querySelector('.question').innerText !== text, before);
  assert.match(page.url(), /seed=\d+/);
  assert.ok(!page.url().endsWith('seed=1'));
  assert.equal(await page.locator('main table').count(), 0);
  await context.close();
});

await test('a graded card comes up in the review when it is due, with fresh numbers', async () => {
  const { page, context } = await visit('#/cards/mask_count?seed=4', { now: noon });
  await page.locator('.question').waitFor();
  await page.locator('[data-give-up]').click();
  await page.locator('[data-grade="3"]').click();
  await page.locator('[data-graded="3"]').waitFor();
  await page.clock.setSystemTime(noon + 9 * day);
  await page.goto(server.address + '#/review');
  await page.reload();
  await page.locator('[data-recall="recall.mask_count"] .question').waitFor();
  await page.locator('[data-give-up]').click();
  await page.locator('[data-grade="3"]').click();
  await page.locator('[data-done]').waitFor();
  await context.close();
});

await test('an unknown kind says so', async () => {
  const { page, context } = await visit('#/cards/nothing');
  await page.getByText('没有这种卡片').waitFor();
  await context.close();
});

await test('360 px and axe: the list and a solved card', async () => {
  for (const [language, theme] of [['zh', 'light'], ['en', 'dark']]) {
    const { page, context } = await visit('#/cards', { language, theme, width: 360, height: 740 });
    await page.locator('[data-kind]').first().waitFor();
    await assertNoWiderThan(page, 360, 'cards');
    await assertAccessible(page, `cards ${language} ${theme}`);
    await page.goto(server.address + '#/cards/training_memory?seed=5');
    await page.locator('.question').waitFor();
    await box(page).fill('1, 2');
    await page.keyboard.press('Enter');
    await verdict(page, 'wrong');
    await page.locator('[data-grade]').first().waitFor();
    await assertNoWiderThan(page, 360, 'a card');
    await assertAccessible(page, `a card ${language} ${theme}`);
    await context.close();
  }
});

await browser.close();
await finish();

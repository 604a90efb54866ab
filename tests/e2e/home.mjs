// Finding: the first page, its search and filters, the glossary. Prints "N passed, N failed".
import assert from 'node:assert/strict';
import { assertAccessible, assertNoWiderThan, browser, finish, noteShifts, server, shifted, test, visit, waitFor } from './harness.mjs';

const day = 86_400_000;
const noon = new Date(2026, 2, 5, 12).getTime();
const links = (page) => page.locator('main ol li a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
const rows = (page) => page.locator('main ol li').count();

await test('84 questions in six chapters; those without a lesson are listed, greyed, and no links', async () => {
  const { page, context, seen } = await visit('');
  assert.equal(await page.locator('section li').count(), 84);
  assert.equal(await page.locator('section').count(), 6);
  const ready = await page.locator('section li.ready').count();
  assert.equal(await page.locator('section li a').count(), ready);
  assert.ok(ready >= 3);
  assert.match(await page.locator('.intro').innerText(), new RegExp(`^84 道面试题，已有 ${ready} 道`));
  assert.deepEqual(seen.errors, []);
  await context.close();
});

await test('search: both languages, answers, tags and terms; the place is marked', async () => {
  const { page, context } = await visit('');
  const box = page.getByRole('searchbox');
  await box.fill('wordpiece');
  await waitFor(page, () => document.querySelector('main ol.ranked a')?.getAttribute('href') === '#/lesson/1-18');
  await box.fill('byte pair'); // English typed on the Chinese page
  await waitFor(page, () => document.querySelector('main ol.ranked a')?.getAttribute('href') === '#/lesson/1-18');
  await box.fill('饱和'); // stands in answers only
  await waitFor(page, () => [...document.querySelectorAll('main ol.ranked mark')].some((m) => m.textContent === '饱和'));
  assert.ok((await links(page)).includes('#/lesson/1-04'));
  await box.fill('KV缓存');
  await page.locator('.terms a[href="#/glossary/kv-cache"]').waitFor();
  await box.fill('softmaks');
  await waitFor(page, () => document.querySelector('.terms a[href="#/glossary/softmax"]'));
  await box.fill('qqqqxyzzy');
  await page.getByText('没有找到').waitFor();
  await context.close();
});

await test('what was searched stands in the address, and is there after going back', async () => {
  const { page, context } = await visit('', { language: 'en' });
  await page.getByRole('searchbox').fill('wordpiece');
  await waitFor(page, () => location.hash === '#/?q=wordpiece');
  await page.locator('main ol.ranked a').first().click();
  await page.locator('h1').filter({ hasText: 'WordPiece' }).waitFor();
  await page.goBack();
  await waitFor(page, () => document.querySelector('input[type=search]')?.value === 'wordpiece');
  await context.close();
});

await test('the keyboard: / goes to the search', async () => {
  const { page, context } = await visit('');
  await page.locator('h1').waitFor();
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.type), 'search');
  assert.equal(await page.getByRole('searchbox').inputValue(), '');
  await context.close();
});

await test('filters by chapter, difficulty and status', async () => {
  const { page, context } = await visit('#/lesson/1-04', { now: noon });
  await page.locator('[data-grade="3"]').click();
  await page.locator('[data-graded]').waitFor();
  await page.goto(server.address + '#/');
  await page.getByLabel('章', { exact: true }).selectOption('5');
  assert.equal(await rows(page), 7);
  await page.getByLabel('章', { exact: true }).selectOption('');
  await page.getByLabel('状态').selectOption('ready');
  assert.equal(await rows(page), await page.locator('main ol li a').count());
  await page.getByLabel('状态').selectOption('learned');
  await waitFor(page, () => document.querySelectorAll('main ol li').length === 1);
  assert.deepEqual(await links(page), ['#/lesson/1-04']);
  await page.getByLabel('状态').selectOption('due');
  assert.equal(await rows(page), 0);
  await page.getByLabel('状态').selectOption('new');
  assert.ok(!(await links(page)).includes('#/lesson/1-04'));
  await page.getByRole('button', { name: '清除筛选' }).click();
  assert.equal(await rows(page), 84);
  await page.getByLabel('难度').selectOption('2');
  const some = await rows(page);
  assert.ok(some > 0 && some < 84);
  await page.goto(server.address + '#/?status=due');
  await page.clock.setSystemTime(noon + 9 * day);
  await page.reload();
  await waitFor(page, () => document.querySelectorAll('main ol li').length === 1);
  await context.close();
});

await test('today, continue, plan: what a returning reader sees first', async () => {
  const { page, context } = await visit('', { now: noon });
  await page.locator('[data-continue]').waitFor();
  assert.match(await page.locator('[data-continue]').innerText(), /从这里开始/);
  await page.goto(server.address + '#/lesson/1-18?part=2');
  await page.locator('[data-grade="3"]').click();
  await page.locator('[data-graded]').waitFor();
  await page.goto(server.address + '#/');
  await page.locator('[data-continue="1-18"]').waitFor();
  assert.equal(await page.locator('[data-continue]').getAttribute('href'), '#/lesson/1-18?part=2');
  await page.clock.setSystemTime(noon + 30 * day);
  await page.reload();
  await page.locator('[data-today-due]').waitFor();
  assert.equal(await page.locator('[data-today-due]').innerText(), '1');
  await context.close();
});

await test('nothing on the first page moves when the reader’s data arrives', async () => {
  for (const [width, height] of [[390, 844], [1280, 900]]) {
    const { page, context } = await visit('', { width, height, init: noteShifts });
    await page.locator('[data-today]').waitFor();
    await page.waitForTimeout(300);
    const { total, shifts } = await shifted(page);
    assert.ok(total < 0.05, `${width}: ${total} ${shifts}`);
    await context.close();
  }
});

await test('a term in a lesson opens its definition in place; Escape gives the keyboard back', async () => {
  const { page, context, seen } = await visit('#/lesson/1-04');
  await page.locator('[data-show-answer]').click();
  const term = page.locator('a.term').first();
  await term.waitFor();
  const id = (await term.getAttribute('href')).split('/').pop();
  await term.focus();
  await page.keyboard.press('Enter');
  const card = page.locator(`dialog[data-term-card="${id}"]`);
  await card.waitFor();
  assert.ok((await card.innerText()).length > 20);
  assert.match(page.url(), /#\/lesson\/1-04$/);
  await assertAccessible(page, 'with a term open');
  await page.keyboard.press('Escape');
  await waitFor(page, () => !document.querySelector('dialog'));
  assert.equal(await page.evaluate(() => document.activeElement.className), 'term');
  await term.click();
  await card.getByRole('link').click();
  await page.locator(`[data-term="${id}"].current`).waitFor();
  assert.deepEqual(seen.errors, []);
  await context.close();
});

await test('the glossary: at least 60 terms, searchable, an unknown one says so', async () => {
  const { page, context } = await visit('#/glossary/rope', { language: 'en' });
  await page.locator('[data-term="rope"].current').waitFor();
  assert.ok((await page.locator('[data-term]').count()) >= 60);
  await page.getByRole('searchbox').fill('缓存');
  await waitFor(page, () => [...document.querySelectorAll('[data-term]')].some((e) => e.dataset.term === 'kv-cache'));
  assert.ok((await page.locator('[data-term]').count()) < 10);
  await page.goto(server.address + '#/glossary/nonsense');
  await page.getByRole('alert').waitFor();
  await context.close();
});

await test('360 and 2560 px wide; axe on home and glossary in both languages and themes', async () => {
  for (const [language, theme] of [['zh', 'light'], ['zh', 'dark'], ['en', 'light'], ['en', 'dark']]) {
    for (const path of ['#/', '#/?q=softmax', '#/glossary']) {
      const { page, context } = await visit(path, { language, theme, width: 360, height: 740 });
      await page.locator('[data-today], [data-term]').first().waitFor();
      if (path.includes('q=')) await page.locator('main ol.ranked mark').first().waitFor();
      await assertNoWiderThan(page, 360, `${path} ${language}`);
      await assertAccessible(page, `${path} ${language} ${theme}`);
      await page.setViewportSize({ width: 2560, height: 1300 });
      await assertNoWiderThan(page, 2560, `${path} ${language}`);
      await context.close();
    }
  }
});

await browser.close();
await finish();

// For teachers: a lesson shown large, a figure in another page, links without controls, paper. Prints "N passed, N failed".
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../../scripts/serve.mjs';
import { assertAccessible, assertNoWiderThan, browser, finish, server, test, visit, waitFor } from './harness.mjs';
import { checkStates, showMe } from './reader.mjs';

const at = (page) => page.locator('[data-at]').getAttribute('data-at').then(Number);
const visible = (page, selector) =>
  page.locator(selector).evaluateAll((all) => all.filter((e) => e.getClientRects().length && getComputedStyle(e).visibility === 'visible').length);
const clipboard = { permissions: ['clipboard-read', 'clipboard-write'] };
const copied = (page) => page.evaluate(() => navigator.clipboard.readText());

await test('presenting: large, no menu, every answer waits for a key', async () => {
  const { page, context, seen } = await visit('#/present/1-04', { width: 1920, height: 1080 });
  await page.locator('[data-slide="question"] h1').waitFor();
  assert.equal(await visible(page, 'body > #app > header'), 0);
  const size = await page.locator('h1').evaluate((e) => parseFloat(getComputedStyle(e).fontSize));
  assert.ok((await page.locator('h1').evaluate((e) => e.currentCSSZoom)) * size >= 48, `the question is ${size} px high`);
  await page.keyboard.press(' ');
  await page.locator('[data-slide="part"] .predict').waitFor();
  assert.equal(await page.locator('[data-figure] figure').count(), 0, 'the figure waits too');
  await page.keyboard.press('ArrowRight');
  await page.locator('[data-figure] figure').first().waitFor();
  await page.locator('.predict .right').waitFor();
  assert.equal(await at(page), 1, 'the same key showed it in place');
  for (let slide = 2; (await page.locator('[data-hidden]').count()) === 0; slide += 1) {
    await page.keyboard.press('PageDown');
    await page.locator('[data-show-me]').click({ timeout: 300 }).catch(() => undefined);
    await page.locator(`[data-at="${slide}"]`).waitFor();
  }
  const hiddenAt = await at(page);
  assert.ok(!/方差/.test(await page.locator('.stage').innerText()));
  await page.keyboard.press('Enter');
  await page.locator('[data-answer]').waitFor();
  assert.match(await page.locator('[data-answer]').innerText(), /方差/);
  await page.keyboard.press('ArrowLeft');
  await page.locator('[data-hidden]').waitFor();
  assert.equal(await at(page), hiddenAt);
  await page.keyboard.press('End');
  await page.locator('[data-slide="list"] li').first().waitFor();
  const last = await at(page);
  await page.keyboard.press('ArrowRight');
  assert.equal(await at(page), last, 'the end is the end');
  await page.reload();
  await page.locator(`[data-at="${last}"]`).waitFor();
  await page.keyboard.press('Escape');
  await waitFor(page, () => location.hash === '#/lesson/1-04');
  await page.locator('[data-show-answer]').waitFor();
  assert.deepEqual(seen.errors, []);
  await context.close();
});

await test('presenting: keys belong to a control while it has the focus', async () => {
  const { page, context } = await visit('#/present/1-04?part=1&d_k=64');
  await page.locator('[data-slide="part"] [data-show-me]').waitFor();
  await page.keyboard.press(' ');
  const slider = page.locator('[data-parameter="d_k"] input[type=range]');
  await slider.focus();
  const before = await slider.inputValue();
  await page.keyboard.press('ArrowRight');
  assert.notEqual(await slider.inputValue(), before);
  assert.equal(await at(page), 1);
  await context.close();
});

await test('presenting: magnified pictures are pointed at where they stand, and their words are large too', async () => {
  const { page, context } = await visit('#/present/1-02?part=1&n=4', { width: 1920, height: 1080 });
  await page.locator('[data-show-me]').click();
  const cells = page.locator('[data-view="heatmap"] .cells').first();
  await cells.waitFor();
  await cells.scrollIntoViewIfNeeded();
  const box = await cells.boundingBox();
  const painted = await page.locator('[data-view="heatmap"] canvas').first().evaluate((e) => e.width / (e.clientWidth * e.currentCSSZoom));
  assert.ok(painted > 0.95, `painted with ${painted} of the screen's pixels`);
  const [rows, columns] = await cells.evaluate((e) => [+e.ariaRowCount || +e.getAttribute('aria-rowcount'), +e.getAttribute('aria-colcount')]);
  await page.mouse.click(box.x + (box.width * (columns - 0.5)) / columns, box.y + (box.height * 1.5) / rows);
  const cell = await page.locator('[data-explain]').first().getAttribute('data-explain');
  assert.match(cell, new RegExp(`\\[1, ${columns - 1}\\]$`));
  await page.goto(server.address + '#/present/1-04?part=1&d_k=64');
  await page.locator('[data-show-me]').click();
  const tick = page.locator('[data-view="line"] .tick').first();
  assert.ok((await tick.evaluate((e) => parseFloat(getComputedStyle(e).fontSize) * e.currentCSSZoom)) >= 17);
  await context.close();
});

await test('the question’s clock starts by a click, and an unknown lesson says so', async () => {
  const { page, context } = await visit('#/present/1-04', { now: new Date(2026, 2, 5, 12).getTime() });
  await page.getByRole('button', { name: '开始计时' }).click();
  await page.clock.runFor(31_000);
  await page.locator('.clock.late').waitFor();
  await page.goto(server.address + '#/present/6-99');
  await page.getByRole('alert').waitFor();
  await context.close();
});

await test('a fixed link: the state it was made with, and nothing to move it by', async () => {
  const { page, context } = await visit('#/lesson/1-04?d_k=64&seed=3', clipboard);
  await page.locator('[data-figure] figure').first().waitFor();
  const shown = await page.locator('[data-view="cards"]').first().innerText();
  await page.locator('[data-teach] summary').click();
  await page.locator('[data-copy-locked]').click();
  await page.getByText('已复制').waitFor();
  const link = await copied(page);
  assert.match(link, /#\/lesson\/1-04\?d_k=64&seed=3&lang=zh&locked$/);
  const other = await visit('', {});
  await other.page.goto(link);
  await other.page.locator('[data-figure] figure').first().waitFor();
  await checkStates(other.page);
  assert.equal(await other.page.locator('[data-view="cards"]').first().innerText(), shown);
  for (const gone of ['[data-controls] input', '[data-controls] select', '[data-more]', '.docs-button', '.actions button', '.try button', '[data-study]', '[data-teach]', '.seed']) {
    assert.equal(await visible(other.page, gone), 0, gone);
  }
  assert.ok((await visible(other.page, '[data-view]')) > 0);
  await other.page.goto(server.address + '#/lesson/1-02?part=2&locked');
  await other.page.locator('.parts a').first().click();
  await waitFor(other.page, () => /locked/.test(location.hash) && !/part=2/.test(location.hash));
  await context.close();
  await other.context.close();
});

await test('embed code: a figure in another site’s page, without menu and answers, and a way to the whole lesson', async () => {
  const { page, context } = await visit('#/lesson/1-04?d_k=64', clipboard);
  await page.locator('[data-teach] summary').click();
  await page.locator('[data-copy-embed]').click();
  await page.getByText('已复制').waitFor();
  const code = await copied(page);
  await context.close();
  const folder = await mkdtemp(join(tmpdir(), 'blog-'));
  await writeFile(join(folder, 'index.html'), `<!doctype html><link rel="icon" href="data:," /><title>blog</title><h1>blog</h1>${code}`);
  const blog = await serve(folder);
  const reader = await visit('', { base: blog.address.replace('localhost', '127.0.0.1') });
  const frame = reader.page.frameLocator('iframe');
  await frame.locator('[data-figure] figure').first().waitFor();
  assert.equal(await frame.locator('header, [data-show-answer], [data-study], [data-teach]').count(), 0);
  assert.equal(await frame.locator('[data-parameter="d_k"] input.number').inputValue(), '64');
  const whole = await frame.getByRole('link', { name: /在 Glassformer 里打开/ }).getAttribute('href');
  assert.match(whole, /\/#\/lesson\/1-04\?d_k=64&lang=zh$/);
  assert.deepEqual(reader.seen.errors, []);
  await reader.context.close();
  await blog.close();
  await rm(folder, { recursive: true });
});

await test('?embed before the # does the same, and its way out does not embed again', async () => {
  const { page, context } = await visit('?embed#/lesson/1-18?part=2', { width: 700, height: 640, language: 'en' });
  await page.locator('[data-embed] figure').first().waitFor();
  assert.equal(await page.locator('#app > header').count(), 0);
  await assertNoWiderThan(page, 700, 'embed');
  const whole = await page.getByRole('link', { name: /Open in Glassformer/ }).getAttribute('href');
  assert.ok(!/embed/.test(whole), whole);
  await context.close();
});

await test('paper: in dark too, ink on white; a worksheet has no answers, the handout has all', async () => {
  const { page, context } = await visit('#/lesson/1-04', {
    theme: 'dark',
    init: (p) => p.addInitScript(() => (globalThis.print = () => (globalThis.printed = document.documentElement.dataset.print))),
  });
  await showMe(page);
  await checkStates(page);
  await page.locator('[data-teach] summary').click();
  await page.locator('[data-print-sheet]').click();
  await waitFor(page, () => globalThis.printed === 'worksheet');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'light');
  const shownStill = await page.locator('main button').evaluateAll((all) => all.filter((e) => e.getClientRects().length && !e.closest('.options, .keys, .terms')).map((e) => e.outerHTML.slice(0, 200)));
  assert.deepEqual(shownStill, []);
  assert.equal(await visible(page, '.answers, .text, .predict .explain, .predict .tag, header, [data-controls]'), 0);
  assert.ok((await visible(page, '.keys button')) >= 4, 'a picture keeps its key');
  assert.match(await page.locator('.paper').innerText(), /attention\.scaling/);
  assert.ok((await visible(page, 'h1')) && (await visible(page, '[data-view]')) && (await visible(page, '.predict .options button')) >= 2);
  const marked = await page.locator('.predict .right').evaluate((e) => getComputedStyle(e).backgroundColor + getComputedStyle(e).borderColor);
  const plain = await page.locator('.predict .options button:not(.right)').first().evaluate((e) => getComputedStyle(e).backgroundColor + getComputedStyle(e).borderColor);
  assert.equal(marked, plain, 'the right option is not given away by its colour');
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await page.emulateMedia({ media: 'screen' });
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  assert.equal(await page.locator('.answers > details:not(.teach):not([open])').count() > 0, true, 'folded again');

  await page.locator('[data-print-all]').click();
  await waitFor(page, () => globalThis.printed === 'answers');
  await page.emulateMedia({ media: 'print' });
  assert.match(await page.locator('[data-answer]').innerText(), /方差/);
  assert.ok((await visible(page, '.followup > :not(summary)')) > 0, 'what is folded on screen is open on paper');
  assert.ok((await visible(page, '[data-check]')) > 0);
  assert.match(await page.locator('main').evaluate((e) => getComputedStyle(e, '::after').content), /#\/lesson\/1-04/);
  await page.setViewportSize({ width: 690, height: 1000 }); // A4 without its margins
  const cut = await page.evaluate(() =>
    [...document.querySelectorAll('main *')]
      .filter((e) => e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).overflowX !== 'visible')
      .map((e) => `${e.tagName}.${e.className} ${e.scrollWidth} > ${e.clientWidth}`),
  );
  assert.deepEqual(cut, [], 'what scrolls on a screen is cut off on paper');
  await page.emulateMedia({ media: 'screen' });
  assert.ok((await page.pdf({ format: 'A4' })).length > 20_000);
  await context.close();
});

await test('axe and 360 px: presenting, embedded, fixed, in both languages and themes', async () => {
  for (const [language, theme] of [['zh', 'light'], ['en', 'dark'], ['zh', 'dark'], ['en', 'light']]) {
    const { page, context } = await visit('#/present/1-04', { language, theme });
    await page.locator('[data-slide="question"]').waitFor();
    await assertAccessible(page, `question ${language} ${theme}`);
    for (let i = 0; i < 2; i += 1) await page.keyboard.press(' ');
    await page.locator('[data-figure] figure').first().waitFor();
    await assertAccessible(page, `part ${language} ${theme}`);
    await page.keyboard.press('End');
    await page.locator('[data-slide="list"]').waitFor();
    await assertAccessible(page, `list ${language} ${theme}`);
    for (const path of ['#/lesson/1-04?embed', '#/lesson/1-04?d_k=64&locked']) {
      await page.goto(server.address + path);
      await page.reload();
      await page.locator('[data-figure] figure').first().waitFor();
      await checkStates(page);
      await assertAccessible(page, `${path} ${language} ${theme}`);
      await page.setViewportSize({ width: 360, height: 740 });
      await assertNoWiderThan(page, 360, path);
      await page.setViewportSize({ width: 1280, height: 900 });
    }
    await page.goto(server.address + '#/lesson/1-04');
    await page.reload();
    await page.locator('[data-teach] summary').click();
    await page.evaluate(() => scrollTo(0, 0)); // nothing half under the header
    await assertAccessible(page, `teach ${language} ${theme}`);
    await context.close();
  }
});

await browser.close();
await finish();

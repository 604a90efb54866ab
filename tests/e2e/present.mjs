// A lecture from the lectern: keys, stepping back, figures, numbers in the answers, paper. Prints "N passed, N failed".
import assert from 'node:assert/strict';
import { browser, finish, test, visit, waitFor } from './harness.mjs';

const at = (page) => page.locator('[data-at]').getAttribute('data-at').then(Number);
const part = '.part-slide:not(.away)';
/** The slide that holds the answer in full. */
async function toFullAnswer(page, parts) {
  await page.keyboard.press('Home');
  for (let guard = 0; (await at(page)) < parts + 3 && guard < 40; guard += 1) await page.keyboard.press('PageDown');
  assert.equal(await at(page), parts + 3);
}
/** A lecture after some presses: the second shows the first part's figure. */
async function lecture(lesson, presses = 2) {
  const visited = await visit(`#/present/${lesson}`, { height: 720 });
  await visited.page.locator('[data-slide="question"]').waitFor();
  for (let i = 0; i < presses; i += 1) await visited.page.keyboard.press('ArrowRight');
  return visited;
}
const computed = (page) => page.locator(`${part} .predict .right`).waitFor({ timeout: 30_000 });

await test('every press counts: before the page has come, and many at once', async () => {
  const { page, context } = await visit('#/lesson/1-04');
  await page.locator('[data-show-me]').waitFor();
  await page.evaluate(() => {
    location.hash = '#/present/1-04';
    return new Promise((done) => addEventListener('hashchange', () => setTimeout(done), { once: true }));
  });
  // One to the first part, one shows it, one to the second.
  for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowRight');
  await page.locator('[data-at="2"]').waitFor();
  await Promise.all(Array.from({ length: 4 }, () => page.keyboard.press('ArrowRight')));
  await page.locator('[data-at="5"]').waitFor();
  await Promise.all(Array.from({ length: 3 }, () => page.keyboard.press('ArrowLeft')));
  await page.locator('[data-at="2"]').waitFor();
  await context.close();
});

await test('numbers in the answers are computed, and a hidden answer says how to show it', async () => {
  for (const [language, says] of [['zh', /空格/], ['en', /Space/]]) {
    const { page, context } = await visit('#/present/1-07', { language, height: 720 });
    await page.locator('[data-slide="question"]').waitFor();
    await toFullAnswer(page, 3);
    await waitFor(page, () => document.querySelectorAll('[data-answer] .live').length > 5);
    await waitFor(page, () => [...document.querySelectorAll('[data-answer] .live')].every((e) => /\d/.test(e.textContent)));
    await page.keyboard.press('PageUp');
    await page.keyboard.press('PageUp');
    assert.match(await page.locator('[data-hidden]').innerText(), says);
    await page.locator('[data-hidden]').click();
    await page.locator('[data-answer]').waitFor();
    await context.close();
  }
});

await test('stepping back finds the figure as it was left', async () => {
  const { page, context, seen } = await lecture('1-04');
  await computed(page);
  const number = page.locator(`${part} [data-parameter="d_k"] input.number`);
  await number.fill('64');
  await number.press('Enter');
  const cards = page.locator(`${part} [data-view="cards"]`).first();
  await waitFor(page, () => /d_k=64/.test(location.hash));
  await waitFor(page, () => !document.querySelector('.part-slide [data-computing]'));
  const shown = await cards.innerText();
  const width = await page.locator(`${part} [data-view="line"] svg`).first().evaluate((e) => e.clientWidth);
  await page.keyboard.press('Escape');
  assert.equal(await at(page), 1, 'Escape lets go of the field first');
  for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowRight');
  assert.equal(await at(page), 3);
  for (let i = 0; i < 2; i += 1) await page.keyboard.press('ArrowLeft');
  assert.equal(await at(page), 1);
  assert.equal(await number.inputValue(), '64');
  assert.equal(await cards.innerText(), shown);
  assert.equal(await page.locator(`${part} [data-view="line"] svg`).first().evaluate((e) => e.clientWidth), width);
  await page.reload();
  await page.locator('[data-at="1"]').waitFor();
  await page.keyboard.press('Escape');
  await waitFor(page, () => location.hash === '#/lesson/1-04');
  assert.deepEqual(seen.errors, []);
  await context.close();
});

await test('a training plays and rests by a key, and is kept as well', async () => {
  const { page, context } = await lecture('1-02');
  const done = () => page.locator(`${part} .player progress`).evaluate((e) => e.value);
  await computed(page);
  assert.doesNotMatch(await page.locator(`${part} .predict`).innerText(), /参数改过/);
  const end = await done();
  await page.keyboard.press('p');
  await waitFor(page, (last) => document.querySelector('.player progress').value < last, end);
  await page.keyboard.press('p');
  await page.getByRole('button', { name: /播放/ }).waitFor();
  const rested = await done();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await done(), rested);
  await context.close();
});

await test('the arrows of a figure turn no slide; its focus is said, Escape gives it back, a remote control goes past it', async () => {
  const { page, context } = await lecture('1-02');
  const cells = page.locator(`${part} [data-view="heatmap"] .cells`).first();
  await cells.waitFor();
  await cells.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.equal(await at(page), 1);
  await page.locator('[data-keys="held"]').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.locator('[data-keys="free"]').waitFor();
  assert.equal(await at(page), 1);
  await cells.focus();
  await page.keyboard.press('PageDown');
  await page.locator('[data-at="2"]').waitFor();
  await context.close();
});

await test('a slider moved by mouse leaves the arrows to the slides', async () => {
  const { page, context } = await lecture('1-04');
  const slider = page.locator(`${part} [data-parameter="d_k"] input[type=range]`);
  await slider.click({ position: { x: 40, y: 8 } });
  const moved = await slider.inputValue();
  await waitFor(page, () => document.activeElement?.classList.contains('stage'));
  await page.keyboard.press('ArrowRight');
  await page.locator('[data-at="2"]').waitFor();
  await page.keyboard.press('ArrowLeft');
  assert.equal(await slider.inputValue(), moved);
  await context.close();
});

await test('figures by ↓ and ↑, and a long answer to its end before the next slide', async () => {
  const { page, context } = await lecture('1-01', 4);
  await page.locator(`${part} [data-view="diagram"] svg`).waitFor();
  const top = () => page.locator('.stage').evaluate((e) => e.scrollTop);
  await page.locator(`${part} [data-view="cards"]`).waitFor();
  await page.keyboard.press('ArrowDown');
  const first = await top();
  assert.ok(first > 200, `from the first figure to the second, not ${first} px`);
  await page.keyboard.press('ArrowUp');
  assert.equal(await top(), 0, 'with the title above the first');
  for (let i = 0, before = -1; i < 30 && before !== (await top()); i += 1) {
    before = await top();
    await page.keyboard.press('ArrowDown');
  }
  const rest = await page.locator('.stage').evaluate((e) => e.scrollHeight - e.clientHeight - e.scrollTop);
  assert.ok(rest < 4, `${rest} px below never come`);
  for (let i = 0; i < 30; i += 1) await page.keyboard.press('ArrowUp');
  assert.ok((await top()) < 4);
  await toFullAnswer(page, 2);
  assert.equal(await top(), 0);
  const long = await page.locator('.stage').evaluate((e) => e.scrollHeight > e.clientHeight + 8);
  assert.ok(long, 'this answer is a long one');
  await page.keyboard.press('ArrowRight');
  assert.ok((await top()) > 0);
  assert.equal(await at(page), 5);
  await context.close();
});

await test('words are large where there are few', async () => {
  const { page, context } = await visit('#/present/1-04', { width: 1920, height: 1080 });
  await page.locator('[data-slide="question"]').waitFor();
  await page.keyboard.press('End');
  await page.locator('[data-slide="list"]').waitFor();
  const high = await page.locator('[data-slide="list"] li').first().evaluate((e) => parseFloat(getComputedStyle(e).fontSize) * e.currentCSSZoom);
  assert.ok(high >= 36, `${high} px`);
  assert.ok(await page.locator('.stage').evaluate((e) => e.scrollHeight <= e.clientHeight + 1));
  await context.close();
});

await test('a handout waits for its training, and nothing on it can be scrolled', async () => {
  const { page, context } = await visit('#/lesson/1-01', {
    init: (p) => p.addInitScript(() => (globalThis.print = () => (globalThis.printed = document.documentElement.dataset.print))),
  });
  await page.locator('[data-show-me]').waitFor();
  await page.locator('[data-teach] summary').click();
  await page.locator('[data-print-all]').click();
  await page.waitForFunction(() => globalThis.printed === 'answers', undefined, { timeout: 60_000 });
  assert.equal(await page.locator('.predict .right').count(), 1);
  assert.equal(await page.locator('.player progress').first().evaluate((e) => e.value / e.max), 1);
  const open = await page.locator('main .live').evaluateAll((all) => all.filter((e) => e.textContent.includes('…')).length);
  assert.equal(open, 0, 'numbers that never came');
  await page.emulateMedia({ media: 'print' });
  const cut = await page.locator('main .cells').evaluateAll((all) => all.filter((e) => e.scrollHeight > e.clientHeight + 1).length);
  assert.equal(cut, 0, 'rows of a picture that are cut off');
  const hints = await page.locator('main .tap-hint, main .steps, main .explain:not(.open)').evaluateAll((all) => all.filter((e) => e.getClientRects().length).length);
  assert.equal(hints, 0);
  await context.close();
});

await test('the way out of an embedded figure leads to what is on screen', async () => {
  const { page, context } = await visit('?embed#/lesson/1-04', { width: 700, height: 640 });
  await page.locator('[data-embed] figure').first().waitFor();
  const number = page.locator('[data-parameter="d_k"] input.number');
  await number.fill('16');
  await number.press('Enter');
  await waitFor(page, () => /d_k=16/.test(location.hash));
  const [whole] = await Promise.all([context.waitForEvent('page'), page.getByRole('link', { name: /在 Glassformer 里打开/ }).click()]);
  await whole.waitForLoadState();
  assert.match(whole.url(), /\/#\/lesson\/1-04\?d_k=16&lang=zh$/);
  await context.close();
});

await browser.close();
await finish();

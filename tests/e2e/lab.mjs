// The laboratory: every experiment of the catalog, all parameters, pictures from its declaration alone; the tokenizer
// playground. Prints "N passed, N failed".
import assert from 'node:assert/strict';
import { assertAccessible, assertNoWiderThan, browser, finish, full, server, test, visit, waitFor } from './harness.mjs';

const reserved = ['part', 'seed', 'lang', 'pin', 'embed', 'locked', 'q', 'chapter', 'difficulty', 'status'];
const settled = (page) =>
  waitFor(
    page,
    () => document.querySelectorAll('[data-figure] figure').length > 0 && !document.querySelector('[data-figure] > progress'),
    undefined,
    60_000,
  );

let all = [];
await test('every experiment of the catalog is listed and can be found', async () => {
  const { page, context } = await visit('#/lab');
  await page.locator('[data-experiment]').first().waitFor();
  all = await page.locator('[data-experiment]').evaluateAll((links) => links.map((a) => a.dataset.experiment));
  assert.ok(all.length >= 20);
  await page.getByRole('searchbox').fill('softmax');
  await waitFor(page, (n) => document.querySelectorAll('[data-experiment]').length < n, all.length);
  await context.close();
});

await test('every experiment opens by itself, with every output drawn and no complaint', async () => {
  const { page, context, seen } = await visit('#/lab');
  // Recall cards declare alike: two stand for all; --full takes each.
  const some = full ? all : all.filter((id) => !id.startsWith('recall.') || /kv_cache|bpe_tokens/.test(id));
  for (const id of some) {
    await page.goto(server.address + `#/lab/${id}`);
    await waitFor(page, (wanted) => document.querySelector('.crumbs code')?.textContent === wanted, id);
    await settled(page);
    const shown = await page.evaluate(() => ({
      errors: [...document.querySelectorAll('[data-figure] .error')].map((e) => e.textContent),
      figures: document.querySelectorAll('[data-figure] figure').length,
      controls: document.querySelectorAll('[data-parameter]').length,
    }));
    assert.deepEqual(shown.errors, [], id);
    assert.ok(shown.figures >= 1, id);
    assert.ok(shown.controls >= 1, `${id} shows no parameter`);
    const clash = await page
      .locator('[data-parameter]')
      .evaluateAll((list) => list.map((e) => e.dataset.parameter));
    assert.deepEqual(clash.filter((name) => reserved.includes(name)), [], `${id}: a parameter no link could hold`);
  }
  assert.deepEqual(seen.errors, []);
  await context.close();
});

await test('a parameter moves the pictures and stands in the address; the link brings it back', async () => {
  const { page, context } = await visit('#/lab/attention.scaling', { language: 'en' });
  await settled(page);
  const box = page.locator('[data-parameter="d_k"] input.number');
  await box.fill('16');
  await box.press('Enter');
  await waitFor(page, () => location.hash.includes('d_k=16'));
  await page.reload();
  await settled(page);
  assert.equal(await box.inputValue(), '16');
  await box.fill('17');
  await box.press('Enter');
  await page.locator('[data-parameter="d_k"] .error').waitFor();
  assert.match(await page.locator('[data-parameter="d_k"] .error').innerText(), /powers of two/);
  await page.locator('[data-code]').click();
  await page.locator('[data-figure] pre').first().waitFor();
  await context.close();
});

await test('an unknown experiment says so', async () => {
  const { page, context } = await visit('#/lab/no.such');
  await page.getByText('没有名为“no.such”的实验').waitFor();
  await context.close();
});

await test('the playground trains three tokenizers on what is typed and cuts what is typed', async () => {
  const { page, context, seen } = await visit('#/lab/tokenizer');
  await page.locator('[data-tokenizer] .piece').first().waitFor();
  assert.equal(await page.locator('[data-tokenizer]').count(), 3);
  await page.getByLabel('训练语料').fill('猫吃鱼 猫吃鱼 猫吃鱼 狗吃肉');
  await page.getByLabel('要切的文字').fill('猫吃鱼');
  await waitFor(page, () => {
    const pieces = [...document.querySelectorAll('[data-tokenizer="char_bpe"] .piece')].map((p) => p.textContent);
    return pieces.length === 1 && pieces[0].includes('猫吃鱼');
  });
  await page.getByLabel('训练语料').fill('');
  await page.getByRole('alert').first().waitFor();
  assert.match(await page.getByRole('alert').first().innerText(), /corpus/);
  assert.deepEqual(seen.errors, []);
  await context.close();
});

await test('360 px and axe: list, bench, playground', async () => {
  for (const [language, theme] of [['zh', 'dark'], ['en', 'light']]) {
    for (const path of ['#/lab', '#/lab/attention.scaling', '#/lab/tokenizer']) {
      const { page, context } = await visit(path, { language, theme, width: 360, height: 740 });
      if (path === '#/lab') await page.locator('[data-experiment]').first().waitFor();
      else await settled(page);
      await page.waitForTimeout(500);
      await assertNoWiderThan(page, 360, path);
      await assertAccessible(page, `${path} ${language} ${theme}`);
      await context.close();
    }
  }
});

await browser.close();
await finish();

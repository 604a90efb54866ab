// Every lesson that there is, as a reader takes it: predict, run, every check of every part, then the other language; and
// all of them once more without a server. What run.mjs looks at closely in three lessons holds here for each.
import assert from 'node:assert/strict';
import { serve } from '../../scripts/serve.mjs';
import { site } from './browsers.mjs';
import { assertNoWiderThan, browser, finish, server, test, visit, waitFor } from './harness.mjs';
import { problemsOfFigures } from './pictures.mjs';
import { checkStates, lessonFile, lessonFiles } from './reader.mjs';

const ids = lessonFiles().map((name) => name.replace(/^chapter-(\d+)\/(\d\d)-.*$/, '$1-$2')).sort();
assert.ok(ids.length >= 21);

/** Each language begins with every other lesson and is switched to the other at the end of each part. */
for (const [i, id] of ids.entries()) {
  const [language, width] = i % 2 === 0 ? ['zh', 390] : ['en', 1280];
  const lesson = lessonFile(id);
  for (let part = 1; part <= lesson.parts.length; part += 1) {
    await test(`${id} part ${part}: predicted, run, its checks hold, in both languages`, async () => {
      const { page, context, seen } = await visit(`#/lesson/${id}?part=${part}`, { language, width });
      await page.locator('.predict .options button').first().click();
      await page.locator('[data-figure] figure').first().waitFor();
      const states = await checkStates(page, 120_000);
      // The answers' numbers are those of the first part, which runs beside this one.
      await waitFor(page, () => ![...document.querySelectorAll('.live')].some((e) => e.textContent.includes('…')), undefined, 60_000);
      assert.equal(states.length, lesson.parts[part - 1].checks.length);
      assert.ok(states.includes('pass'));
      assert.deepEqual(states.filter((state) => state === 'fail' || state === 'error'), []);
      assert.equal(await page.locator('.predict .right').count(), 1, 'exactly one prediction is right');
      for (const then of [language, language === 'zh' ? 'en' : 'zh']) {
        if (then !== language) await page.getByRole('button', { name: then === 'en' ? 'English' : '中文' }).click();
        assert.ok((await page.locator('h1').innerText()).replace(/\s/g, '').includes(lesson.question[then].replace(/\s/g, '').slice(0, 8)), then);
        const text = await page.locator('main').innerText();
        assert.ok(!text.includes('\uFFFD'), 'a replacement sign is shown');
        assert.equal(await page.locator('.live', { hasText: '—' }).count(), 0, 'an expression has no value');
        assert.equal(await page.locator('.katex-error').count(), 0, 'a formula cannot be set');
        await assertNoWiderThan(page, width, `${id} part ${part} ${then}`);
        assert.deepEqual(await page.evaluate(problemsOfFigures), [], `${id} part ${part} ${then}`);
      }
      assert.deepEqual(seen.errors, []);
      assert.ok(seen.requests.every((url) => url.startsWith(server.address) || /^(data|blob):/.test(url)), seen.requests.join('\n'));
      await context.close();
    });
  }
}

await test('every lesson opens and runs with the server stopped', async () => {
  const own = await serve(site);
  const { page, context } = await visit('#/lesson/1-04', { base: own.address });
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(async () => {
    const names = await caches.keys();
    return names.length === 1 && (await (await caches.open(names[0])).keys()).length > 10;
  });
  await own.close();
  for (const id of ids) {
    await page.goto(`${own.address}?${id}#/lesson/${id}`);
    await page.locator('[data-show-me]').click();
    await page.locator('[data-figure] figure').first().waitFor();
  }
  await context.close();
});

await browser.close();
await finish();

// The page in real browsers, as a reader uses it. Prints "N passed, N failed". --full adds axe on every page.
import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serve } from '../../scripts/serve.mjs';
import { axeSource, chromium, firefox, singleFile, site } from './browsers.mjs';
import { lessonFiles } from './reader.mjs';

const full = process.argv.includes('--full');
const lessons = [
  ['1-02', 2],
  ['1-04', 2],
  ['1-18', 3],
];
let passed = 0;
let failed = 0;
async function test(name, body) {
  try {
    await body();
    passed += 1;
  } catch (error) {
    failed += 1;
    console.error(`FAILED ${name}\n${error.stack}\n`);
  }
}

const server = await serve(site);
const browser = await chromium();

/** A fresh reader. Every request and every error of the page is kept. */
async function visit(path, { language = 'zh', width = 1280, height = 900, base = server.address, init } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale: language === 'zh' ? 'zh-CN' : 'en-GB' });
  const page = await context.newPage();
  const seen = { requests: [], errors: [] };
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && seen.errors.push(message.text()));
  if (init) await init(page, context);
  await page.goto(base + path);
  return { page, context, seen };
}
const showMe = async (page) => {
  await page.locator('[data-show-me]').click();
  await page.locator('[data-figure] figure').first().waitFor();
};
/** Waits until every check has been judged, and gives their states. */
async function checkStates(page) {
  await page.waitForFunction(
    () => {
      const all = [...document.querySelectorAll('[data-check]')].map((e) => e.dataset.check);
      return all.length > 0 && !all.some((state) => state === 'waiting' || state === 'needs_runs');
    },
    undefined,
    { timeout: 30_000 },
  );
  return page.locator('[data-check]').evaluateAll((all) => all.map((e) => e.dataset.check));
}
const figureText = (page) => page.locator('[data-figure]').innerText();

for (const language of ['zh', 'en']) {
  for (const [lesson, parts] of lessons) {
    for (let part = 1; part <= parts; part += 1) {
      await test(`${lesson} part ${part} (${language}) opens, runs, and its checks hold`, async () => {
        const { page, context, seen } = await visit(`#/lesson/${lesson}?part=${part}`, { language });
        await showMe(page);
        const states = await checkStates(page);
        assert.ok(states.includes('pass'));
        assert.deepEqual(states.filter((state) => state === 'fail' || state === 'error'), []);
        assert.equal(await page.locator('.live', { hasText: '…' }).count(), 0, 'a live number is missing');
        assert.equal(await page.locator('.live', { hasText: '—' }).count(), 0, 'an expression has no value');
        assert.equal(await page.locator('.predict .right').count(), 1, 'exactly one prediction is right');
        assert.equal(await page.locator('.katex-error').count(), 0, 'a formula cannot be set');
        assert.ok(!(await page.locator('main').innerText()).includes('\uFFFD'), 'a replacement sign is shown');
        assert.deepEqual(seen.errors, []);
        assert.ok(seen.requests.every((url) => url.startsWith(server.address) || url.startsWith('data:') || url.startsWith('blob:')), seen.requests.join('\n'));
        await context.close();
      });
    }
  }
}

await test('think first: the answer is shown when asked for', async () => {
  const { page, context } = await visit('#/lesson/1-04');
  assert.equal(await page.locator('[data-answer]').count(), 0);
  assert.equal(await page.locator('.answers > details[open]').count(), 0, 'the longer answer does not give it away');
  await page.getByRole('button', { name: '看答案' }).click();
  assert.match(await page.locator('[data-answer]').innerText(), /方差/);
  assert.match(await page.locator('.answers > details[open]').first().innerText(), /方差从哪里来/);
  await context.close();
});

await test('on a desk a lesson ends where its text ends', async () => {
  const { page, context } = await visit('#/lesson/1-04', { width: 1280, height: 800 });
  await page.locator('.answers').waitFor();
  const [article, answers] = await page.evaluate(() =>
    ['article', '.answers'].map((e) => document.querySelector(e).getBoundingClientRect().bottom),
  );
  assert.ok(article - answers < 100, `${article - answers} px of nothing`);
  await context.close();
});

await test('numbers in the answers are computed too, whichever part is open', async () => {
  const { page, context } = await visit('#/lesson/1-05?part=2');
  await page.locator('[data-show-answer]').click();
  await page.waitForFunction(() => {
    const live = [...document.querySelectorAll('.answers .live')].map((e) => e.textContent);
    return live.length > 1 && !live.includes('…');
  });
  assert.match(await page.locator('.answers').innerText(), /真词元平均把 36% 的注意力分给了 pad/);
  await context.close();
});

await test('predicting reveals the figure and marks the right option', async () => {
  const { page, context } = await visit('#/lesson/1-04');
  assert.equal(await page.locator('[data-figure] figure').count(), 0);
  await page.locator('.predict .options button').nth(0).click();
  await page.locator('[data-figure] figure').first().waitFor();
  assert.match(await page.locator('.predict .right').innerText(), /不到一半/);
  assert.match(await page.locator('.predict .explain').innerText(), /和计算结果不一样/);
  await context.close();
});

await test('while a training goes on the prediction says that its answer comes, not that settings differ', async () => {
  const { page, context } = await visit('#/lesson/1-16?part=2', { language: 'en' });
  await page.locator('.predict .options button').first().click();
  await page.locator('.predict').getByText('computing…').waitFor();
  await page.locator('.predict .explain').waitFor({ timeout: 60_000 });
  await page.goto(server.address + '#/lesson/1-16?part=2&updates=200');
  await page.reload();
  await page.getByText('The settings differ').waitFor();
  await context.close();
});

await test('a slider changes the picture, the numbers and the address', async () => {
  const { page, context } = await visit('#/lesson/1-04');
  await showMe(page);
  const before = await page.locator('[data-view="cards"]').innerText();
  const slider = page.locator('[data-parameter="d_k"] input[type=range]');
  await slider.focus();
  for (let i = 0; i < 4; i += 1) await page.keyboard.press('ArrowLeft');
  await page.waitForFunction((text) => document.querySelector('[data-view="cards"]').innerText !== text, before);
  assert.match(page.url(), /d_k=64/);
  assert.equal(await page.locator('[data-parameter="d_k"] input.number').inputValue(), '64');
  assert.ok((await checkStates(page)).includes('not_claimed'), 'an empirical finding is claimed at its presets only');
  await page.getByRole('button', { name: '恢复预设' }).first().click();
  await page.waitForFunction((text) => document.querySelector('[data-view="cards"]').innerText === text, before);
  assert.ok(!page.url().includes('d_k='));
  await context.close();
});

await test('a link restores part, parameters and seed', async () => {
  const { page, context } = await visit('#/lesson/1-02?part=2&mode=tied_no_diagonal&n=6&seed=5');
  await checkStates(page);
  assert.equal(await page.locator('[data-parameter="n"] input.number').inputValue(), '6');
  assert.equal(await page.locator('[data-parameter="mode"] select').inputValue(), 'tied_no_diagonal');
  assert.equal(await page.locator('input.seed').inputValue(), '5');
  await context.close();
});

const wrong = [
  ['out of range', '#/lesson/1-04?d_k=9999', '[data-parameter="d_k"] .error', /9999/],
  ['not a power of two', '#/lesson/1-04?d_k=100', '[data-parameter="d_k"] .error', /2 的幂/],
  ['wrong type', '#/lesson/1-04?n=many', '[data-parameter="n"] .error', /many/],
  ['unknown option', '#/lesson/1-02?mode=both', '[data-parameter="mode"] .error', /both/],
  ['unknown parameter', '#/lesson/1-04?heads=8', '[data-figure] .error', /heads/],
  ['broken constraint', '#/lesson/1-02?part=2&n=7', '[data-parameter="n"] .error', /偶数/],
  ['empty text', '#/lesson/1-18?corpus=', '[data-parameter="corpus"] .error', /1 – 10000/],
  ['only spaces', '#/lesson/1-18?corpus=%20%20', '[data-parameter="corpus"] .error', /没有一个词/],
];
for (const [what, path, place, message] of wrong) {
  await test(`wrong input (${what}): the error stands where it happened, with a way on`, async () => {
    const { page, context, seen } = await visit(path);
    const error = page.locator(place).first();
    await error.waitFor();
    assert.match(await error.innerText(), message);
    await error.getByRole('button').last().click();
    await page.locator('[data-figure] figure').first().waitFor();
    await page.waitForFunction(() => !document.querySelector('[data-figure] .error'));
    assert.deepEqual(seen.errors, []);
    await context.close();
  });
}

await test('a megabyte of text is refused in place, keeps what was typed, and the page goes on', async () => {
  const { page, context } = await visit('#/lesson/1-18');
  await showMe(page);
  const corpus = page.locator('[data-parameter="corpus"] textarea');
  await corpus.fill('狗'.repeat(1_000_000));
  const error = page.locator('[data-parameter="corpus"] .error');
  await error.waitFor();
  assert.match(await error.innerText(), /1000000/);
  assert.equal((await corpus.inputValue()).length, 1_000_000);
  await corpus.fill('low low lower');
  await page.waitForFunction(() => !document.querySelector('[data-parameter="corpus"] .error'));
  await context.close();
});

await test("the reader's own text is tokenized: Chinese and emoji, no replacement sign", async () => {
  const { page, context } = await visit('#/lesson/1-18?part=2');
  await showMe(page);
  await page.locator('[data-parameter="probe"] textarea').fill('龘👩‍👩‍👧𠮷é');
  await page.waitForFunction(() => document.querySelector('[data-view="tokens"]').innerText.includes('龘'));
  const strip = await page.locator('[data-view="tokens"]').first().innerText();
  assert.ok(!strip.includes('\uFFFD'));
  await page.locator('[data-view="tokens"] .piece').first().click();
  assert.match(await page.locator('[data-view="tokens"] .detail').first().innerText(), /E9/);
  await context.close();
});

await test('the language switches everywhere and is kept', async () => {
  const { page, context } = await visit('#/lesson/1-04');
  await showMe(page);
  assert.match(await figureText(page), /头维度/);
  await page.getByRole('button', { name: 'English' }).click();
  assert.match(await figureText(page), /Head width/);
  assert.match(await page.locator('h1').innerText(), /Why scale/);
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.reload();
  await page.locator('h1').waitFor();
  assert.match(await page.locator('h1').innerText(), /Why scale/);
  await context.close();
});

await test('training plays, pauses, advances one update and starts again', async () => {
  const { page, context } = await visit('#/lesson/1-02');
  await showMe(page);
  const done = async () => Number((await page.locator('.player progress').getAttribute('aria-label')).split('/')[0]);
  await page.getByRole('button', { name: '暂停' }).click();
  await page.waitForTimeout(150);
  const rested = await done();
  assert.ok(rested < 600, `paused at ${rested}`);
  await page.waitForTimeout(200);
  assert.equal(await done(), rested);
  await page.getByRole('button', { name: '走一步' }).click();
  await page.waitForFunction((n) => Number(document.querySelector('.player progress').getAttribute('aria-label').split('/')[0]) === n, rested + 1);
  await page.getByRole('button', { name: '从头再来' }).click();
  await page.waitForFunction(() => document.querySelector('.player progress').getAttribute('aria-label').startsWith('0 /'));
  await page.getByRole('button', { name: '播放' }).click();
  await page.waitForFunction(() => document.querySelector('.player progress').getAttribute('aria-label').startsWith('600 /'), undefined, { timeout: 20_000 });
  await context.close();
});

await test('the stepper walks through the merges', async () => {
  const { page, context } = await visit('#/lesson/1-18');
  await showMe(page);
  const label = page.locator('[data-view="stepper"] p.label');
  await page.waitForFunction(() => document.querySelector('[data-view="stepper"] p.label')?.innerText.includes('8'));
  const steps = page.locator('[data-view="stepper"] .steps');
  await steps.getByRole('button', { name: '从头再来' }).click();
  assert.match(await label.innerText(), /第 0 次/);
  await steps.getByRole('button', { name: '下一步' }).click();
  assert.match(await label.innerText(), /第 1 次/);
  await context.close();
});

await test('any figure is a table too', async () => {
  const { page, context } = await visit('#/lesson/1-04');
  await showMe(page);
  await page.getByRole('button', { name: '看成表格' }).first().click();
  assert.match(await page.locator('[data-figure] table').first().innerText(), /1024/);
  await context.close();
});

await test('every setting of every check holds when run in the browser', async () => {
  const { page, context } = await visit('#/lesson/1-04', { language: 'en' });
  await showMe(page);
  await checkStates(page);
  await page.getByRole('button', { name: /Run all/ }).click();
  await page.getByRole('button', { name: /Run all/ }).and(page.locator(':enabled')).waitFor({ timeout: 120_000 });
  const states = await checkStates(page);
  assert.deepEqual([...new Set(states)], ['pass']);
  await context.close();
});

await test('usable at 360 px: nothing wider than the screen', async () => {
  for (const [lesson, parts] of lessons) {
    for (let part = 1; part <= parts; part += 1) {
      const { page, context } = await visit(`#/lesson/${lesson}?part=${part}`, { width: 360, height: 740 });
      await showMe(page);
      await checkStates(page);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 360, `${lesson} part ${part} is ${width} px wide`);
      await context.close();
    }
  }
});

await test('works with the server stopped after the first visit', async () => {
  const own = await serve(site);
  const { page, context } = await visit('#/lesson/1-04', { base: own.address });
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(async () => (await caches.keys()).length === 1 && (await (await caches.open((await caches.keys())[0])).keys()).length > 10);
  await own.close();
  await page.goto(own.address + '?again#/lesson/1-18');
  await page.reload();
  await showMe(page);
  assert.deepEqual((await checkStates(page)).filter((state) => state === 'fail' || state === 'error'), []);
  await context.close();
});

await test('the single file works from file://, without any request', async () => {
  for (const [lesson] of lessons) {
    const { page, context, seen } = await visit(`#/lesson/${lesson}`, { base: pathToFileURL(singleFile).href });
    await showMe(page);
    assert.deepEqual((await checkStates(page)).filter((state) => state === 'fail' || state === 'error'), []);
    assert.deepEqual(seen.errors, []);
    assert.ok(seen.requests.every((url) => /^(file|data|blob):/.test(url)), seen.requests.join('\n'));
    await context.close();
  }
});

await test('a corrupted engine gives an error in place, and trying again works', async () => {
  let broken = true;
  const { page, context } = await visit('#/lesson/1-04?d_k=64', {
    init: (p) =>
      p.route('**/*.wasm', async (route) => {
        if (!broken) return route.continue();
        return route.fulfill({ status: 200, contentType: 'application/wasm', body: Buffer.from('not a module') });
      }),
  });
  const error = page.locator('[data-figure] .error');
  await error.waitFor();
  assert.match(await error.innerText(), /加载失败/);
  broken = false;
  await error.getByRole('button', { name: '重试' }).click();
  await page.locator('[data-figure] figure').first().waitFor();
  await context.close();
});

await test('a truncated engine from the server is an error too, not a blank page', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'site-'));
  await cp(site, folder, { recursive: true });
  const assets = await readdir(join(folder, 'assets'));
  for (const name of assets.filter((file) => file.endsWith('.wasm'))) await writeFile(join(folder, 'assets', name), Buffer.from([0, 97, 115, 109, 1, 0]));
  const own = await serve(folder);
  const { page, context } = await visit('#/lesson/1-18?merges=3', { base: own.address });
  await page.locator('[data-figure] .error').waitFor();
  await context.close();
  await own.close();
  await rm(folder, { recursive: true });
});

await test('a lesson file that cannot be read says so and can be tried again', async () => {
  let broken = true;
  const { page, context } = await visit('#/lesson/1-04', {
    init: (p) =>
      p.route('**/_lesson_1-04*', (route) => (broken ? route.fulfill({ status: 200, contentType: 'text/javascript', body: 'export default {"version":9};' }) : route.continue())),
  });
  await page.locator('main .error').waitFor();
  assert.match(await page.locator('main .error').innerText(), /读不出来/);
  broken = false;
  await page.reload();
  await showMe(page);
  await context.close();
});

await test('a crashed worker is replaced and the reader told', async () => {
  const { page, context } = await visit('#/lesson/1-04', {
    init: (p) =>
      p.addInitScript(() => {
        const Real = Worker;
        globalThis.Worker = class extends Real {
          constructor(...all) {
            super(...all);
            globalThis.lastWorker = this;
          }
        };
      }),
  });
  await showMe(page);
  await checkStates(page);
  await page.locator('[data-more] summary').click();
  await page.evaluate(() => globalThis.lastWorker.dispatchEvent(new ErrorEvent('error', { message: 'crash' })));
  await page.locator('[data-parameter="n"] input.number').fill('32');
  await page.keyboard.press('Tab');
  await page.waitForFunction(() => document.querySelector('[data-parameter="n"] input.number').value === '32');
  await page.waitForTimeout(800);
  const error = page.locator('[data-figure] > .error');
  if (await error.count()) await error.getByRole('button').first().click();
  await page.waitForFunction(() => !document.querySelector('[data-figure] > .error'));
  assert.match(await page.locator('main').innerText(), /32/);
  await context.close();
});

await test('an unknown page and an unknown lesson say so', async () => {
  const { page, context } = await visit('#/nowhere');
  assert.match(await page.locator('main').innerText(), /没有这个页面/);
  await page.goto(server.address + '#/lesson/6-99');
  assert.match(await page.locator('main').innerText(), /还没有写好/);
  await context.close();
});

await test('no violation of accessibility rules (axe) on home and lessons, light and dark', async () => {
  const pages = full ? ['', ...lessons.flatMap(([id, parts]) => Array.from({ length: parts }, (_, i) => `#/lesson/${id}?part=${i + 1}`))] : ['', '#/lesson/1-02'];
  for (const path of pages) {
    for (const theme of ['light', 'dark']) {
      const { page, context } = await visit(path, { init: (p) => p.addInitScript((value) => localStorage.setItem('glassformer.theme', value), theme) });
      if (path) {
        await showMe(page);
        await checkStates(page);
      }
      await page.addScriptTag({ path: axeSource() }).catch(() => undefined);
      const source = await import('node:fs').then((fs) => fs.readFileSync(axeSource(), 'utf8'));
      await page.evaluate(source);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
      const serious = violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join(' | ')}`);
      assert.deepEqual(serious, [], `${path} ${theme}`);
      await context.close();
    }
  }
});

await browser.close();

await test('the main path works in Firefox', async () => {
  const fox = await firefox();
  try {
    const page = await fox.newPage();
    await page.goto(server.address + '#/lesson/1-02');
    await page.waitForSelector('[data-show-me]');
    await page.click('[data-show-me]');
    await page.waitForFunction(
      () => {
        const all = [...document.querySelectorAll('[data-check]')].map((e) => e.dataset.check);
        return all.length > 0 && all.every((state) => state === 'pass' || state === 'not_claimed');
      },
      { timeout: 40_000 },
    );
    assert.ok((await page.$$('[data-view="heatmap"] canvas')).length > 1);
    await page.goto(pathToFileURL(singleFile).href + '#/lesson/1-18');
    await page.waitForSelector('[data-show-me]');
    await page.click('[data-show-me]');
    await page.waitForSelector('[data-view="stepper"] .piece');
  } finally {
    await fox.close();
  }
});

await server.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);

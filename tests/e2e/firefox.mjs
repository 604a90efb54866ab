// The main paths in Firefox: find, study, export and import, interview, recall, laboratory, teacher. Prints "N passed, N failed".
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../../scripts/serve.mjs';
import { firefox, site } from './browsers.mjs';

let passed = 0;
let failed = 0;
const server = await serve(site);
const fox = await firefox();
const errors = [];

const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length);
async function test(name, body) {
  if (only && !name.includes(only)) return;
  const page = await fox.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  page.setDefaultTimeout(30_000);
  errors.length = 0;
  try {
    await body(page);
    assert.deepEqual(errors, []);
    passed += 1;
  } catch (error) {
    failed += 1;
    console.error(`FAILED ${name}\n${error.stack}\n`);
  }
  await page.close();
}
const open = (page, hash) => page.goto(server.address + hash);
const click = async (page, selector) => (await page.waitForSelector(selector)).click();
const texts = (page, selector) => page.$$eval(selector, (all) => all.map((e) => e.textContent));
const gone = (page, selector) => page.waitForFunction((s) => !document.querySelector(s), {}, selector);

await test('find: search, a filter, a term', async (page) => {
  await open(page, '?lang=zh#/?lang=en');
  await page.type('input[type=search]', 'byte pair');
  await page.waitForSelector('ol.ranked a[href="#/lesson/1-18"]');
  await click(page, '.finder .plain');
  await page.select('.finder select', '1');
  await page.waitForFunction(() => document.querySelectorAll('main section').length === 1);
  await open(page, '#/glossary/softmax');
  await page.waitForSelector('[data-term="softmax"].current');
});

await test('study: graded, kept, exported, erased, imported', async (page) => {
  await page.evaluateOnNewDocument(() => {
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => {
      void blob.text().then((text) => (globalThis.saved = text));
      return make(blob);
    };
  });
  await open(page, '#/lesson/1-04');
  await click(page, '[data-grade="3"]');
  await page.waitForSelector('[data-graded="3"]');
  await page.reload();
  await page.waitForSelector('[data-stage="young"]');
  await open(page, '#/data');
  await click(page, '[data-export]');
  await page.waitForFunction(() => globalThis.saved?.includes('glassformer-study'));
  const saved = await page.evaluate(() => globalThis.saved);
  await click(page, '[data-erase]');
  await click(page, '[data-erase-yes]');
  await page.waitForFunction(() => /^0 /.test(document.querySelector('[data-counts]').textContent));
  const folder = await mkdtemp(join(tmpdir(), 'firefox-'));
  for (const [name, text, then] of [['bad.json', saved.slice(0, 100), '[data-import-error]'], ['good.json', saved, '[data-replace]']]) {
    await writeFile(join(folder, name), text);
    await (await page.$('[data-import]')).uploadFile(join(folder, name));
    await page.waitForSelector(then);
  }
  await click(page, '[data-replace]');
  await page.waitForSelector('[data-imported]');
  assert.match((await texts(page, '[data-counts]'))[0], /^1 /);
  await open(page, '#/study');
  await page.waitForSelector('[data-due]');
  await rm(folder, { recursive: true });
});

await test('a mock interview from its start to the report', async (page) => {
  await open(page, '#/mock');
  await page.waitForSelector('[data-start]');
  await page.select('[data-count]', '1');
  await click(page, '[data-start]');
  await click(page, '[data-phase="ask"] [data-said]');
  await click(page, '[data-phase="rubric"] fieldset input');
  await click(page, '[data-next]');
  await click(page, '[data-phase="followup"] [data-show]');
  await click(page, '[data-judge="1"]');
  await page.waitForSelector('[data-report]');
});

await test('a recall card: set, answered, solved', async (page) => {
  await open(page, '#/cards/kv_cache?seed=3');
  await page.waitForSelector('.question');
  await page.type('[data-answer-box]', '1');
  await click(page, '[data-check]');
  await page.waitForSelector('[data-verdict="wrong"]');
  assert.ok((await page.$$('main table tr')).length >= 3);
});

await test('the laboratory: an experiment moved, the tokenizer playground', async (page) => {
  await open(page, '#/lab/attention.scaling?d_k=16');
  await page.waitForSelector('[data-figure] figure');
  await page.waitForFunction(() => document.querySelector('[data-parameter="d_k"] input.number')?.value === '16');
  await open(page, '#/lab/tokenizer');
  await page.waitForSelector('[data-tokenizer] .piece');
});

await test('teaching: shown large, embedded, fixed', async (page) => {
  await open(page, '#/present/1-04');
  await page.waitForSelector('[data-slide="question"] h1');
  await page.keyboard.press(' ');
  await page.waitForSelector('[data-slide="part"] .predict');
  await page.keyboard.press(' ');
  await page.waitForSelector('[data-figure] figure');
  await open(page, '?embed#/lesson/1-18?part=2');
  await page.waitForSelector('[data-embed] figure');
  assert.equal(await page.$('#app > header'), null);
  await open(page, '#/lesson/1-04?d_k=64&locked');
  await page.waitForSelector('[data-figure] figure');
  assert.equal(await page.$eval('main', (main) => main.classList.contains('locked')), true);
});

await test('without a server after the first visit', async (page) => {
  const own = await serve(site);
  await page.goto(own.address + '#/lesson/1-04');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await own.close();
  await page.reload();
  await click(page, '[data-show-me]');
  await page.waitForSelector('[data-figure] figure');
  await gone(page, '[data-figure] .error');
});

await fox.close();
await server.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);

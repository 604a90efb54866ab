// What a first visit costs before the first result: at most 600 KB, each answer gzipped. Prints "N passed, N failed".
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { root } from './browsers.mjs';
import { browser, finish, full, test, visit } from './harness.mjs';
import { lessonFile, lessonFiles } from './reader.mjs';

const most = 600 * 1024;
const engineOf = JSON.parse(readFileSync(`${root}build/wasm/engine/engines.json`, 'utf8'));
/** Every lesson, or the first that each engine has. */
const ids = lessonFiles().map((name) => name.replace(/^chapter-(\d+)\/(\d\d)-.*$/, '$1-$2')).sort();
const engine = (id) => engineOf[lessonFile(id).parts[0].experiment];
const some = full ? ids : [...new Map([...ids].reverse().map((id) => [engine(id), id])).values()];

const mostOfEngine = 300 * 1024;
await test(`each engine that a lesson waits for has at most ${mostOfEngine / 1024} KB`, () => {
  const engines = [...new Set(Object.values(engineOf))];
  const sizes = engines.map((name) => [name, gzipSync(readFileSync(`${root}build/wasm/engine/${name}.wasm`)).length]);
  console.log(sizes.map(([name, size]) => `${name} ${Math.round(size / 1024)} KB`).join(', '));
  assert.deepEqual(sizes.filter(([, size]) => size > mostOfEngine), []);
});

for (const id of some) {
  await test(`${id} shows its first result within ${most / 1024} KB`, async () => {
    const bodies = [];
    const { page, context } = await visit(`#/lesson/${id}?seed=1`, {
      serviceWorkers: 'block', // what is kept for later is fetched beside it, and is not waited for
      init: (p) =>
        p.on('response', (response) =>
          bodies.push(
            response.body().then(
              (body) => ({ name: new URL(response.url()).pathname, size: gzipSync(body).length }),
              () => ({ name: response.url(), size: 0 }),
            ),
          ),
        ),
    });
    await page.locator('[data-show-me]').click();
    await page.locator('[data-figure] figure').first().waitFor();
    const all = (await Promise.all(bodies)).sort((a, b) => b.size - a.size);
    const sum = all.reduce((total, { size }) => total + size, 0);
    console.log(`${id}: ${Math.round(sum / 1024)} KB gzip in ${all.length} answers, the engine ${Math.round(all.find(({ name }) => name.endsWith('.wasm')).size / 1024)} KB`);
    assert.ok(sum <= most, `${sum} bytes: ${all.slice(0, 8).map(({ name, size }) => `${name} ${size}`).join(', ')}`);
    await context.close();
  });
}

await test('a trained model is fetched when its experiment first runs, once, and by no other', async () => {
  const fetched = [];
  const { page, context } = await visit('#/lab/attention.scaling', {
    serviceWorkers: 'block',
    init: (p) => p.on('response', (response) => fetched.push(new URL(response.url()).pathname)),
  });
  const models = () => fetched.filter((name) => name.endsWith('.safetensors'));
  await page.locator('[data-figure] figure').first().waitFor();
  assert.deepEqual(models(), []);
  await page.evaluate(() => (location.hash = '#/lab/decoding.incremental'));
  const written = page.locator('[data-text=text]');
  await written.filter({ hasText: '2026-11-23' }).waitFor();
  await page.locator('[data-parameter=position_index] select').selectOption('off_by_one');
  await written.filter({ hasText: '22026-11-23' }).waitFor();
  assert.equal(models().length, 1, models().join(' '));
  await context.close();
});

await browser.close();
await finish();

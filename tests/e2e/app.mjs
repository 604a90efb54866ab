// The page as an application: its security policy, installing, without a network, a newer build. Prints "N passed, N failed".
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serve } from '../../scripts/serve.mjs';
import { singleFile, site } from './browsers.mjs';
import { browser, finish, server, test, visit, waitFor } from './harness.mjs';
import { checkStates, showMe } from './reader.mjs';

const single = pathToFileURL(singleFile).href;
const violations = (page) => page.evaluate(() => globalThis.violations);
const watchPolicy = (page) =>
  page.addInitScript(() => {
    globalThis.violations = [];
    document.addEventListener('securitypolicyviolation', (e) => globalThis.violations.push(`${e.effectiveDirective} ${e.blockedURI}`));
  });

for (const [name, base] of [['the site', server.address], ['the single file', single]]) {
  await test(`${name} breaks none of its own security policy on any kind of page`, async () => {
    const { page, context, seen } = await visit('#/lesson/1-02', { base, init: watchPolicy });
    await showMe(page);
    await checkStates(page);
    for (const path of ['#/', '#/present/1-04', '#/study', '#/review', '#/data', '#/mock', '#/cards/kv_cache?seed=1', '#/lab/tokenizer', '#/glossary', '#/views', '#/lesson/1-04?embed']) {
      await page.evaluate((hash) => (location.hash = hash), path);
      await page.waitForLoadState('networkidle');
      await waitFor(page, () => !document.querySelector('main .wait') && document.querySelector('main h1, main figure, main [data-done]'));
    }
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(seen.errors, []);
    await context.close();
  });

  await test(`${name} runs no script but its own: none put into the page, no eval, none from elsewhere`, async () => {
    const { page, context } = await visit('', { base, init: watchPolicy });
    await page.locator('h1').waitFor();
    const ran = await page.evaluate(async () => {
      const done = [];
      globalThis.intruder = (what) => done.push(what);
      const script = document.createElement('script');
      script.textContent = 'intruder("inline script")';
      document.body.append(script);
      document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="intruder(\'handler\')" alt="">');
      // From a task of the page's own: what the test itself evaluates is exempt.
      for (const [what, attempt] of [['eval', () => (0, eval)('1')], ['Function', () => new Function('return 1')()]]) {
        await new Promise((next) =>
          setTimeout(() => {
            try {
              attempt();
              done.push(what);
            } catch {
              // refused, as it should be
            }
            next();
          }),
        );
      }
      await import('data:text/javascript,intruder("data module")').catch(() => undefined);
      await import(URL.createObjectURL(new Blob(['intruder("blob module")'], { type: 'text/javascript' }))).catch(() => undefined);
      await fetch('https://example.org/').then(() => done.push('fetch'), () => undefined);
      await new Promise((next) => setTimeout(next, 100));
      return done;
    });
    assert.deepEqual(ran, []);
    const told = await violations(page);
    for (const part of [/script-src-elem inline/, /script-src-attr inline/, /script-src eval/, /connect-src https/]) {
      assert.ok(told.some((line) => part.test(line)), `${part} in ${told.join(', ')}`);
    }
    await context.close();
  });
}

await test('the policy allows the single file’s own scripts by their hash, and nothing unsafe but WebAssembly', async () => {
  for (const [file, wanted] of [[singleFile, /script-src( 'sha256-[\w+/=]{44}')+ 'wasm-unsafe-eval'(;|$)/], [join(site, 'index.html'), /script-src 'self' 'wasm-unsafe-eval'(;|$)/]]) {
    const html = await readFile(file, 'utf8');
    const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html.slice(0, 4000));
    assert.match(policy.replaceAll('&#39;', "'"), wanted);
  }
});

await test('it can be installed: the browser finds nothing missing, and every icon is what the manifest says', async () => {
  const { page, context } = await visit('');
  await page.evaluate(() => navigator.serviceWorker.ready);
  const devtools = await context.newCDPSession(page);
  const { url, errors } = await devtools.send('Page.getAppManifest');
  assert.equal(url, `${server.address}manifest.webmanifest`);
  assert.deepEqual(errors, []);
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  assert.deepEqual(installabilityErrors.filter((e) => e.errorId !== 'in-incognito'), []); // a test's reader is a private window
  const sizes = await page.evaluate(async () => {
    const manifest = await (await fetch('./manifest.webmanifest')).json();
    const apple = { src: document.querySelector('link[rel=apple-touch-icon]').href, sizes: '180x180' };
    return Promise.all(
      [...manifest.icons, apple].map(async ({ src, sizes: wanted }) => {
        const image = new Image();
        image.src = src;
        await image.decode();
        return wanted === 'any' || `${image.naturalWidth}x${image.naturalHeight}` === wanted ? 'right' : `${src}: ${image.naturalWidth}`;
      }),
    );
  });
  assert.equal(sizes.length, 5);
  assert.deepEqual([...new Set(sizes)], ['right']);
  await context.close();
});

await test('the offer to install: kept for a button of ours', async () => {
  const { page, context } = await visit('#/data', { language: 'en' });
  await page.locator('[data-counts]').waitFor();
  await page.evaluate(() => {
    const event = new Event('beforeinstallprompt', { cancelable: true });
    event.prompt = () => ((globalThis.prompted = true), Promise.resolve());
    dispatchEvent(event);
  });
  await page.locator('[data-install]').click();
  assert.equal(await page.evaluate(() => globalThis.prompted), true);
  assert.equal(await page.locator('[data-install]').count(), 0);
  await context.close();
});

await test('without a network: said once, and again the next time', async () => {
  const { page, context } = await visit('', { language: 'en' });
  await page.evaluate(() => navigator.serviceWorker.ready);
  const banner = page.locator('[data-offline]');
  assert.equal(await banner.count(), 0);
  await context.setOffline(true);
  await page.getByText('everything works').waitFor();
  await banner.getByRole('button').click();
  await page.getByText('everything works').waitFor({ state: 'detached' });
  await context.setOffline(false);
  await banner.waitFor({ state: 'detached' });
  await context.setOffline(true);
  await page.getByText('everything works').waitFor();
  await page.locator('.ready a').first().click();
  await showMe(page);
  await context.close();
});

await test('a newer build waits for the reader; until then the old one goes on, also without its server', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'site-'));
  await cp(site, folder, { recursive: true });
  const own = await serve(folder);
  const { page, context } = await visit('#/lesson/1-04', { base: own.address });
  await page.evaluate(() => navigator.serviceWorker.ready);
  const other = await context.newPage();
  await other.goto(own.address + '#/glossary');
  await waitFor(other, () => navigator.serviceWorker.controller !== null);
  assert.equal(await page.locator('[data-update]').count(), 0, 'the first visit is no update');
  // The newer build: a page that says so, and a list of another version.
  const html = await readFile(join(folder, 'index.html'), 'utf8');
  await writeFile(join(folder, 'index.html'), html.replace('<body>', '<body data-build="newer">'));
  const worker = await readFile(join(folder, 'sw.js'), 'utf8');
  await writeFile(join(folder, 'sw.js'), worker.replace(/glassformer-[0-9a-f]{16}/, 'glassformer-0123456789abcdef'));
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  for (const tab of [page, other]) await tab.locator('[data-update] p').waitFor();
  await page.reload();
  await page.locator('[data-update] p').waitFor(); // a reload is no consent: the other tab still reads the old one
  assert.equal(await page.locator('body[data-build]').count(), 0);
  await page.getByRole('button', { name: '刷新使用' }).click();
  await page.locator('body[data-build="newer"] h1').waitFor();
  assert.match(page.url(), /#\/lesson\/1-04$/);
  assert.equal(await page.locator('[data-update] p').count(), 0);
  // The other tab was left alone; what it has yet to fetch is still there, and it can follow when it likes.
  assert.equal(await other.locator('body[data-build]').count(), 0);
  await own.close();
  await other.evaluate(() => (location.hash = '#/mock'));
  await other.locator('[data-start]').waitFor();
  await other.getByRole('button', { name: '刷新使用' }).click();
  await other.locator('body[data-build="newer"] h1').waitFor();
  await context.close();
  await rm(folder, { recursive: true });
});

await browser.close();
await finish();

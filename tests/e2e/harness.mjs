// What the end-to-end files share: a server, a browser, a fresh reader per test, a count at the end.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { serve } from '../../scripts/serve.mjs';
import { axeSource, chromium, site } from './browsers.mjs';

export const full = process.argv.includes('--full');
const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length);

export const server = await serve(site);
export const browser = await chromium();

let passed = 0;
let failed = 0;
export async function test(name, body) {
  if (only && !name.includes(only)) return;
  try {
    await body();
    passed += 1;
  } catch (error) {
    failed += 1;
    console.error(`FAILED ${name}\n${error.stack}\n`);
  }
}

/** A fresh reader. Every request and every error of the page is kept; `now` fixes where the page's clock starts. */
export async function visit(path, options = {}) {
  const { language = 'zh', width = 1280, height = 900, base = server.address, theme, now, init, ...context } = options;
  const reader = await browser.newContext({
    viewport: { width, height },
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    acceptDownloads: true,
    ...context,
  });
  const page = await reader.newPage();
  if (now !== undefined) await page.clock.install({ time: now });
  const seen = { requests: [], errors: [] };
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && seen.errors.push(message.text()));
  if (theme) await page.addInitScript((value) => localStorage.setItem('glassformer.theme', value), theme);
  if (init) await init(page, reader);
  await page.goto(base + path);
  return { page, context: reader, seen };
}

export async function waitFor(page, predicate, argument, timeout = 15_000) {
  await page.waitForFunction(predicate, argument, { timeout });
}

/** For `visit`'s init: layout shifts add up from the page's first paint. `shifted` reads the sum, with what moved. */
export const noteShifts = (page) =>
  page.addInitScript(() => {
    globalThis.shifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if (!entry.hadRecentInput) globalThis.shifts.push([entry.value, ...entry.sources.map((s) => `${s.node?.nodeName}.${s.node?.className}`)]);
    }).observe({ type: 'layout-shift', buffered: true });
  });
export async function shifted(page) {
  const shifts = await page.evaluate(() => globalThis.shifts);
  return { total: shifts.reduce((sum, [value]) => sum + value, 0), shifts: JSON.stringify(shifts).slice(0, 400) };
}

const axe = readFileSync(axeSource(), 'utf8');
/** Fails with what axe finds against WCAG 2.2 A and AA and its own best practices. */
export async function assertAccessible(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => 
    globalThis.axe.run(document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } }),
  );
  const shown = violations.map(
    (v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? ''}`).join(' | ')}`,
  );
  assert.deepEqual(shown, [], what);
}

export async function assertNoWiderThan(page, width, what) {
  const wide = await page.evaluate((most) => {
    if (document.documentElement.scrollWidth <= most) return undefined;
    const at = [...document.querySelectorAll('main *, header *')].filter((e) => e.getBoundingClientRect().right > most + 1);
    return `${document.documentElement.scrollWidth} px: ${at.slice(0, 4).map((e) => e.tagName + '.' + e.className).join(', ')}`;
  }, width);
  assert.equal(wide, undefined, what);
}

/** The file that clicking gives. Chromium drops what a page asks for past ten downloads in a second: no faster than that. */
export async function downloaded(page, click) {
  await page.waitForTimeout(150);
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  const bytes = readFileSync(await download.path());
  return { name: download.suggestedFilename(), bytes, text: bytes.toString('utf8') };
}

export async function finish() {
  if (browser.isConnected()) await browser.close();
  await server.close();
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed || !passed ? 1 : 0);
}

// How long pictures take to be drawn again, in Chromium, from the page's own sources: a heatmap of 64 x 64, a chart of four
// curves with 1,000 points each, a strip of 128 heads scrolled. Needs scripts/setup, nothing else:
//
//   node tests/bench/views.mjs
import { chromium, root } from '../e2e/browsers.mjs';

process.env.NODE_ENV = 'production'; // Svelte's own checks are not what a reader waits for
const { createServer } = await import(`${root}web/node_modules/vite/dist/node/index.js`);
const { svelte } = await import(`${root}web/node_modules/@sveltejs/vite-plugin-svelte/src/index.js`);

const html = `<!doctype html><html lang="en"><head><link rel="stylesheet" href="/src/app/theme.css"></head><body><script type="module" src="/tests/views_speed.ts"></script></body></html>`;
const server = await createServer({
  root: `${root}web`,
  configFile: false,
  mode: 'production',
  logLevel: 'error',
  cacheDir: `${root}build/vite-bench`,
  optimizeDeps: { entries: ['tests/views_speed.ts'] },
  server: { port: 0, host: '127.0.0.1', hmr: false },
  plugins: [
    svelte({ compilerOptions: { dev: false, hmr: false }, emitCss: true }),
    {
      name: 'page',
      configureServer: (dev) => {
        dev.middlewares.use('/speed.html', (_, response) => response.setHeader('content-type', 'text/html').end(html));
      },
    },
  ],
});
await server.listen();
const browser = await chromium();
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
page.on('pageerror', (error) => console.error(String(error)));
await page.goto(`${server.resolvedUrls.local[0]}speed.html`);
await page.waitForFunction(() => globalThis.speed, undefined, { timeout: 120_000 });

const sorted = (list) => [...list].sort((a, b) => a - b);
const at = (list, share) => sorted(list)[Math.min(list.length - 1, Math.floor(share * list.length))].toFixed(1);
const problems = [];
for (const [kind, what] of [['heatmap', 'heatmap of 64 x 64'], ['chart', 'chart of 4 x 1,000 points']]) {
  await page.evaluate((name) => globalThis.speed.show(name), kind);
  await page.waitForTimeout(300);
  const spent = (await page.evaluate((name) => globalThis.speed.redraw(name, 120), kind)).slice(20);
  console.log(`${what} drawn again: median ${at(spent, 0.5)} ms, undisturbed ${at(spent, 0.1)}, 90% within ${at(spent, 0.9)} (wanted 8)`);
  if (Number(at(spent, 0.5)) >= 8) problems.push(`${what} takes ${at(spent, 0.5)} ms`);
}
await page.evaluate(() => globalThis.speed.show('heads'));
await page.waitForTimeout(300);
const { script, between } = await page.evaluate(() => globalThis.speed.scroll(240));
console.log(
  `128 heads scrolled: ${at(script, 0.5)} ms of script a frame (95% within ${at(script, 0.95)}); ` +
    `${at(between, 0.5)} ms between frames, 95% within ${at(between, 0.95)} (a screen has 16.7)`,
);
if (Number(at(script, 0.95)) >= 16.7) problems.push('scrolling 128 heads drops frames');
await browser.close();
await server.close();
console.log(problems.length ? `NOT MET: ${problems.join('; ')}` : 'all met');
process.exit(problems.length ? 1 : 0);

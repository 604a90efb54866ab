// The speed a reader feels, in the real browser on localhost. Prints figures and judges nothing: run it by hand.
import { gzipSync } from 'node:zlib';
import { serve } from '../../scripts/serve.mjs';
import { chromium, site } from './browsers.mjs';

const runs = 7;
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const server = await serve(site);
const browser = await chromium();

const interactive = [];
let transferred = 0;
for (let i = 0; i < runs; i += 1) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, serviceWorkers: 'block' });
  const page = await context.newPage();
  const bodies = [];
  page.on('response', (response) => response.url().startsWith('http') && bodies.push(response.body().catch(() => Buffer.alloc(0))));
  await page.goto(server.address + '#/lesson/1-04?d_k=64');
  // The figure is drawn from the engine's own frame: the first result. Time counts from the start of navigation.
  await page.locator('[data-view="cards"] dd').first().waitFor();
  interactive.push(await page.evaluate(() => performance.now()));
  transferred = (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body).length, 0);
  await context.close();
}

const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
const page = await context.newPage();
await page.goto(server.address + '#/lesson/1-04?d_k=512');
await page.locator('[data-view="cards"] dd').first().waitFor();
await page.waitForTimeout(1500);
const redraw = await page.evaluate(async () => {
  const slider = document.querySelector('[data-parameter="d_k"] input[type=range]');
  const cards = document.querySelector('[data-view="cards"]');
  const times = [];
  for (const position of [6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6, 7]) {
    const before = cards.textContent;
    const start = performance.now();
    slider.value = String(position);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    while (cards.textContent === before && performance.now() - start < 2000) await new Promise((next) => setTimeout(next, 0));
    times.push(performance.now() - start);
    await new Promise((next) => setTimeout(next, 60));
  }
  return times;
});
/** Moves the cursor over a heatmap: every step explains a cell, lights up its sources and paints all cells again. */
async function repaint(path, which) {
  await page.goto(server.address + path);
  const grid = page.locator(which).first();
  await grid.waitFor({ timeout: 60_000 });
  await page.waitForTimeout(1500);
  return grid.evaluate(async (element) => {
    const canvas = element.parentElement.querySelector('canvas');
    const key = (name) => element.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }));
    const whole = [];
    for (let i = 0; i < 60; i += 1) {
      const start = performance.now();
      key(i % 2 ? 'ArrowDown' : 'ArrowRight');
      await Promise.resolve(); // Svelte has brought the page up to date ...
      await new Promise((next) => queueMicrotask(next));
      canvas.getContext('2d').getImageData(0, 0, 1, 1); // ... and the canvas has really been drawn
      whole.push(performance.now() - start);
      await new Promise((next) => setTimeout(next, 10));
    }
    return { whole, cells: Number(element.getAttribute('aria-rowcount')) * Number(element.getAttribute('aria-colcount')) };
  });
}
const square = await repaint('#/lab/attention.scaling?rows=64&n=64&d_k=64', '[role=grid][aria-rowcount="64"][aria-colcount="64"]');

await browser.close();
await server.close();
console.log(`first lesson interactive: median ${median(interactive).toFixed(0)} ms of ${runs} (from navigation to the first computed figure)`);
console.log(`transferred before the first result: ${(transferred / 1024).toFixed(0)} KB gzip`);
console.log(`slider of 1-04, d_k: median ${median(redraw).toFixed(0)} ms, largest ${Math.max(...redraw).toFixed(0)} ms from input to changed page`);
console.log(`heatmap of ${square.cells} cells, cursor moved (explained, outlined, painted): median ${median(square.whole).toFixed(1)} ms, largest ${Math.max(...square.whole).toFixed(1)} ms`);

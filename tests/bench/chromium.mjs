// `glassformer bench` in Node and in Chromium, the same module, side by side.
//   node chromium.mjs [BEGINNING OF A NAME...]        (preparation: products.mjs, and npm ci in web/ for playwright-core)
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { chromium } from '../e2e/browsers.mjs';
import { loadEngine } from './engine.mjs';

const module = fileURLToPath(new URL('../../build/wasm/tests/glassformer_bench.mjs', import.meta.url));
const names = process.argv.slice(2);
const files = { '/engine.mjs': fileURLToPath(new URL('engine.mjs', import.meta.url)), '/glassformer_bench.mjs': module };
const server = createServer((request, response) => {
  const file = files[request.url];
  response.writeHead(file || request.url === '/' ? 200 : 404, { 'content-type': file ? 'text/javascript' : 'text/html' });
  response.end(file ? readFileSync(file) : '<!doctype html><title>bench</title>');
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));

const inNode = (await loadEngine(module))(...names);
const browser = await chromium();
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${server.address().port}/`);
const inChromium = await page.evaluate(async (chosen) => {
  const { loadEngine: load } = await import('/engine.mjs');
  return (await load('/glassformer_bench.mjs'))(...chosen);
}, names);
await browser.close();
server.close();
console.log(`${''.padEnd(60)} ${'Node'.padStart(10)} ${'Chromium'.padStart(10)}`);
inNode.forEach(({ name, unit, rate }, i) => {
  console.log(`${name.padEnd(60)} ${rate.toFixed(1).padStart(10)} ${inChromium[i].rate.toFixed(1).padStart(10)} ${unit}`);
});

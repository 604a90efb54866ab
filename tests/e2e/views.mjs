// The laboratory of views in Chromium: every kind of view on real frames, phone and desk, both languages, both themes.
// Screenshots for eyes go to build/views/. Prints "N passed, N failed".
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { root } from './browsers.mjs';
import { assertAccessible, finish, test, visit, waitFor } from './harness.mjs';
import { problemsOfFigures, smallTargets } from './pictures.mjs';

const folder = `${root}build/views/`;
mkdirSync(folder, { recursive: true });

/** The page of views with every run at its end and every figure drawn. */
async function open({ touch = false, width = 1280, ...options } = {}) {
  const reader = await visit('#/views', { width, height: width < 600 ? 844 : 900, hasTouch: touch, isMobile: touch, ...options });
  await waitFor(
    reader.page,
    () => {
      const all = document.querySelectorAll('[data-example]').length;
      return all > 0 && document.querySelectorAll('[data-settled="true"]').length === all;
    },
    undefined,
    60_000,
  );
  await reader.page.addStyleTag({ content: 'figure { content-visibility: visible !important; } header { position: static !important; }' });
  await waitFor(reader.page, () => !document.querySelector('figure .wait') && document.querySelector('.formula .katex'));
  await reader.page.waitForTimeout(300);
  return reader;
}
const figure = (page, kind, nth = 0) => page.locator(`figure[data-view="${kind}"]`).nth(nth);

for (const [width, touch] of [[390, true], [1280, false]]) {
  for (const language of ['zh', 'en']) {
    for (const theme of ['light', 'dark']) {
      await test(`pictures at ${width} px, ${language}, ${theme}`, async () => {
        const { page, context, seen } = await open({ width, language, theme, touch });
        const kinds = await page.locator('figure[data-view]').evaluateAll((all) => [...new Set(all.map((e) => e.dataset.view))]);
        const wanted = ['heatmap', 'matrix', 'line', 'training', 'bar', 'histogram', 'scatter', 'cards', 'table', 'tokens', 'arcs', 'formula', 'diagram', 'stepper', 'image'];
        assert.deepEqual(wanted.filter((kind) => !kinds.includes(kind)), []);
        const problems = await page.evaluate(problemsOfFigures);
        if (touch) problems.push(...(await page.evaluate(smallTargets)));
        for (const [i, example] of (await page.locator('[data-example]').all()).entries()) await example.screenshot({ path: `${folder}${width}-${language}-${theme}-${i}.png` });
        assert.deepEqual(problems, []);
        assert.deepEqual(seen.errors, []);
        await context.close();
      });
    }
  }
}

// A finger in the middle of a picture, kind by kind: what answers must say something it did not say before.
const answers = {
  heatmap: ['[role=grid]', '.explain'],
  matrix: ['[role=grid]', '.explain'],
  line: ['svg', '.keys'],
  training: ['svg', '.keys'],
  bar: ['svg', '.explain, .reading'],
  histogram: ['svg', '.note'],
  scatter: ['path.point >> nth=2', '.reading'],
  arcs: ['svg', '.legend'],
  tokens: ['.piece >> nth=1', '.detail'],
  table: ['th button', 'tbody'],
  diagram: ['[data-box] >> nth=1', '.inside'],
  image: ['svg', '.reading'],
  stepper: ['.steps button >> nth=0', 'p.label'],
  cards: ['.tools button', 'table'],
};
await test('every kind answers a finger', async () => {
  const { page, context, seen } = await open({ width: 390, touch: true });
  const silent = [];
  for (const [kind, [target, place]] of Object.entries(answers)) {
    const one = figure(page, kind);
    const said = () => one.locator(place).allInnerTexts();
    const on = one.locator(target).first();
    await on.scrollIntoViewIfNeeded();
    const before = await said();
    await page.waitForTimeout(50);
    const box = await on.boundingBox();
    // Left of the middle: among the queries of the arcs, over bars and cells of everything else.
    await on.tap({ position: kind === 'arcs' ? { x: 12, y: box.height / 2 } : { x: box.width * 0.45, y: box.height * 0.55 }, force: true });
    await page.waitForTimeout(150);
    if (JSON.stringify(await said()) === JSON.stringify(before)) silent.push(`${kind}: ${JSON.stringify(before).slice(0, 80)}`);
  }
  assert.deepEqual(silent, []);
  assert.deepEqual(seen.errors, []);
  await context.close();
});

await finish();

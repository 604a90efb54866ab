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

await finish();

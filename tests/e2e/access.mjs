// For every reader: axe on every kind of page in both languages and themes (--full: on every page), every width, the
// keyboard alone, still pictures, names that are read out, figures as tables. Prints "N passed, N failed".
import assert from 'node:assert/strict';
import { assertAccessible, assertNoWiderThan, browser, finish, full, server, test, visit, waitFor } from './harness.mjs';
import { checkStates, lessonFile, lessonFiles, showMe } from './reader.mjs';

const ids = lessonFiles().map((name) => name.replace(/^chapter-(\d+)\/(\d\d)-.*$/, '$1-$2')).sort();
const figure = (page) => page.locator('[data-figure] figure').first().waitFor();
const first = (selector) => (page) => page.locator(selector).first().waitFor();
async function lesson(page) {
  await page.locator('[data-show-me], [data-figure] figure').first().waitFor();
  if (await page.locator('[data-show-me]').count()) await showMe(page);
  await checkStates(page);
}
async function wholeLesson(page) {
  await lesson(page);
  if (await page.locator('[data-show-answer]').count()) await page.locator('[data-show-answer]').click();
  await page.locator('main').evaluate((main) => main.querySelectorAll('details').forEach((e) => (e.open = true)));
}
async function settled(page) {
  await waitFor(page, () => document.querySelectorAll('[data-figure] figure, figure').length > 0 && !document.querySelector('[data-figure] > progress'), undefined, 60_000);
}

/** Every kind of page, and what must be there before it is judged. */
const kinds = [
  ['#/', first('section li')],
  ['#/?q=softmax', first('ol.ranked li')],
  ['#/lesson/1-04', first('[data-show-me]')],
  ['#/lesson/1-02', wholeLesson],
  ['#/lesson/1-18?part=2', wholeLesson],
  ['#/lesson/1-04?d_k=64&embed', figure],
  ['#/lesson/1-04?d_k=64&locked', lesson],
  ['#/present/1-04', first('[data-slide="question"] h1')],
  ['#/study', first('[data-due]')],
  ['#/review', first('[data-done], [data-card]')],
  ['#/data', first('[data-counts]')],
  ['#/mock', first('[data-start]')],
  ['#/cards', first('[data-kind]')],
  ['#/cards/kv_cache?seed=1', first('[data-answer-box]')],
  ['#/lab', first('[data-experiment]')],
  ['#/lab/attention.scaling', settled],
  ['#/lab/tokenizer', first('[data-tokenizer] .piece')],
  ['#/glossary', first('[data-term]')],
  ['#/nowhere', first('h1')],
];

/** One page in all languages and themes, without loading it again. */
async function judge(page, path, what = path) {
  for (const [language, theme] of [['zh', 'light'], ['zh', 'dark'], ['en', 'dark'], ['en', 'light']]) {
    await page.evaluate(([lang, name]) => {
      document.documentElement.dataset.theme = name;
      const hash = location.hash || '#/';
      if (document.documentElement.lang !== lang) location.hash = `${hash.replace(/[?&]lang=\w\w/, '')}${hash.includes('?') ? '&' : '?'}lang=${lang}`;
    }, [language, theme]);
    await waitFor(page, (lang) => document.documentElement.lang === lang, language);
    await page.waitForTimeout(60); // colours have no transition; texts in the other language are set
    await assertAccessible(page, `${what} ${language} ${theme}`);
  }
}

/** Nothing has to be scrolled sideways. 320 px is WCAG 1.4.10 (a desk at 400 %), the spacing is 1.4.12. */
async function squeeze(page, path) {
  const tried = async (widths, what) => {
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(40);
      await assertNoWiderThan(page, width, `${path} at ${width} px${what}`);
    }
  };
  await tried([320, 360, 390, 600, 820, 1024, 1280, 1920, 2560], '');
  await page.addStyleTag({ content: '* { letter-spacing: 0.12em !important; word-spacing: 0.16em !important; line-height: 1.5 !important; } p { margin-bottom: 2em !important; }' });
  await tried([390, 640, 1280], ', spaced');
}

for (const [path, ready] of kinds) {
  await test(`axe and every width: ${path}`, async () => {
    const { page, context, seen } = await visit(path);
    await ready(page);
    await judge(page, path);
    await squeeze(page, path);
    assert.deepEqual(seen.errors, []);
    await context.close();
  });
}

if (full) {
  const walk = async (name, paths, ready) => {
    for (const path of paths) {
      await test(`axe: ${name} ${path}`, async () => {
        const { page, context } = await visit(path);
        await ready(page);
        await judge(page, path);
        await squeeze(page, path);
        await context.close();
      });
    }
  };
  await walk('lesson', ids.flatMap((id) => lessonFile(id).parts.map((_, i) => `#/lesson/${id}?part=${i + 1}`)), wholeLesson);
  const { page, context } = await visit('#/lab');
  await first('[data-experiment]')(page);
  const experiments = await page.locator('[data-experiment]').evaluateAll((all) => all.map((a) => a.dataset.experiment));
  await page.goto(server.address + '#/cards');
  await first('[data-kind]')(page);
  const cards = await page.locator('[data-kind]').evaluateAll((all) => all.map((a) => a.dataset.kind.slice('recall.'.length)));
  await context.close();
  await walk('experiment', experiments.filter((id) => !id.startsWith('recall.')).map((id) => `#/lab/${id}`), settled);
  await walk('card', cards.map((kind) => `#/cards/${kind}?seed=2`), first('[data-answer-box]'));
  await walk('presented', ids.map((id) => `#/present/${id}`), first('[data-slide="question"] h1'));
}

/** Presses Tab until the focus has gone round; what had it, with whether it could be seen. */
async function tabRound(page, most = 400) {
  const stops = [];
  for (let i = 0; i < most; i += 1) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const e = document.activeElement;
      if (!e || e === document.body) return null;
      globalThis.stopped ??= new Set();
      // A date has several stops of its own: the same element once more is not yet all round.
      if (e === globalThis.stoppedLast) return null; // its parts mark themselves
      const again = globalThis.stopped.has(e);
      globalThis.stopped.add(e);
      globalThis.stoppedLast = e;
      const box = e.getBoundingClientRect();
      const style = getComputedStyle(e);
      const at = document.elementFromPoint(Math.min(innerWidth - 1, Math.max(0, box.left + box.width / 2)), Math.min(innerHeight - 1, Math.max(0, box.top + Math.min(box.height / 2, 12))));
      return {
        again,
        what: `${e.tagName}.${e.className} "${(e.getAttribute('aria-label') ?? e.textContent).trim().slice(0, 30)}"`,
        ringed: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none',
        onScreen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.width > 0,
        covered: at !== null && !e.contains(at) && !at.contains(e) && at.closest('header') !== null && !e.closest('header'),
      };
    });
    if (stop?.again) break;
    if (stop) stops.push(stop); // none: the browser's own bar, between the last and the first
  }
  return stops;
}

await test('the keyboard reaches all there is to press, sees where it is, and is never caught', async () => {
  for (const [path, ready] of [['#/lesson/1-02', lesson], ['#/lab/attention.scaling', settled], ['#/study', first('[data-due]')], ['#/mock', first('[data-start]')], ['#/cards/kv_cache?seed=1', first('[data-answer-box]')], ['#/data', first('[data-counts]')]]) {
    const { page, context } = await visit(path);
    await ready(page);
    const stops = await tabRound(page);
    const missed = await page.evaluate(() =>
      [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
        .filter((e) => !e.disabled && e.tabIndex >= 0 && e.type !== 'radio' && e.checkVisibility({ visibilityProperty: true }) && !globalThis.stopped.has(e))
        .map((e) => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 30)}`),
    );
    assert.deepEqual(missed, [], `${path}: never reached`);
    assert.ok(stops.length > 5, path);
    const bad = (name, wrong) => assert.deepEqual(stops.filter(wrong).map((s) => s.what), [], `${path}: ${name}`);
    bad('focus not marked', (s) => !s.ringed);
    bad('focus out of sight', (s) => !s.onScreen);
    bad('focus under the header (WCAG 2.4.11)', (s) => s.covered);
    await context.close();
  }
});

await test('a lesson by keyboard alone: found, predicted, a cell explained, a parameter moved, the answer read, graded', async () => {
  const { page, context, seen } = await visit('', { language: 'en' });
  await page.locator('section li').first().waitFor();
  const press = (...keys) => keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());
  /** Tab until the focus is on what is meant. */
  const tabTo = async (selector) => {
    for (let i = 0; i < 200; i += 1) {
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
      await press('Tab');
    }
    throw new Error(`Tab never came to ${selector}`);
  };
  await press('/');
  await page.keyboard.type(lessonFile('1-02').question.en.split(' ').slice(0, 6).join(' '));
  await page.locator('ol.ranked a[href="#/lesson/1-02"]').waitFor();
  await tabTo('ol.ranked a[href="#/lesson/1-02"]');
  await press('Enter');
  await page.locator('.predict .options button').first().waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main', 'the focus is at the top of the new page');
  await tabTo('.predict .options button');
  await press('Enter');
  await page.locator('.predict .right').waitFor();
  await figure(page);
  const before = page.url();
  await tabTo('[data-controls] select, [data-controls] input[type=range]');
  await press('ArrowDown');
  await waitFor(page, (url) => location.href !== url, before);
  await tabTo('[role=grid]');
  await press('ArrowRight', 'ArrowDown');
  await page.locator('[data-explain]').first().waitFor();
  await tabTo('[data-show-answer]');
  await press('Enter');
  await page.locator('[data-answer]').waitFor();
  await tabTo('[data-grade="3"]');
  await press('Enter');
  await page.locator('[data-graded="3"]').waitFor();
  assert.deepEqual(seen.errors, []);
  await context.close();
});

await test('a mock interview by keyboard alone', async () => {
  const { page, context } = await visit('#/mock');
  await page.locator('[data-start]').waitFor();
  const go = async (selector) => {
    for (let i = 0; i < 120; i += 1) {
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press(selector.includes('input') ? ' ' : 'Enter');
  };
  await page.locator('[data-count]').selectOption('1');
  await go('[data-start]');
  await page.locator('[data-phase="ask"]').waitFor();
  await go('[data-said]');
  await page.locator('[data-phase="rubric"]').waitFor();
  await go('fieldset input');
  await go('[data-next]');
  await page.locator('[data-phase="followup"]').waitFor();
  await go('[data-show]');
  await go('[data-judge="1"]');
  await page.locator('[data-report]').waitFor();
  await context.close();
});

await test('a reader who asks for no motion gets none; one who does not may', async () => {
  for (const [reducedMotion, moves] of [['reduce', false], ['no-preference', true]]) {
    const { page, context } = await visit('#/lesson/1-03', { reducedMotion });
    await page.locator('[data-show-me], [data-figure] figure').first().waitFor();
    const long = await page.evaluate(() => {
      const probe = document.createElement('div');
      probe.style.cssText = 'transition: opacity 1s; animation: none; scroll-behavior: smooth';
      document.body.append(probe);
      return getComputedStyle(probe).transitionDuration;
    });
    assert.equal(long !== '0s', moves, `transitions with ${reducedMotion}`);
    await lesson(page);
    if (!moves) assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
    await context.close();
  }
});

await test('what is read out: every picture has a name, every cell its value, and every picture is a table too', async () => {
  for (const id of full ? ids : ['1-02', '1-04', '1-18']) {
    for (let part = 1; part <= lessonFile(id).parts.length; part += 1) {
      const { page, context } = await visit(`#/lesson/${id}?part=${part}`, { language: 'en' });
      await lesson(page);
      await page.addStyleTag({ content: 'figure { content-visibility: visible !important; }' });
      await waitFor(page, () => !document.querySelector('figure .wait'));
      const problems = await page.evaluate(() => {
        const found = [];
        for (const f of document.querySelectorAll('[data-figure] figure:not(figure figure)')) {
          const name = `${f.dataset.view} "${f.querySelector('figcaption .title')?.textContent.trim()}"`;
          if (f.dataset.view !== 'cards' && !f.querySelector('figcaption .title')?.textContent.trim()) found.push(`${name}: no caption`);
          for (const part of f.querySelectorAll('svg, canvas')) {
            const named = part.closest('[aria-label], [aria-labelledby], [role=grid]') ?? part.querySelector('title');
            if (!named && part.closest('[aria-hidden=true]') === null) found.push(`${name}: ${part.tagName} is neither named nor hidden`);
          }
          if (!['table', 'formula', 'stepper'].includes(f.dataset.view) && !f.querySelector('.tools [aria-pressed]')) found.push(`${name}: no table`);
        }
        return found;
      });
      assert.deepEqual(problems, [], `${id} part ${part}`);
      // As a table each has a header, rows, and something in them.
      const toggles = page.locator('[data-figure] .tools [aria-pressed]');
      for (let i = 0; i < (await toggles.count()); i += 1) await toggles.nth(i).click();
      const empty = await page.evaluate(() =>
        [...document.querySelectorAll('[data-figure] figure:not(figure figure)')]
          .filter((f) => f.querySelector('.tools [aria-pressed=true]'))
          .filter((f) => !f.querySelector('table th[scope=col]') || ![...f.querySelectorAll('table tbody td')].some((cell) => cell.textContent.trim()))
          .map((f) => f.dataset.view),
      );
      assert.deepEqual(empty, [], `${id} part ${part} as tables`);
      await context.close();
    }
  }
});

await browser.close();
await finish();

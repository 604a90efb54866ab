// Any cell explains itself: what is shown is recomputed here from the native build's frames, in real browsers.
import assert from 'node:assert/strict';
import { firefox } from './browsers.mjs';
import { assertAccessible, finish, server, test, visit } from './harness.mjs';
import { checkStates, element, lessonFile, lessons, nativeValues, read, rounded, showMe, trained } from './reader.mjs';

/** One derived cell from its inputs, in double: written apart from the page's own arithmetic. */
function recompute(values, name, cell) {
  const { derivation, axes, shape } = values[name];
  const at = Object.fromEntries(axes.map((axis, i) => [axis.name, cell[i]]));
  const input = (k, more = {}) => {
    const { value, index } = derivation.inputs[k];
    const where = { ...at, ...more };
    return element(values[value], index.map((entry) => where[entry] ?? Number(entry)));
  };
  const { factor = 1, axis, fill } = derivation.attributes;
  const along = axis ? [...Array(shape[axes.findIndex((a) => a.name === axis)]).keys()] : [];
  switch (derivation.op) {
    case 'matmul': {
      const contracted = derivation.inputs.flatMap(({ value, index }) =>
        index.map((entry, i) => [entry, values[value].shape[i]]).filter(([entry]) => !(entry in at)),
      );
      assert.equal(new Set(contracted.map(([entry]) => entry)).size, 1, 'this test knows one contracted index');
      const [over, extent] = contracted[0];
      let total = 0;
      for (let i = 0; i < extent; i += 1) total += derivation.inputs.reduce((product, _, k) => product * input(k, { [over]: i }), 1);
      return factor * total;
    }
    case 'scale':
      return factor * input(0);
    case 'mask':
      return input(1) !== 0 ? input(0) : { '-inf': -Infinity, inf: Infinity }[fill] ?? fill;
    case 'softmax': {
      const powers = along.map((i) => Math.exp(input(0, { [axis]: i })));
      return Math.exp(input(0)) / powers.reduce((a, b) => a + b, 0);
    }
    default:
      throw new Error(`teach this test ${derivation.op}`);
  }
}
const close = (shown, expected) =>
  shown === expected || (Number.isNaN(shown) && Number.isNaN(expected)) || Math.abs(shown - expected) <= 6e-4 * Math.abs(expected) + 1e-5;

/** Every heatmap and matrix of a part, those inside a stepper too. */
const pictures = (views) =>
  views.flatMap((view) => (view.views ? pictures(view.views) : ['heatmap', 'matrix'].includes(view.kind) ? [view] : []));

async function clickCell(page, grid, r, c) {
  const box = await grid.boundingBox();
  const rows = Number(await grid.getAttribute('aria-rowcount'));
  const columns = Number(await grid.getAttribute('aria-colcount'));
  await grid.click({ position: { x: ((c + 0.5) * box.width) / columns, y: ((r + 0.5) * box.height) / rows } });
}
const panelOf = (page) => page.locator('.explain[data-explain]');

let explained = 0;
for (const [id, parts] of lessons) {
  for (let index = 0; index < parts; index += 1) {
    const part = lessonFile(id).parts[index];
    const views = pictures(part.views);
    if (views.length === 0) continue;
    await test(`${id} part ${index + 1}: cells of every heatmap and matrix show the arithmetic that made them`, async () => {
      const values = nativeValues(part.experiment, part.parameters, part.seed);
      const { page, context } = await visit(`#/lesson/${id}?part=${index + 1}`);
      await showMe(page);
      await trained(page);
      await checkStates(page);
      for (const [v, view] of views.entries()) {
        const grid = page.locator('[data-view="heatmap"], [data-view="matrix"]').nth(v).locator('[role=grid]').first();
        const [rows, columns] = values[view.value].shape;
        const sample = [];
        for (let i = 0; i < Math.max(rows, columns); i += 1) sample.push([i % rows, i % columns], [i % rows, (i * 3 + 1) % columns]);
        sample.push([0, columns - 1], [rows - 1, 0]);
        for (const [r, c] of sample) {
          await clickCell(page, grid, r, c);
          const panel = panelOf(page);
          const name = `${view.value}[${r}, ${c}]`;
          if ((await panel.count()) === 0) await clickCell(page, grid, r, c); // it was chosen already, so that the click let go
          await page.locator(`.explain[data-explain="${name}"]`).waitFor();
          const expected = element(values[view.value], [r, c]);
          const head = await panel.locator('strong').innerText();
          assert.equal(read(head.split('=')[1]), rounded(expected), head);
          const lines = await panel.locator('.line').allInnerTexts();
          const again = recompute(values, view.value, [r, c]);
          assert.ok(close(read(lines.at(-1).slice(1)), again), `${name}: shown ${lines.at(-1)}, recomputed ${again}`);
          for (const source of await panel.locator('.line [data-source]').all()) {
            const [, from, at] = /^(\w+)\[(.*)\]$/.exec(await source.getAttribute('data-source'));
            const stands = element(values[from], at.split(', ').map(Number));
            assert.equal(read(await source.innerText()), rounded(stands), `${name} names ${from}[${at}]`);
          }
          explained += 1;
        }
      }
      await context.close();
    });
  }
}
await test('those were cells of real lessons', async () => assert.ok(explained > 80, `${explained} cells`));

await test('from a cell back to where it began, by keyboard alone; what it came from lights up in its own picture', async () => {
  const { page, context } = await visit('#/lesson/1-02');
  await showMe(page);
  await trained(page);
  const grid = page.locator('[data-view="heatmap"] [role=grid]').nth(1);
  await grid.focus();
  const before = await page.locator('[data-view="heatmap"] canvas').first().evaluate((c) => c.toDataURL());
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  await page.locator('.explain[data-explain="attention[1, 3]"]').waitFor();
  assert.match(await grid.locator('[role=gridcell]').innerText(), /query 1, key 3/);
  const after = await page.locator('[data-view="heatmap"] canvas').first().evaluate((c) => c.toDataURL());
  assert.notEqual(after, before, 'the row that softmax read is outlined in the picture of the scores');
  await page.keyboard.press('Enter');
  assert.ok(await page.evaluate(() => document.activeElement.matches('.explain [data-source]')));
  await page.keyboard.press('Enter');
  await page.locator('.explain[data-explain^="visible_scores[1, "]').waitFor();
  for (let i = 0; i < 2; i += 1) await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement.getAttribute('role') === 'grid');
  assert.equal(await panelOf(page).count(), 0);
  await context.close();
});

await test('back through mask and product to Q and K, whose pictures open where the page has none', async () => {
  const { page, context } = await visit('#/lesson/1-02', { language: 'en' });
  await showMe(page);
  await trained(page);
  const values = nativeValues('attention.qk_tying', lessonFile('1-02').parts[0].parameters);
  await clickCell(page, page.locator('[role=grid]').nth(1), 2, 3);
  await page.locator('.line [data-source="visible_scores[2, 3]"]').first().click();
  await page.locator('.line [data-source="scores[2, 3]"]').first().click();
  await page.locator('.explain[data-explain="scores[2, 3]"]').waitFor();
  assert.match(await page.locator('.explain .formula').innerText(), /0\.25 · Σd_k query\[query, d_k\] · key\[key, d_k\]/);
  const strips = page.locator('.strip');
  assert.equal(await strips.count(), 3);
  const shown = await strips.nth(0).locator('.cell').evaluateAll((all) => all.map((e) => e.getAttribute('title')));
  assert.deepEqual(shown.map(read), [...Array(16).keys()].map((d) => rounded(element(values.query, [2, d]))));
  await page.getByRole('button', { name: 'Show the picture of query' }).click();
  await page.locator('.explain [data-painted="query"]').waitFor();
  await page.getByRole('button', { name: 'Write out every term' }).click();
  assert.equal(await page.locator('.lines').nth(1).locator('[data-source]').count(), 32);
  await strips.nth(0).locator('.cell').nth(5).click();
  await page.locator('.explain[data-explain="query[2, 5]"]').waitFor();
  assert.match(await panelOf(page).innerText(), /starting point.*Q = X W_Q/i);
  await context.close();
});

await test('by finger at 390 px: a tap explains, and the panel never lies over the cell', async () => {
  const { page, context } = await visit('#/lesson/1-02', { width: 390, height: 844, hasTouch: true, isMobile: true });
  await page.locator('[data-show-me]').tap();
  await page.locator('[role=grid]').nth(1).waitFor();
  await trained(page);
  for (const [r, c] of [[0, 0], [9, 9], [9, 0], [4, 5]]) {
    const grid = page.locator('[role=grid]').nth(1);
    await grid.scrollIntoViewIfNeeded();
    const box = await grid.boundingBox();
    await grid.tap({ position: { x: ((c + 0.5) * box.width) / 10, y: ((r + 0.5) * box.height) / 10 } });
    await page.locator(`.explain[data-explain="attention[${r}, ${c}]"]`).waitFor();
    await page.waitForTimeout(50);
    const now = await grid.boundingBox();
    const panel = await page.locator('.explain.held').boundingBox();
    const cell = { top: now.y + (r * now.height) / 10, bottom: now.y + ((r + 1) * now.height) / 10 };
    assert.ok(cell.bottom <= panel.y + 1, `row ${r} ends at ${cell.bottom}, the panel begins at ${panel.y}`);
    assert.ok(cell.top >= 0 && panel.y + 60 < 844, `cell at ${cell.top}, panel at ${panel.y}`);
    await page.getByRole('button', { name: '关闭' }).tap();
    await page.waitForFunction(() => !document.querySelector('[data-explain]'));
  }
  await context.close();
});

await test('passing over cells with a mouse explains without moving what is below; a click holds', async () => {
  const { page, context } = await visit('#/lesson/1-02');
  await showMe(page);
  await trained(page);
  const grid = page.locator('[role=grid]').nth(0);
  await grid.scrollIntoViewIfNeeded();
  const box = await grid.boundingBox();
  const over = (r, c) => page.mouse.move(box.x + (c + 0.5) * (box.width / 10), box.y + (r + 0.5) * (box.height / 10));
  await over(1, 1);
  await page.locator('.explain[data-explain="visible_scores[1, 1]"]').waitFor();
  const place = () => page.locator('[data-view="heatmap"]').nth(1).evaluate((e) => e.offsetTop);
  const before = await place();
  for (const [r, c] of [[2, 3], [4, 4], [6, 2], [9, 9]]) {
    await over(r, c);
    await page.locator(`.explain[data-explain="visible_scores[${r}, ${c}]"]`).waitFor();
    assert.equal(await place(), before);
  }
  await page.mouse.down();
  await page.mouse.up();
  await over(3, 3);
  await page.waitForTimeout(60);
  assert.equal(await panelOf(page).getAttribute('data-explain'), 'visible_scores[9, 9]');
  await context.close();
});

await test('an explanation follows the numbers while a training plays', async () => {
  const { page, context } = await visit('#/lesson/1-02');
  await showMe(page);
  await page.getByRole('button', { name: '暂停' }).click();
  await clickCell(page, page.locator('[role=grid]').nth(1), 0, 1);
  const first = await panelOf(page).locator('strong').innerText();
  await page.getByRole('button', { name: '播放' }).click();
  await trained(page);
  assert.notEqual(await panelOf(page).locator('strong').innerText(), first);
  await assertAccessible(page, 'with an explanation open');
  await context.close();
});

await test('Firefox: a cell explains itself and leads back', async () => {
  const fox = await firefox();
  try {
    const page = await fox.newPage();
    await page.goto(server.address + '#/lesson/1-02');
    await (await page.waitForSelector('[data-show-me]')).click();
    await page.waitForFunction(() => document.querySelector('.player progress')?.value === 600, { timeout: 60_000 });
    await page.focus('[data-view="heatmap"]:nth-of-type(3) [role=grid], [data-view="heatmap"] ~ [data-view="heatmap"] [role=grid]');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.waitForSelector('.explain[data-explain="attention[1, 0]"]');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.explain[data-explain^="visible_scores[1, "]');
    const painted = await page.$eval('[data-view="heatmap"] canvas', (canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return new Set(Array.from({ length: data.length / 4 }, (_, i) => data[4 * i])).size;
    });
    assert.ok(painted > 10, 'cells are painted');
  } finally {
    await fox.close();
  }
});

await finish();

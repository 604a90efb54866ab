// Compare, presets, links, downloads, code: what a reader does with a result, in real browsers.
import assert from 'node:assert/strict';
import { firefox } from './browsers.mjs';
import { assertAccessible, assertNoWiderThan, downloaded, finish, noteShifts, server, shifted, test, visit } from './harness.mjs';
import { checkStates, element, lessonFile, nativeValues, read, rounded, showMe, trained } from './reader.mjs';

const pinButton = (page) => page.locator('[data-pin]');
const setting = (page, name) => page.locator(`[data-parameter="${name}"]`);
async function openMore(page) {
  if (!(await page.locator('[data-more][open]').count())) await page.locator('[data-more] summary').click();
}
const legendOf = (page, which) => page.locator(`[data-compare="${which}"] .legend`).first().innerText();

await test('a pinned run stands beside the current one on one scale, with their difference; both agree with the native build', async () => {
  const { page, context } = await visit('#/lesson/1-02');
  await showMe(page);
  await trained(page);
  await checkStates(page);
  await pinButton(page).click();
  assert.equal(await page.locator('[data-compare]').count(), 0, 'nothing to compare with itself');
  await setting(page, 'mode').locator('select').selectOption('separate');
  await page.locator('[data-compare="difference"]').first().waitFor();
  await trained(page);
  const part = lessonFile('1-02').parts[0];
  const pinned = nativeValues(part.experiment, part.parameters);
  const current = nativeValues(part.experiment, { ...part.parameters, mode: 'separate' });
  await page.waitForTimeout(200);
  assert.equal(await legendOf(page, 'current'), await legendOf(page, 'pinned'));
  assert.notEqual(await legendOf(page, 'difference'), await legendOf(page, 'current'));
  const scores = page.locator('[data-view="heatmap"]').first();
  let largest = 0;
  for (let r = 0; r < 10; r += 1) {
    for (let c = 0; c < 10; c += 1)
      largest = Math.max(largest, Math.abs(element(current.visible_scores, [r, c]) - element(pinned.visible_scores, [r, c])));
  }
  const said = await scores.locator('[data-compare="difference"] p').innerText();
  assert.equal(read(said.replace(/[^\d.e−-]/g, '')), rounded(largest), said);
  // A cell of the difference explains itself with both numbers.
  const grid = scores.locator('[data-compare="difference"] [role=grid]');
  await grid.focus();
  await page.keyboard.press('ArrowRight');
  const lines = await scores.locator('.explain[data-explain] .line').allInnerTexts();
  assert.equal(read(lines[0].split('=')[1]), rounded(element(current.visible_scores, [0, 0])));
  assert.equal(read(lines[1].split('=')[1]), rounded(element(pinned.visible_scores, [0, 0])));
  const delta = element(current.visible_scores, [0, 0]) - element(pinned.visible_scores, [0, 0]);
  assert.equal(read(lines.at(-1).slice(1)), rounded(delta));
  await assertAccessible(page, 'while two runs are compared');
  await context.close();
});

await test('cards show both numbers and what changed between them', async () => {
  const { page, context } = await visit('#/lesson/1-04', { language: 'en' });
  await showMe(page);
  await checkStates(page);
  const before = await page.locator('[data-view="cards"] dd').first().innerText();
  await pinButton(page).click();
  await setting(page, 'd_k').locator('input.number').fill('64');
  await page.keyboard.press('Tab');
  await page.locator('[data-view="cards"] [data-delta]').first().waitFor();
  const card = page.locator('[data-view="cards"] dl > div').first();
  const [now, then, delta] = (await card.locator('dd').allInnerTexts()).map((text) => text.replace(/^[^\d−+±-]*/, ''));
  assert.equal(then, before);
  assert.ok(Math.abs(read(now) - read(then) - read(delta)) < 0.06, `${now} − ${then} = ${delta}`);
  assert.match(await page.locator('[data-view="cards"] [data-delta]').last().innerText(), /pp/);
  await context.close();
});

await test('training runs overlay in one chart; three can be pinned, each named by what differs', async () => {
  const { page, context } = await visit('#/lesson/1-02?updates=60');
  await trained(page);
  for (const mode of ['separate', 'tied_no_diagonal']) {
    await pinButton(page).click();
    await setting(page, 'mode').locator('select').selectOption(mode);
    await page.waitForTimeout(300);
    await trained(page);
  }
  assert.equal(await page.locator('[data-pins]').getAttribute('data-pins'), '2');
  assert.equal(await page.locator('[data-view="training"] path.peer').count(), 2);
  const names = await page.locator('[data-pins] .pick').allInnerTexts();
  assert.equal(new Set(names).size, 2);
  assert.match(names.join(), /更新次数 = 60/);
  await page.locator('[data-pins] li button').last().click();
  assert.equal(await page.locator('[data-view="training"] path.peer').count(), 1);
  await context.close();
});

await test('sizes that differ cannot be subtracted, and the page says so', async () => {
  const { page, context } = await visit('#/lesson/1-02?updates=20');
  await trained(page);
  await pinButton(page).click();
  await setting(page, 'n').locator('input.number').fill('6');
  await page.keyboard.press('Tab');
  await page.locator('[data-compare="difference"]').first().waitFor();
  assert.match(await page.locator('[data-compare="difference"]').first().innerText(), /6×6.*10×10/s);
  await context.close();
});

await test('a copied link brings setting, seed and pinned runs to another reader', async () => {
  const { page, context } = await visit('#/lesson/1-04?d_k=64&seed=7', { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.locator('[data-view="cards"] dd').first().waitFor();
  await checkStates(page);
  await pinButton(page).click();
  await setting(page, 'scale').locator('select').selectOption('sqrt');
  await page.locator('[data-delta]').first().waitFor();
  await page.locator('[data-copy-link]').click();
  await page.waitForFunction(() => document.querySelector('[data-copy-link]').textContent.includes('已复制'));
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const cards = await page.locator('[data-view="cards"]').innerText();
  await context.close();
  const other = await visit(link.slice(link.indexOf('#')), { language: 'en' });
  await other.page.locator('[data-delta]').first().waitFor();
  assert.equal(await other.page.locator('html').getAttribute('lang'), 'zh', 'the link keeps the language it was copied in');
  assert.equal(await other.page.locator('[data-view="cards"]').innerText(), cards);
  assert.equal(await setting(other.page, 'd_k').locator('input.number').inputValue(), '64');
  await other.context.close();
});

await test('a pinned setting that the engine refuses is named, and the rest works', async () => {
  const { page, context } = await visit('#/lesson/1-04?d_k=64&pin=d_k%3D9999');
  await page.locator('[data-pins] .error').waitFor();
  assert.match(await page.locator('[data-pins] .error').innerText(), /9999/);
  await page.locator('[data-view="cards"] dd').first().waitFor();
  await context.close();
});

await test('presets: one tap sets them, the one in use is marked, reset goes back', async () => {
  const { page, context } = await visit('#/lesson/1-04');
  await showMe(page);
  await checkStates(page);
  const tries = page.locator('.try button');
  assert.equal(await page.locator('.try [aria-pressed="true"]').count(), 0);
  await tries.nth(1).click();
  assert.equal(await tries.nth(1).getAttribute('aria-pressed'), 'true');
  assert.equal(await page.locator('.try [aria-pressed="true"]').count(), 1);
  const expected = lessonFile('1-04').parts[0].try[1].parameters;
  for (const [name, value] of Object.entries(expected)) {
    const field = setting(page, name).locator('input.number, select');
    assert.equal(await field.inputValue(), String(value), name);
  }
  await page.getByRole('button', { name: '恢复预设', exact: true }).click();
  assert.equal(await page.locator('.try [aria-pressed="true"]').count(), 0);
  assert.ok(!/[?&]\w+=/.test(page.url()), page.url());
  assert.ok(await page.getByRole('button', { name: '恢复预设', exact: true }).isDisabled());
  await context.close();
});

/** Opens a figure's downloads and takes one. */
async function download(page, figure, kind) {
  if (!(await figure.locator('[data-download][aria-expanded="true"]').count())) await figure.locator('[data-download]').click();
  return downloaded(page, () => figure.getByRole('button', { name: kind, exact: false }).last().click());
}
async function everyFigureSaves(page, lesson, part) {
  const { experiment } = lessonFile(lesson).parts[part - 1];
  const figures = page.locator('[data-figure] figure:not(:has(figure))');
  const count = await figures.count();
  assert.ok(count > 3);
  for (let i = 0; i < count; i += 1) {
    const figure = figures.nth(i);
    const kind = await figure.getAttribute('data-view');
    const label = `${lesson} ${kind}`;
    await figure.scrollIntoViewIfNeeded();
    const png = await download(page, figure, 'PNG');
    assert.match(png.name, /^glassformer-[\w.-]+\.png$/, label);
    assert.equal(png.bytes.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n', label);
    const size = [png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)];
    const svg = await download(page, figure, 'SVG');
    assert.match(svg.name, /\.svg$/);
    const text = svg.text;
    const seen = await page.evaluate((source) => {
      const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
      const root = parsed.documentElement;
      const drawn = document.body.appendChild(document.importNode(root, true));
      const right = drawn.getBoundingClientRect().right;
      const passing = [...drawn.querySelectorAll(':scope > g > text')].filter((e) => e.getBoundingClientRect().right > right);
      const cut = passing.map((e) => e.textContent);
      drawn.remove();
      return { cut, error: parsed.querySelector('parsererror')?.textContent, width: Number(root.getAttribute('width')), height: Number(root.getAttribute('height')), text: root.textContent };
    }, text);
    assert.equal(seen.error, undefined, `${label}: ${seen.error}`);
    assert.deepEqual(size, [2 * seen.width, 2 * seen.height], `${label}: a PNG of twice the size`);
    assert.ok(!/var\(--/.test(text), `${label}: a colour of the page's style sheet is left`);
    const title = await figure.locator('.title').innerText();
    const together = (words) => words.replace(/\s/g, ''); // a long title goes on in the next line
    assert.ok(!title || together(seen.text).includes(together(title)), `${label}: no title`);
    assert.deepEqual(seen.cut, [], `${label}: words past the edge`);
    assert.ok(seen.text.includes(experiment), `${label}: what it was computed with`);
    // Something is in it: more than one colour.
    const colors = await page.evaluate(async (base64) => {
      const image = new Image();
      image.src = `data:image/png;base64,${base64}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [image.width, image.height];
      const pen = canvas.getContext('2d');
      pen.drawImage(image, 0, 0);
      const top = Math.min(image.height, 80);
      const { data } = pen.getImageData(0, top, image.width, image.height - top - 40);
      const found = new Set();
      for (let at = 0; at < data.length; at += 4) found.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
      return found.size;
    }, png.bytes.toString('base64'));
    assert.ok(colors > 8, `${label}: ${colors} colours`);
    if (await figure.getByRole('button', { name: 'CSV' }).count()) {
      const csv = (await download(page, figure, 'CSV')).text;
      assert.ok(csv.startsWith('\uFEFF') && csv.split('\r\n').length > 2, label);
    } else assert.equal(kind, 'formula', `${label} has no CSV`);
  }
  return count;
}
for (const [lesson, part, language] of [['1-02', 1, 'zh'], ['1-04', 1, 'zh'], ['1-18', 2, 'zh'], ['1-16', 1, 'en']]) {
  await test(`${lesson}: every figure is saved as PNG, SVG and CSV`, async () => {
    const { page, context, seen } = await visit(`#/lesson/${lesson}?part=${part}`, { language });
    await showMe(page);
    await trained(page);
    await checkStates(page);
    await everyFigureSaves(page, lesson, part);
    assert.deepEqual(seen.errors, []);
    await context.close();
  });
}

await test('a heatmap is saved whole, cell by cell, in the colours of the page', async () => {
  const { page, context } = await visit('#/lesson/1-02?updates=20');
  await trained(page);
  const svg = (await download(page, page.locator('[data-view="heatmap"]').first(), 'SVG')).text;
  const cells = await page.evaluate((source) => {
    const root = new DOMParser().parseFromString(source, 'image/svg+xml');
    return [...root.querySelectorAll('g rect')].filter((r) => Number(r.getAttribute('height')) > 15 && r.getAttribute('fill')).length;
  }, svg);
  assert.equal(cells, 100);
  await context.close();
});

await test('the code is highlighted, shows the values it runs with, wraps on a phone and can be copied', async () => {
  const { page, context } = await visit('#/lesson/1-04', { width: 390, height: 844, permissions: ['clipboard-read', 'clipboard-write'] });
  await showMe(page);
  await checkStates(page);
  await page.getByRole('button', { name: /看代码/ }).click();
  await page.locator('[data-code] .hljs-keyword').first().waitFor();
  const pre = page.locator('[data-code] pre').first();
  assert.match(await pre.innerText(), /arguments\.integer\("d_k"\) = 1024/);
  assert.match(await page.locator('[data-code] dl').innerText(), /d_k\s*1024/);
  assert.ok((await pre.evaluate((e) => e.scrollWidth - e.clientWidth)) <= 1, 'lines wrap');
  await assertNoWiderThan(page, 390, 'with the code open');
  await setting(page, 'd_k').locator('input.number').fill('64');
  await page.keyboard.press('Tab');
  await page.waitForFunction(() => document.querySelector('[data-code] pre').innerText.includes('("d_k") = 64'));
  await page.getByRole('button', { name: '复制代码' }).click();
  const code = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(code, /co_yield/);
  assert.ok(!code.includes('= 64;  //') && code.includes('const Experiment&'), 'the file as it stands');
  await assertAccessible(page, 'with the code open');
  await context.close();
});

await test('a dragged slider never queues: the engine is asked for what is newest', async () => {
  const { page, context } = await visit('#/lesson/1-04', {
    init: (p) =>
      p.addInitScript(() => {
        globalThis.begun = 0;
        const post = Worker.prototype.postMessage;
        Worker.prototype.postMessage = function (message, ...rest) {
          if (message?.kind === 'begin') globalThis.begun += 1;
          return post.call(this, message, ...rest);
        };
      }),
  });
  await showMe(page);
  await checkStates(page);
  const asked = await page.evaluate(async () => {
    const before = globalThis.begun;
    const slider = document.querySelector('[data-parameter="d_k"] input[type=range]');
    for (let i = 0; i < 300; i += 1) {
      slider.value = String(i % 9);
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    }
    slider.value = '4';
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    const start = performance.now();
    await new Promise((next) => setTimeout(next, 30));
    while (globalThis.begun - before < 2 && performance.now() - start < 3000) await new Promise((next) => setTimeout(next, 10));
    await new Promise((next) => setTimeout(next, 300));
    return globalThis.begun - before;
  });
  assert.ok(asked >= 1 && asked <= 4, `${asked} runs for 301 moves`);
  assert.equal(await setting(page, 'd_k').locator('input.number').inputValue(), '64');
  await context.close();
});

await test('nothing moves when the first result comes late, nor when the explanation of a prediction does', async () => {
  const late = async (page) => {
    await noteShifts(page);
    await page.route('**/*.wasm', async (route) => {
      await new Promise((done) => setTimeout(done, 1500));
      await route.continue();
    });
  };
  for (const [width, height] of [[390, 844], [1280, 900]]) {
    const { page, context } = await visit('#/lesson/1-04?d_k=64', { width, height, init: late });
    await page.locator('.figure [role=status]').waitFor();
    assert.equal(await page.locator('[data-figure] figure').count(), 0);
    await page.locator('[data-figure] figure').first().waitFor();
    await page.waitForTimeout(500);
    const { total, shifts } = await shifted(page);
    assert.ok(total < 0.05, `${width} px: ${total.toFixed(3)} ${shifts}`);
    // A training that is being watched: its prediction is answered at its end.
    await page.goto(server.address + '#/lesson/1-16?part=2');
    await page.locator('[data-show-me]').click();
    await page.locator('.predict .pending').waitFor();
    const place = () => page.locator('[data-figure]').evaluate((e) => e.getBoundingClientRect().top + scrollY);
    const before = await place();
    await page.locator('.predict .explain').waitFor({ timeout: 60_000 });
    assert.ok(Math.abs((await place()) - before) < 60, `${width} px: the figure went from ${before} to ${await place()}`);
    await context.close();
  }
});

await test('nothing on the page moves by itself: while a training plays and a slider is dragged', async () => {
  for (const [width, height] of [[390, 844], [1280, 800]]) {
    const { page, context } = await visit('#/lesson/1-02', { width, height, init: noteShifts });
    await showMe(page);
    await page.locator('[data-view="training"]').scrollIntoViewIfNeeded();
    await trained(page);
    await openMore(page);
    await page.waitForTimeout(700);
    await page.evaluate(async () => {
      const slider = document.querySelector('[data-parameter="n"] input[type=range]');
      for (const value of [4, 5, 6, 7, 6, 5]) {
        slider.value = String(value);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise((next) => setTimeout(next, 150));
      }
    });
    const { total, shifts } = await shifted(page);
    assert.ok(total < 0.05, `${width} px: ${total.toFixed(3)} ${shifts}`);
    await context.close();
  }
});

await test('the way of a tired candidate on a phone: question, think, predict, figure, no wall of controls', async () => {
  const { page, context } = await visit('#/lesson/1-04', { width: 390, height: 844, hasTouch: true, isMobile: true });
  await page.locator('[data-show-me]').waitFor();
  const top = (locator) => locator.first().evaluate((e) => e.getBoundingClientRect().top + scrollY);
  const order = [await top(page.locator('h1')), await top(page.locator('main section')), await top(page.locator('.predict'))];
  assert.deepEqual([...order].sort((a, b) => a - b), order);
  assert.ok(order[2] < 2 * 844, `predict begins at ${order[2]}`);
  await page.locator('.predict .options button').first().tap();
  await page.locator('[data-figure] figure').first().waitFor();
  const figure = await page.locator('[data-figure] figure').first().boundingBox();
  const second = await top(page.locator('[data-figure] figure').nth(1));
  const controls = second - (figure.y + (await page.evaluate(() => scrollY)) + figure.height);
  assert.ok(controls < 420, `${controls} px of controls between the first and the second figure`);
  for (const target of await page.locator('[data-figure] button:visible, [data-figure] select:visible, [data-figure] input[type=range]:visible').all()) {
    const box = await target.boundingBox();
    if (box) assert.ok(box.height >= 38, `${await target.evaluate((e) => e.outerHTML.slice(0, 80))} is ${box.height} px high`);
  }
  await context.close();
});

await test('Firefox: compare, presets, reset, link, downloads and code work', async () => {
  const fox = await firefox();
  try {
    const page = await fox.newPage();
    await page.goto(server.address + '#/lesson/1-04');
    await (await page.waitForSelector('[data-show-me]')).click();
    await page.waitForSelector('[data-view="cards"] dd');
    await page.waitForFunction(() => !document.querySelector('[data-pin]').disabled);
    await page.click('[data-pin]');
    await page.click('.try li:nth-child(2) button');
    await page.waitForSelector('[data-delta]');
    await page.waitForFunction(() => location.hash.includes('pin='));
    assert.equal((await page.$$('.try [aria-pressed="true"]')).length, 1);
    // The link: what would be put on the clipboard opens the same setting, pinned run and all.
    await page.evaluate(() => {
      navigator.clipboard.writeText = async (text) => void (globalThis.copied = text);
    });
    await page.$eval('[data-copy-link]', (button) => button.click()); // the page may still move under a pointer: the checks arrive
    await page.waitForFunction(() => globalThis.copied !== undefined);
    const link = await page.evaluate(() => globalThis.copied);
    const settings = (tab) => tab.$$eval('[data-parameter] input.number, [data-parameter] select', (all) => all.map((e) => e.value));
    const other = await fox.newPage();
    await other.goto(link);
    await other.waitForSelector('[data-delta]');
    assert.deepEqual(await settings(other), await settings(page));
    await other.close();
    // Reset: back to the preset, with nothing left in the address but the pin.
    const value = () => page.$eval('[data-parameter="d_k"] input.number', (input) => input.value);
    const tried = await page.$eval('[data-parameter="scale"] select', (select) => select.value);
    await page.evaluate(() => [...document.querySelectorAll('button')].find((b) => /^(恢复预设|Reset)$/.test(b.textContent.trim())).click());
    await page.waitForFunction(() => document.querySelectorAll('.try [aria-pressed="true"]').length === 0);
    assert.ok(!/[?&](d_k|scale)=/.test(await page.evaluate(() => location.hash.replace(/pin=[^&]*/g, ''))));
    assert.equal(await value(), String(lessonFile('1-04').parts[0].parameters.d_k ?? 1024));
    assert.ok(tried);
    // Downloads: what would be saved is looked at instead of written.
    const saved = await page.evaluate(async () => {
      const seen = [];
      const real = URL.createObjectURL;
      URL.createObjectURL = (blob) => (seen.push(blob), real.call(URL, blob));
      HTMLAnchorElement.prototype.click = () => undefined;
      for (const figure of [...document.querySelectorAll('[data-figure] figure')].slice(0, 3)) {
        figure.querySelector('[data-download]').click();
        await new Promise((next) => setTimeout(next, 50));
        for (const kind of ['PNG', 'SVG', 'CSV']) {
          const before = seen.length;
          [...figure.querySelectorAll('.tools button')].find((b) => b.textContent.trim() === kind).click();
          const start = performance.now();
          while (seen.length === before && performance.now() - start < 5000) await new Promise((next) => setTimeout(next, 20));
        }
      }
      return seen.map((blob) => [blob.type.split(';')[0], blob.size > 100]);
    });
    assert.deepEqual(saved, Array(3).fill([['image/png', true], ['image/svg+xml', true], ['text/csv', true]]).flat());
    await page.evaluate(() => [...document.querySelectorAll('button')].find((b) => b.textContent.includes('attention.scaling')).click());
    await page.waitForSelector('[data-code] .hljs-keyword');
  } finally {
    await fox.close();
  }
});

await finish();

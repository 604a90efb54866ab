// Studying in a real browser: grading, review, plan, the reader's data out and in. Prints "N passed, N failed".
import assert from 'node:assert/strict';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertAccessible, assertNoWiderThan, browser, downloaded, finish, server, test, visit, waitFor } from './harness.mjs';

const day = 86_400_000;
const noon = new Date(2026, 2, 5, 12).getTime();
const folder = await mkdtemp(join(tmpdir(), 'study-'));

const grade = async (page, rating) => {
  await page.locator(`[data-grade="${rating}"]`).click();
  await page.locator(`[data-graded="${rating}"]`).waitFor();
};
const counts = (page) => page.locator('[data-counts]').innerText();

await test('grading a lesson: the next date on each button, taken back, kept over a reload', async () => {
  const { page, context, seen } = await visit('#/lesson/1-04', { now: noon });
  const buttons = page.locator('[data-study] [data-grade]');
  await buttons.first().waitFor();
  const texts = await buttons.allInnerTexts();
  assert.equal(texts.length, 4);
  assert.match(texts[0], /忘了[\s\S]*10分钟后/);
  assert.match(texts[2], /答上来了[\s\S]*天后 · 3月/);
  assert.equal(await page.locator('[data-stage]').getAttribute('data-stage'), 'new');
  await grade(page, 3);
  assert.equal(await page.locator('[data-stage]').getAttribute('data-stage'), 'young');
  await page.getByRole('button', { name: '撤销' }).click();
  assert.equal(await page.locator('[data-stage]').getAttribute('data-stage'), 'new');
  await grade(page, 1);
  await page.reload();
  await page.locator('[data-stage="learning"]').waitFor();
  assert.deepEqual(seen.errors, []);
  await context.close();
});

await test('a note is kept per question', async () => {
  const { page, context } = await visit('#/lesson/1-04');
  await page.locator('[data-note]').fill('方差随 d_k 线性增长');
  await page.getByText('已保存').waitFor();
  await page.goto(server.address + '#/lesson/1-02');
  await page.locator('h1').filter({ hasText: 'Q 和 K' }).waitFor();
  await waitFor(page, () => document.querySelector('[data-note]')?.value === '');
  await page.goto(server.address + '#/lesson/1-04');
  await waitFor(page, () => document.querySelector('[data-note]')?.value === '方差随 d_k 线性增长');
  await context.close();
});

await test('what was graded comes up when due, in a session by keyboard alone', async () => {
  const { page, context } = await visit('#/study', { now: noon });
  await page.getByText('还没有开始').waitFor();
  for (const id of ['1-02', '1-04']) {
    await page.goto(server.address + `#/lesson/${id}`);
    await grade(page, 3);
  }
  await page.goto(server.address + '#/study');
  assert.equal(await page.locator('[data-due]').innerText(), '0');
  assert.match(await page.locator('main').innerText(), /下一批：\d天后/);
  await page.clock.setSystemTime(noon + 9 * day);
  await page.reload();
  await page.locator('[data-due]').waitFor();
  assert.equal(await page.locator('[data-due]').innerText(), '2');
  await page.getByRole('link', { name: '开始复习' }).click();
  await page.locator('[data-card="1-02"] [data-reveal]').waitFor();
  assert.equal(await page.locator('[data-answer]').count(), 0);
  await page.keyboard.press(' ');
  await page.locator('[data-answer]').waitFor();
  await page.keyboard.press('1'); // forgotten: it comes again at the end
  await page.locator('[data-card="1-04"] [data-reveal]').waitFor();
  assert.match(await page.locator('[data-remaining]').innerText(), /2/);
  await page.keyboard.press(' ');
  await page.keyboard.press('3');
  await page.locator('[data-card="1-02"] [data-reveal]').waitFor();
  await page.keyboard.press(' ');
  await page.keyboard.press('3');
  await page.locator('[data-done]').waitFor();
  assert.match(await page.locator('[data-done]').innerText(), /共 3 张，其中 1 张没答上来/);
  await context.close();
});

await test('an interview date plans the days; a past one says so', async () => {
  const { page, context } = await visit('#/study', { now: noon, language: 'en' });
  await page.locator('[data-interview-date]').fill('2026-03-15');
  await page.locator('[data-interview-date]').blur();
  const rows = page.locator('[data-plan] tbody tr');
  await rows.first().waitFor();
  assert.equal(await rows.count(), 10);
  assert.match(await rows.first().innerText(), /Thu,? 5 Mar[\s\S]*1-02[\s\S]*min/);
  assert.match(await page.locator('main').innerText(), /10 days left/);
  await page.reload();
  await rows.first().waitFor();
  await page.locator('[data-interview-date]').fill('2026-03-01');
  await page.locator('[data-interview-date]').blur();
  await page.getByText('That date is today or past').waitFor();
  await context.close();
});

await test('export, erase, import: everything comes back; a second device merges', async () => {
  const { page, context } = await visit('#/lesson/1-04', { now: noon });
  await grade(page, 3);
  await page.locator('[data-note]').fill('记一笔');
  await page.getByText('已保存').waitFor();
  await page.goto(server.address + '#/data');
  assert.match(await counts(page), /1 张卡片，1 次打分，1 条笔记/);
  const { name, text } = await downloaded(page, () => page.locator('[data-export]').click());
  assert.equal(name, 'glassformer-2026-03-05.json');
  assert.equal(JSON.parse(text).format, 'glassformer-study');
  await page.locator('[data-erase]').click();
  await page.locator('[data-erase-yes]').click();
  await page.getByText(/0 张卡片/).waitFor();
  const file = join(folder, name);
  await writeFile(file, text);
  await page.locator('[data-import]').setInputFiles(file);
  await page.locator('[data-replace]').click();
  await page.locator('[data-imported]').waitFor();
  await page.reload();
  await page.getByText(/1 张卡片，1 次打分，1 条笔记/).waitFor();
  await page.locator('[data-import]').setInputFiles(file);
  await page.locator('[data-merge]').click();
  await page.locator('[data-imported]').waitFor();
  assert.match(await counts(page), /1 张卡片，1 次打分，1 条笔记/);
  await context.close();
});

await test('a bad file is refused whole: the message says where, nothing is overwritten', async () => {
  const { page, context } = await visit('#/lesson/1-04', { now: noon });
  await grade(page, 3);
  await page.goto(server.address + '#/data');
  await page.locator('[data-counts]').waitFor();
  const before = await counts(page);
  const good = JSON.parse((await downloaded(page, () => page.locator('[data-export]').click())).text);
  const bad = structuredClone(good);
  bad.cards.push({ ...bad.cards[0], id: '1-02', due: 'tomorrow' });
  const file = join(folder, 'bad.json');
  for (const [content, message] of [
    [JSON.stringify(bad), /没有导入[\s\S]*cards\[1\]\.due[\s\S]*tomorrow/],
    [JSON.stringify(good).slice(0, 200), /不是 JSON/],
    ['{"format":"anki"}', /glassformer-study/],
    [Buffer.from([0xff, 0xfe, 0, 1]), /不是 JSON/],
  ]) {
    await writeFile(file, content);
    await page.locator('[data-import]').setInputFiles(file);
    const error = page.locator('[data-import-error]');
    await error.waitFor();
    assert.match(await error.innerText(), message);
    assert.equal(await page.locator('[data-replace]').count(), 0);
    assert.equal(await counts(page), before);
  }
  await page.reload();
  await page.locator('[data-counts]').waitFor();
  assert.equal(await counts(page), before);
  await context.close();
});

await test('the Anki file: header lines, one row a question, formulas for MathJax', async () => {
  const { page, context } = await visit('#/data');
  const { name, text } = await downloaded(page, () => page.locator('[data-anki]').click());
  assert.equal(name, 'glassformer-anki-zh.txt');
  const lines = text.trimEnd().split('\n');
  assert.deepEqual(lines.slice(0, 5), ['#separator:tab', '#html:true', '#deck:Glassformer', '#guid column:1', '#tags column:4']);
  const rows = lines.slice(5).map((line) => line.split('\t'));
  assert.ok(rows.length >= 3);
  for (const row of rows) {
    assert.equal(row.length, 4, row[0]);
    assert.ok(row.every((field) => field.startsWith('"') && field.endsWith('"')));
    assert.match(row[0], /^"glassformer-\d-\d\d-zh"$/);
    assert.ok(!/katex|<a /.test(row.join()), 'the page’s own markup has no place in Anki');
    assert.match(row[3], /chapter-\d/);
  }
  assert.ok(rows.some((row) => row[2].includes('\\(\\sqrt{d_k}\\)')));
  await context.close();
});

await test('storage refused: a plain message, and studying goes on in memory', async () => {
  const { page, context, seen } = await visit('#/lesson/1-04', {
    init: (p) =>
      p.addInitScript(() => {
        Object.defineProperty(globalThis, 'indexedDB', {
          value: { open: () => { throw new DOMException('refused', 'SecurityError'); } },
        });
      }),
  });
  const trouble = page.locator('[data-study] [data-trouble]');
  await trouble.waitFor();
  assert.equal(await trouble.getAttribute('data-trouble'), 'forbidden');
  assert.match(await trouble.innerText(), /无痕窗口/);
  await grade(page, 3);
  await page.goto(server.address + '#/data');
  assert.match(await counts(page), /1 张卡片/);
  const { text } = await downloaded(page, () => page.locator('[data-export]').click());
  assert.equal(JSON.parse(text).cards.length, 1);
  assert.deepEqual(seen.errors, []);
  await context.close();
});

await test('a database of a newer page is left alone and named', async () => {
  const { page, context } = await visit('#/nowhere');
  await page.evaluate(
    () =>
      new Promise((done, failed) => {
        const open = indexedDB.open('glassformer-study', 99);
        open.onupgradeneeded = () => open.result.createObjectStore('future');
        open.onsuccess = () => (open.result.close(), done());
        open.onerror = () => failed(open.error);
      }),
  );
  await page.goto(server.address + '#/study');
  await page.locator('[data-trouble="newer"]').waitFor();
  await context.close();
});

await test('two tabs show the same: a grading in one is seen in the other', async () => {
  const { page, context } = await visit('#/study');
  await page.locator('[data-due]').waitFor();
  const other = await context.newPage();
  await other.goto(server.address + '#/lesson/1-04');
  await grade(other, 3);
  await page.getByText(/下一批/).waitFor();
  await context.close();
});

await test('Safari: the seven-day rule is told, with how to install', async () => {
  const userAgent =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';
  const { page, context } = await visit('#/data', { userAgent, width: 390, height: 844, now: noon });
  assert.match(await page.locator('[data-seven-days]').innerText(), /七天[\s\S]*添加到主屏幕/);
  // A week is too late there: the next day's sitting already reminds.
  await page.goto(server.address + '#/lesson/1-04');
  await grade(page, 3);
  await page.clock.setSystemTime(noon + day + 60_000);
  await page.goto(server.address + '#/study');
  await page.reload();
  assert.match(await page.locator('[data-remind]').innerText(), /七天/);
  await context.close();
  const other = await visit('#/data');
  await other.page.locator('[data-counts]').waitFor();
  assert.equal(await other.page.locator('[data-seven-days]').count(), 0);
  await other.context.close();
});

await test('the study page reminds of a backup after a week, and no longer once it is made', async () => {
  const { page, context } = await visit('#/lesson/1-04', { now: noon });
  await grade(page, 3);
  const reminder = page.locator('[data-remind]');
  const later = async (days) => {
    await page.clock.setSystemTime(noon + days * day);
    await page.goto(server.address + '#/study');
    await page.reload();
    await page.locator('[data-due]').waitFor();
  };
  await later(6);
  assert.equal(await reminder.count(), 0);
  await later(8);
  assert.match(await reminder.innerText(), /还没有备份过/);
  const { text } = await downloaded(page, () => page.locator('[data-remind-export]').click());
  assert.equal(JSON.parse(text).reviews.length, 1);
  await reminder.waitFor({ state: 'detached' });
  await later(30);
  assert.equal(await reminder.count(), 0, 'nothing new since');
  await context.close();
});

await test('automatic backup writes the chosen file after a change, and says when it cannot', async () => {
  const { page, context } = await visit('#/data', {
    init: (p) =>
      p.addInitScript(() => {
        // The picker cannot be clicked by a test; a file in the browser's private folder has the same interface.
        globalThis.showSaveFilePicker = async ({ suggestedName }) => {
          const root = await navigator.storage.getDirectory();
          return root.getFileHandle(suggestedName, { create: true });
        };
      }),
  });
  const content = (p) =>
    p.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      return (await (await root.getFileHandle('glassformer-backup.json')).getFile()).text();
    });
  await page.locator('[data-auto]').click();
  await page.locator('[data-backup="on"]').waitFor();
  assert.match(await page.locator('[data-backup]').innerText(), /glassformer-backup\.json/);
  await page.goto(server.address + '#/lesson/1-04');
  await grade(page, 4);
  await page.waitForTimeout(3000);
  assert.equal(JSON.parse(await content(page)).reviews[0].rating, 4);
  await page.reload(); // the file is taken up again
  await grade(page, 3);
  await page.waitForTimeout(3000);
  assert.equal(JSON.parse(await content(page)).reviews.length, 2);
  await page.goto(server.address + '#/data');
  await page.evaluate(() => {
    FileSystemFileHandle.prototype.createWritable = () => Promise.reject(new DOMException('gone', 'NotFoundError'));
  });
  await page.locator('[data-erase]').click();
  await page.locator('[data-erase-yes]').click();
  await page.locator('[data-backup="failed"]').waitFor();
  await context.close();
});

await test('narrow screens and axe: study, review, data in both languages and themes', async () => {
  for (const [language, theme] of [['zh', 'light'], ['en', 'dark']]) {
    const { page, context } = await visit('#/lesson/1-04', { language, theme, width: 360, height: 740, now: noon });
    await grade(page, 3);
    await page.goto(server.address + '#/study');
    await page.locator('[data-interview-date]').fill('2026-03-25');
    await page.locator('[data-interview-date]').blur();
    await page.locator('[data-plan]').waitFor();
    await page.clock.setSystemTime(noon + 9 * day);
    for (const path of ['#/study', '#/review', '#/data']) {
      await page.goto(server.address + path);
      await page.reload();
      await page.locator('[data-due], [data-reveal], [data-counts]').first().waitFor();
      await assertNoWiderThan(page, 360, path);
      await assertAccessible(page, `${path} ${language} ${theme}`);
    }
    await page.goto(server.address + '#/review');
    await page.locator('[data-reveal]').click();
    await assertAccessible(page, `review, revealed, ${language} ${theme}`);
    await context.close();
  }
});

await rm(folder, { recursive: true });
await browser.close();
await finish();

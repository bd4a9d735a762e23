import { appendFile, cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { startLogHarness } from './log/harness.js';
import type { LogHarness } from './log/harness.js';

/** How often the browser is killed; KILLS=50 for the long run. */
const kills = Number(process.env['KILLS'] ?? 10);

let harness: LogHarness;

// No trace can be had from a browser that is killed.
test.use({ trace: 'off' });

test.beforeEach(async () => {
  harness = await startLogHarness();
});
test.afterEach(() => harness.close());

test(`killing the browser ${kills} times during writes loses no confirmed record and leaves no gap or duplicate`, async () => {
  test.setTimeout(240_000 + kills * 30_000);
  const confirmed = new Map<number, string>();
  let before = 0;
  let rebuilt = 0;

  for (let round = 0; round <= kills; round++) {
    const browser = await harness.startBrowser();
    const { restored, copy } = await browser.page.evaluate(() => logHarness.openCopied());
    if (restored) rebuilt++;
    expect(copy).toEqual({ state: 'written' });
    const { rows, bytes, state, indexed, failed, indexedFailed } = await browser.page.evaluate(() =>
      logHarness.inspect(),
    );

    expect(rows.map(([seq]) => seq)).toEqual(rows.map((_, i) => i + 1));
    const stored = new Map(rows);
    expect([...confirmed].filter(([seq, data]) => stored.get(seq) !== data)).toEqual([]);
    expect(new Set(rows.map(([, data]) => data)).size).toBe(rows.length);
    if (round > 0) expect(state).toMatchObject({ count: rows.length, nextSeq: rows.length + 1, usedBytes: bytes });
    expect([indexed, indexedFailed]).toEqual([rows.length, failed]);
    // A batch is there as a whole or not at all.
    expect(rows.filter(([, data]) => data.endsWith('-99'))).toHaveLength(
      rows.filter(([, data]) => data.endsWith('-1')).length,
    );
    if (round > 0) expect(confirmed.size).toBeGreaterThan(before);
    before = confirmed.size;

    if (round === kills) break;
    // So large that nothing is trimmed: every record ever written must be there.
    if (round === 0) await browser.page.evaluate(() => logHarness.setCapacityCopied(2 ** 30));
    browser.page.on('console', (message) => {
      const [, json] = /^confirmed (.*)/s.exec(message.text()) ?? [];
      if (json === undefined) return;
      for (const [seq, data] of JSON.parse(json) as [number, string][]) confirmed.set(seq, data);
    });
    const first = browser.page.waitForEvent('console', (message) => message.text().startsWith('confirmed'));
    browser.page.evaluate((tag) => logHarness.writeCopied(tag), `r${round}`).catch(() => undefined); // ends with the kill
    await first;
    await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 400));
    await browser.kill();
  }
  console.log(`${kills} kills, ${before} records confirmed, the database rebuilt ${rebuilt} times`);
});

test('a torn end that makes Chromium throw the database away loses nothing, however often the browser is killed', async () => {
  // What a kill leaves between two writes of LevelDB: the head of an entry (checksum, length 129, whole) without its
  // body. The next start appends behind it, the one after takes the file for damaged (google/leveldb#1287).
  const told: unknown[] = [];
  const head = Buffer.from('f86f9a60810001', 'hex');
  for (const round of [0, 1, 2, 3]) {
    const browser = await harness.startBrowser();
    const { restored } = await browser.page.evaluate(() => logHarness.openCopied());
    if (restored) told.push(restored);
    const list = await browser.page.evaluate(() => logHarness.setting('list'));
    expect(list).toBe(round === 0 ? undefined : `as of round ${round - 1}`);
    expect(await browser.page.evaluate(() => logHarness.appendCopied(1, 'kept'))).toEqual([round + 1]);
    await browser.page.evaluate((n) => logHarness.putCopied('list', `as of round ${n}`), round);
    await browser.kill();
    await appendFile(await harness.journal(), head);
  }
  expect(told.length).toBeGreaterThan(0);
  expect(told[0]).toMatchObject({ why: 'empty' });
});

test('two workers want the one copy: neither is stopped, and both logs are in it', async () => {
  const browser = await harness.startBrowser();
  await browser.page.evaluate(() => logHarness.appendCopied(3, 'x'));
  expect(await browser.page.evaluate(() => logHarness.openTwice())).toEqual(['written', 'written']);
  await browser.kill();
  await rm(await harness.database(), { recursive: true });
  const again = await harness.startBrowser();
  const { restored } = await again.page.evaluate(() => logHarness.openCopied());
  expect(restored).toEqual({ why: 'empty', records: 5 });
});

test('a database that was set back to an older state is brought up to date', async () => {
  const first = await harness.startBrowser();
  await first.page.evaluate(() => logHarness.appendCopied(20, 'old'));
  await first.kill();
  const folder = await harness.database();
  await cp(folder, `${folder}.old`, { recursive: true });
  const second = await harness.startBrowser();
  await second.page.evaluate(() => logHarness.deleteCopied(5));
  await second.page.evaluate(() => logHarness.appendCopied(7, 'new'));
  await second.kill();
  await rm(folder, { recursive: true });
  await rename(`${folder}.old`, folder);
  const third = await harness.startBrowser();
  const { restored } = await third.page.evaluate(() => logHarness.openCopied());
  expect(restored).toEqual({ why: 'older', records: 7 });
  const { rows, state, indexed } = await third.page.evaluate(() => logHarness.inspect());
  expect(rows.map(([seq]) => seq)).toEqual(Array.from({ length: 22 }, (_, i) => 6 + i));
  expect([state?.count, state?.nextSeq, indexed]).toEqual([22, 28, 22]);
});

test('a database that the browser found damaged and emptied is told', async () => {
  const browser = await harness.startBrowser();
  await browser.page.evaluate(() => logHarness.append(50, 'x'));
  await browser.kill();
  const journal = await harness.journal();
  const bytes = await readFile(journal);
  bytes.fill(0xff, 40, 60);
  await writeFile(journal, bytes);
  const again = await harness.startBrowser();
  expect(await again.page.evaluate(() => logHarness.notices())).toEqual(['emptied']);
});

test('two windows write at once: one sequence, and the archive of each sees all', async () => {
  const browser = await harness.startBrowser();
  const pages = [browser.page, await browser.openPage()];
  const seqs = await Promise.all(pages.map((page, i) => page.evaluate((tag) => logHarness.append(200, tag), `w${i}`)));
  expect(seqs.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1));
  for (const page of pages) {
    const totals = await page.evaluate(async () => {
      const all = await logHarness.archive.call('page', { limit: 10 });
      const failed = await logHarness.archive.call('count', { filter: 'ERROR_CODE!=0' });
      return [all.records.map(({ seq }) => seq), all.total, failed];
    });
    expect(totals).toEqual([[400, 399, 398, 397, 396, 395, 394, 393, 392, 391], 400, 8]);
  }
});

test('an export arrives as files, over the worker', async () => {
  const { page } = await harness.startBrowser();
  await page.evaluate(() => logHarness.fill(1500));
  const [name, lines] = await page.evaluate(async () => {
    const { files } = await logHarness.archive.call('export', { format: 'jsonl', filter: 'PROTOCOL==mbus' });
    return [files[0]?.name ?? '', (await files[0]?.content.text())?.split('\n').length];
  });
  expect(name).toMatch(/^OpenHHU_records_\d{14}\.jsonl$/);
  expect(lines).toBe(376);
});

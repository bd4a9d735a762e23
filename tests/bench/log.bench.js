/**
 * The log in a real Chromium: append, newest page, filtered page with exact count, newest readings, exports with what
 * they cost in memory and what appends beside them wait; and the same questions to a plain IndexedDB cursor and to a
 * well-built Dexie table. `node tests/bench/log.bench.js [records…]`, by default 100000 and 1000000.
 *
 * Not measured here: SQLite compiled to WebAssembly on the origin private file system answers such questions about as
 * fast as this log does. It was not taken because it is a megabyte to load and open to one worker at a time, not
 * because it is slow.
 */
import { pathToFileURL } from 'node:url';
import { startLogHarness } from '../browser/log/harness.js';

const FILTERS = [
  'ERROR_CODE!=0',
  'RECORD_TYPE==AMS;TIME>1388665085;TABLE_ID==1',
  'PROTOCOL==MBUS;IDENT==OHU5*',
  'ERROR_CODE==9',
];

/** Prints and returns milliseconds by figure, for each number of records. */
export async function benchLog(sizes = [100_000, 1_000_000]) {
  /** @type {Record<string, Record<string, string>>} */
  const table = {};
  for (const size of sizes) {
    const harness = await startLogHarness();
    try {
      const figures = await measure(harness, size);
      for (const [name, milliseconds] of Object.entries(figures)) {
        (table[name] ??= {})[`${size} records, ms`] = milliseconds.toFixed(milliseconds < 100 ? 2 : 0);
      }
    } finally {
      await harness.close();
    }
  }
  console.table(table);
  return table;
}

/**
 * @param {import('../browser/log/harness.js').LogHarness} harness
 * @param {number} size
 */
async function measure(harness, size) {
  const { page } = await harness.startBrowser();
  await page.evaluate(() => logHarness.setCapacity(2 ** 31));
  const begin = performance.now();
  await page.evaluate((records) => logHarness.fill(records), size);
  const fill = performance.now() - begin;
  const figures = await page.evaluate((filters) => logHarness.measure(filters), FILTERS);
  const recent = await page.evaluate(() => logHarness.measureRecent());
  /** @type {Record<string, number>} */
  const exports = {};
  for (const format of /** @type {const} */ (['jsonl', 'csv', 'valuereport'])) {
    const { result, rise } = await harness.memoryRise(() =>
      page.evaluate((wanted) => logHarness.measureExport(wanted), format),
    );
    exports[`export, ${format}`] = result.took;
    exports[`export, ${format}: appends beside it`] = result.append;
    exports[`export, ${format}: the longest of them`] = result.longest;
    exports[`export, ${format}: size, MB`] = result.bytes / 1e6;
    for (const [kind, bytes] of Object.entries(rise ?? {})) {
      exports[`export, ${format}: memory, ${kind}, MB`] = bytes / 1e6;
    }
  }
  const cursor = await page.evaluate((filter) => logHarness.measureCursor(filter), 'ERROR_CODE!=0');
  const dexie = await page.evaluate((records) => logHarness.measureDexie(records), size);
  return {
    'fill, 4096 a transaction': fill,
    ...figures,
    ...recent,
    ...exports,
    'plain cursor: ERROR_CODE!=0': cursor,
    ...dexie,
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const sizes = process.argv.slice(2).map(Number);
  await benchLog(sizes.length > 0 ? sizes : undefined);
}

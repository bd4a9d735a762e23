/** The log and the archive worker in a real Chromium, on a page of their own that has nothing else on it. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { findChromium } from '../../tools/chromium.js';
import { withMemoryRise } from '../support/browser-memory.js';
import { startOwnBrowser } from '../support/own-browser.js';
import { mountSmallDisk } from '../support/small-disk.js';

/**
 * @typedef {{
 *   page: import('playwright-core').Page,
 *   openPage(): Promise<import('playwright-core').Page>,
 *   kill(): Promise<void>,
 * }} LogBrowser
 * `kill` ends all processes of the browser at once with SIGKILL.
 */

/**
 * @typedef {{
 *   startBrowser(): Promise<LogBrowser>,
 *   database(): Promise<string>,
 *   journal(): Promise<string>,
 *   memoryRise<T>(work: () => Promise<T>): Promise<{ result: T, rise: Record<string, number> | undefined }>,
 *   leaveFree(mib: number | undefined): Promise<void>,
 *   close(): Promise<void>,
 * }} LogHarness
 * Every browser that is started has the same profile, so it finds what the one before has left. `database` is the
 * folder of IndexedDB, `journal` the file in it that it appends to. `leaveFree` fills the
 * disk up to so many MiB, or frees it again.
 */

/** @returns {Promise<Map<string, string>>} file name → code */
async function bundle() {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      target: 'es2023',
      modulePreload: false, // its workers are no pages
      rolldownOptions: {
        input: {
          page: 'tests/browser/log/page.ts',
          archive: 'src/archive/worker.ts',
          log: 'tests/browser/log/log-worker.ts',
        },
        output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
      },
    },
  });
  const outputs = Array.isArray(built) ? built : [built];
  const files = outputs.flatMap((one) => ('output' in one ? one.output : []));
  return new Map(files.flatMap((file) => (file.type === 'chunk' ? [[`/${file.fileName}`, file.code]] : [])));
}

/**
 * @param {{ diskMiB?: number }} options `diskMiB`: the profile is on a file system of its own of that size (root only)
 * @returns {Promise<LogHarness>}
 */
export async function startLogHarness({ diskMiB } = {}) {
  const executable = await findChromium();
  if (executable === undefined) throw new Error('No Chromium: set CHROME_PATH, or let `npm test` install one.');
  const scripts = await bundle();
  const server = createServer((request, response) => {
    const script = scripts.get(request.url ?? '');
    response.setHeader('Content-Type', script === undefined ? 'text/html' : 'text/javascript');
    response.end(script ?? '<!doctype html><title>log</title><script type="module" src="/page.js"></script>');
  });
  await new Promise((resolve) => server.listen(0, 'localhost', () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const profile = await mkdtemp(join(tmpdir(), 'openhhu-log-'));
  const disk = diskMiB === undefined ? undefined : mountSmallDisk(profile, diskMiB);
  const folder = join(profile, 'Default', 'IndexedDB', `http_localhost_${address.port}.indexeddb.leveldb`);
  /** @type {Set<() => Promise<void>>} */
  const running = new Set();

  return {
    async startBrowser() {
      const { endpoint, kill } = await startOwnBrowser(executable, profile);
      running.add(kill);
      const browser = await chromium.connectOverCDP(endpoint);
      const [context] = browser.contexts();
      if (!context) throw new Error('the browser has no context');
      const openPage = async () => {
        const page = await context.newPage();
        await page.goto(`http://localhost:${address.port}/`);
        await page.waitForFunction(() => 'logHarness' in globalThis);
        return page;
      };
      return {
        page: await openPage(),
        openPage,
        async kill() {
          running.delete(kill);
          await kill();
        },
      };
    },
    database: () => Promise.resolve(folder),
    async journal() {
      const logs = (await readdir(folder)).filter((name) => name.endsWith('.log')).sort();
      return join(folder, logs.at(-1) ?? '');
    },
    memoryRise: (work) => withMemoryRise(profile, work),
    async leaveFree(mib) {
      await disk?.free();
      if (mib !== undefined) await disk?.leaveFree(mib);
    },
    async close() {
      await Promise.all([...running].map((kill) => kill()));
      await new Promise((resolve) => server.close(resolve));
      disk?.unmount();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

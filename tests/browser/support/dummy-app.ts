import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGuarded } from '../../tools/guarded.js';
import { tool } from '../../tools/setup.js';
import { serve } from '../../tools/static-server.js';
import { test as base } from './app.ts';

/** As `test`, over a build that has a protocol and a transport more (tests/browser/dummy), made for the tests of one file. */
export const test = base.extend<object, { dummyApp: string }>({
  dummyApp: [
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), 'openhhu-dummy-'));
      const config = ['-c', 'tests/browser/dummy/vite.config.ts', '--logLevel', 'error'];
      const { ok, text } = await runGuarded([...tool('vite'), 'build', ...config, '--outDir', folder], {
        output: 'pipe',
      });
      if (!ok) throw new Error(`The app with the dummies was not built: ${text}`);
      const { url, close } = await serve(folder);
      await use(url);
      await close();
      await rm(folder, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ dummyApp }, use) => use(dummyApp),
});

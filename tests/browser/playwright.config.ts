import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { findChromium } from '../tools/chromium.js';
import { root } from '../tools/setup.js';
import { serve } from '../tools/static-server.js';

const executablePath = await findChromium();
if (executablePath === undefined) throw new Error('No Chromium: set CHROME_PATH, or let `npm test` install one.');

// The runner loads this first and serves the build as long as it lives; its workers load it again and inherit the address.
process.env['OPENHHU_DIST'] ??= join(root, 'dist');
process.env['OPENHHU_URL'] ??= (await serve(process.env['OPENHHU_DIST'])).url;

/** Browser tests against the production build in OPENHHU_DIST, else dist: `npm run build` first. */
export default defineConfig({
  testDir: '.',
  outputDir: process.env['OPENHHU_TRACES'] ?? '../../.cache/playwright',
  // The serial rig plays at true pace and may not wait for a core: `--project=serial --workers=1`.
  projects: [
    { name: 'app', testIgnore: 'serial/**' },
    { name: 'serial', testMatch: 'serial/**/*.spec.ts' },
  ],
  retries: 0,
  forbidOnly: Boolean(process.env['CI']),
  // All limits end hangs; they measure nothing. A quiet run takes less than a fifth of them.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  globalTimeout: 40 * 60_000,
  reporter: 'list',
  use: {
    baseURL: process.env['OPENHHU_URL'],
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    video: 'off',
    launchOptions: { executablePath },
  },
});

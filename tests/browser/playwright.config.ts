import { defineConfig } from '@playwright/test';
import { findChromium } from '../tools/chromium.js';

const url = 'http://localhost:4183/';
const executablePath = await findChromium();
if (executablePath === undefined) throw new Error('No Chromium: set CHROME_PATH, or let `npm test` install one.');
process.env['CHROMIUM_PATH'] = executablePath; // the serial rig starts a browser of its own

/** Browser tests against the production build in dist: `npm run build` first. */
export default defineConfig({
  testDir: '.',
  outputDir: '../../.cache/playwright',
  workers: 2,
  // The serial rig plays at true pace and may not wait for a core: `--project=serial --workers=1`.
  projects: [
    { name: 'app', testIgnore: 'serial/**' },
    { name: 'serial', testMatch: 'serial/**/*.spec.ts' },
  ],
  retries: 0,
  forbidOnly: Boolean(process.env['CI']),
  timeout: 30_000,
  globalTimeout: 8 * 60_000,
  reporter: 'list',
  use: { baseURL: url, trace: 'off', screenshot: 'off', video: 'off', launchOptions: { executablePath } },
  webServer: { command: 'node tests/tools/serve.js 4183', cwd: '../..', url, reuseExistingServer: false },
});

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root, tool } from './setup.js';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'];

const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ...['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].map((name) =>
    join(process.env[name] ?? '', 'Google\\Chrome\\Application\\chrome.exe'),
  ),
];

/** The browser on this machine: CHROME_PATH, an installed one, or the one Playwright keeps. */
export async function findChromium() {
  const { CHROME_PATH: chosen, PATH: path = '' } = process.env;
  if (chosen) return existsSync(chosen) ? chosen : undefined;
  const installed = path.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const { chromium } = await import('@playwright/test');
  return [...installed, ...places, chromium.executablePath()].find((file) => existsSync(file));
}

/** Finds a Chromium or installs one: Playwright's, or Debian's where that one cannot be had and we are root. */
export async function ensureChromium() {
  const found = await findChromium();
  if (found !== undefined || process.env['CHROME_PATH']) return found;
  const isRoot = process.getuid?.() === 0;
  const install = [
    ...tool('@playwright/test', 'playwright'),
    'install',
    ...(isRoot ? ['--with-deps'] : []),
    'chromium',
  ];
  // Another check on this machine may be at the same.
  const lock = ['-o', 'DPkg::Lock::Timeout=600'];
  const apt = ['apt-get', ...lock, 'install', '--yes', '--no-install-recommends', 'chromium'];
  for (const [command = '', ...args] of isRoot ? [install, ['apt-get', ...lock, 'update'], apt] : [install]) {
    console.log(`No Chromium here; trying: ${[command, ...args].join(' ')}`);
    spawnSync(command, args, { cwd: root, stdio: 'inherit' });
    const now = await findChromium();
    if (now !== undefined) return now;
  }
  return undefined;
}

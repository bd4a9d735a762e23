/** A browser that lets sites keep nothing, as its user or an administrator can set it: no database, no locks, no caches. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { findChromium } from '../tools/chromium.js';
import { expect, test } from './support/app.ts';
import { chooseMeter, goTo, registers, setSpeed, startRead } from './support/demo.ts';
import { startOwnBrowser } from './support/own-browser.js';

// No trace can be had from a browser that is killed.
test.use({ trace: 'off' });

const BLOCKED = { profile: { default_content_setting_values: { cookies: 2 } } };

test('what blocked site data costs is said with the way out, and a meter is read by hand all the same', async ({
  baseURL,
}) => {
  const profile = await mkdtemp(join(tmpdir(), 'openhhu-blocked-'));
  await mkdir(join(profile, 'Default'));
  await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(BLOCKED));
  const { endpoint, kill } = await startOwnBrowser((await findChromium()) ?? '', profile);
  try {
    const [context] = (await chromium.connectOverCDP(endpoint)).contexts();
    if (!context) throw new Error('the browser has no context');
    const errors: string[] = [];
    context.on('weberror', (error) => errors.push(error.error().message));
    const page = await context.newPage();
    await page.goto(baseURL ?? '');
    await expect(page.getByText('Allow site data for this address in the settings of the browser')).toBeVisible();
    await setSpeed(page, '100 times as fast');
    await chooseMeter(page, 'Gas meter');
    await startRead(page);
    await expect(
      page.getByText('This reading is not in the log: the browser lets this site keep nothing.'),
    ).toBeVisible();
    await expect(registers(page)).toBeVisible();
    for (const place of ['Meters', 'Log', 'Tools', 'Settings'] as const) await goTo(page, place);

    // Another window has an engine of its own.
    const other = await context.newPage();
    await other.goto(baseURL ?? '');
    await chooseMeter(other, 'Gas meter');
    await startRead(other);
    await expect(registers(other)).toBeVisible();
    expect(errors).toEqual([]);
  } finally {
    await kill();
    await rm(profile, { recursive: true, force: true });
  }
});

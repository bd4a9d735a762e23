/**
 * What a person waits for in the built app: the page while ten thousand frames are decoded, and the second window when
 * the first one is closed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { findChromium } from '../tools/chromium.js';
import { root } from '../tools/setup.js';
import { serve } from '../tools/static-server.js';

const dist = await mkdtemp(join(tmpdir(), 'openhhu-bench-'));
await build({ root, logLevel: 'error', build: { outDir: dist, emptyOutDir: true } });
const { url, close } = await serve(dist);
const executablePath = await findChromium();
if (executablePath === undefined) throw new Error('No Chromium: set CHROME_PATH, or let `npm test` install one.');
const browser = await chromium.launch({ executablePath });
try {
  const context = await browser.newContext();
  console.table({ ...(await whileDecoding(context)), ...(await takeover(context)) });
} finally {
  await browser.close();
  await close();
  await rm(dist, { recursive: true });
}

/** @param {import('@playwright/test').BrowserContext} context */
async function whileDecoding(context) {
  const page = await context.newPage();
  await page.goto(`${url}#/tools/decoder`);
  const field = page.getByLabel('Frames or readouts');
  const frame = '6815156808017278563412153d0107050000000c1334120000';
  const body = (frame.match(/../g) ?? []).slice(4).map((pair) => Number.parseInt(pair, 16));
  const sum = (body.reduce((total, byte) => total + byte, 0) & 0xff).toString(16).padStart(2, '0');
  const length = body.length.toString(16).padStart(2, '0');
  const whole = `68${length}${length}68${frame.slice(8)}${sum}16`;
  await field.waitFor();
  const longest = await page.evaluateHandle(() => {
    const seen = { ms: 0, since: performance.now() };
    new PerformanceObserver((entries) => {
      for (const { duration } of entries.getEntries()) seen.ms = Math.max(seen.ms, duration);
    }).observe({ type: 'longtask' });
    return seen;
  });
  await field.evaluate(
    (element, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    },
    Array.from({ length: 10_000 }, () => whole).join('\n'),
  );
  await page.getByText('10,000 frames').waitFor();
  await page.locator('progress').waitFor({ state: 'detached' });
  const { ms, took } = await longest.evaluate(({ ms: most, since }) => ({ ms: most, took: performance.now() - since }));
  await page.close();
  return {
    'ten thousand frames decoded': { ms: Math.round(took) },
    'longest task of the page meanwhile': { ms: Math.round(ms), 'of the whole': (ms / took).toFixed(2) },
  };
}

/** @param {import('@playwright/test').BrowserContext} context */
async function takeover(context) {
  const [first, second] = [await context.newPage(), await context.newPage()];
  await first.goto(url);
  await first.locator('#app > *').first().waitFor();
  await second.goto(url);
  const heldElsewhere = second.getByRole('link', { name: 'Ports held by another window' });
  await heldElsewhere.waitFor();
  const began = performance.now();
  await first.close();
  await heldElsewhere.waitFor({ state: 'hidden' });
  return { 'second window takes over': { ms: Math.round(performance.now() - began) } };
}

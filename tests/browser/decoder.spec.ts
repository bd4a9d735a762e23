/** The decoder page: text in, cards out, links, thousands at once; and the same bytes in a record of the log. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, expectAccessible, openApp, test, untilOfflineReady, watchFor } from './support/app.ts';
import { registers } from './support/demo.ts';

const field = (page: Page) => page.getByLabel('Frames or readouts');
const bytes = (page: Page) => page.getByRole('listbox', { name: 'Bytes with their meaning' });
const frames = (page: Page) => page.getByRole('list', { name: 'Frames found' });

/** An answer of water meter OHU 12345678 that stands at so many liters. */
function frameOf(liters: number): string {
  const digits = String(liters).padStart(8, '0').match(/../g) ?? [];
  const volume = digits.reverse().map((pair) => Number.parseInt(pair, 16));
  const header = [0x78, 0x56, 0x34, 0x12, 0x15, 0x3d, 0x01, 0x07, 0x05, 0, 0, 0];
  const body = [0x08, 0x01, 0x72, ...header, 0x0c, 0x13, ...volume];
  const sum = body.reduce((total, byte) => (total + byte) & 0xff, 0);
  return [0x68, body.length, body.length, 0x68, ...body, sum, 0x16]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

async function paste(page: Page, text: string): Promise<void> {
  await field(page).evaluate((element, data) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', data);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

test('the example: registers and bytes point at each other, by mouse and by keyboard', async ({ page }) => {
  await openApp(page, '#/tools');
  await page.getByRole('link', { name: 'Decoder' }).click();
  await page.getByRole('button', { name: 'Example' }).click();
  await expect(page.getByRole('heading', { name: 'M-Bus answer' })).toBeVisible();
  await expect(registers(page).getByRole('row').filter({ hasText: 'Volume' }).first()).toContainText('426.81');

  await registers(page).getByRole('button', { name: '0C14' }).click();
  const chosen = bytes(page).getByRole('option', { selected: true });
  await expect(chosen).toHaveText(['0C', '14', '81 26 04 00']);

  await bytes(page)
    .getByRole('option', { name: /^0x0B–0x0C/ })
    .hover();
  await expect(chosen).toHaveText(['15 3D']);
  await expect(registers(page).locator('tr.active')).toContainText('87654321');

  await bytes(page).getByRole('option').first().focus();
  await page.keyboard.press('ArrowRight');
  await expect(chosen).toHaveAccessibleName(/^0x01: 3D, length: 61 bytes/);
  await page.keyboard.press('End');
  await expect(chosen).toHaveAccessibleName(/stop$/);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Home');
  await expect(chosen).toHaveText(['68']);
  await expect(bytes(page).locator('[tabindex="0"]')).toHaveCount(1);
  await expectAccessible(page);
});

test('typed text in other notations, with what is wrong in words', async ({ page }) => {
  await openApp(page, '#/tools/decoder');
  const good = frameOf(1234);
  await field(page).fill(`const uint8_t frame[] = {\n${good.replace(/../g, '0x$&, ')}\n};`);
  await expect(registers(page)).toContainText('1.234');
  await field(page).fill(good.replace(/..16$/, '0016'));
  await expect(page.getByRole('list', { name: 'Problems' })).toContainText('The checksum is 00; the bytes add up to');
  await field(page).fill('/OHU5SIM1\n1.8.0(000265.057*kWh)\n!');
  await expect(page.getByRole('heading', { name: 'IEC 62056-21 readout' })).toBeVisible();
  await registers(page).getByRole('button', { name: '1.8.0' }).click();
  await expect(page.getByLabel('Data as received').locator('mark')).toHaveText('1.8.0(000265.057*kWh)');
  await field(page).fill('F.F(<img src=x onerror=alert(1)>)\n0.0.0(<b>1</b>)');
  await expect(registers(page)).toContainText('<b>1</b>');
  await field(page).fill('nothing of the kind');
  await expect(page.getByText('No frame or readout was recognized')).toBeVisible();
});

test('a link carries the frame, decodes at once, and the page works offline', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openApp(page, '#/tools/decoder');
  await untilOfflineReady(page);
  await field(page).fill(frameOf(99));
  const copied = await watchFor(page, 'Link copied');
  await page.getByRole('button', { name: 'Copy link' }).click();
  await copied();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toMatch(/#\/tools\/decoder\/[\w-]+$/);

  await context.setOffline(true);
  const other = await context.newPage();
  await other.goto(link);
  await expect(registers(other)).toContainText('0.099');
  await field(other).fill(frameOf(100));
  await expect(registers(other)).toContainText('0.100');
  await expect(other).toHaveURL(/#\/tools\/decoder$/);
  await other.reload();
  await expect(registers(other)).toContainText('0.100');
  await other.goto(`${link.slice(0, -1)}*`);
  await expect(other.getByText('The link is damaged or cut off')).toBeVisible();
});

test('a register that was cut off is named so, is no value, and neither in the file', async ({ page }) => {
  await openApp(page, '#/tools/decoder');
  await field(page).fill('1.8.0(026143.5*kWh)\n2.8.0(02614');
  const cut = registers(page).getByRole('row').filter({ hasText: '2.8.0' });
  await expect(cut).toContainText('cut off');
  await expect(cut).toContainText('02614');
  await expect(page.getByText('What is cut off is no value.')).toBeVisible();
  // Bold is what can be trusted.
  await expect(registers(page).locator('.whole')).toHaveText('26,143.5');
  await expectAccessible(page);

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'All registers as CSV' }).click();
  const rows = (await readFile(await (await download).path(), 'utf8')).trimEnd().split('\r\n');
  expect(rows[1]).toContain(',26143.5,kWh,');
  expect(rows[2]).toContain(',partial,');
  expect(rows[2]).toContain('"=""02614"""');
});

test('forty thousand frames do not block the page, and are exported', async ({ page }) => {
  await openApp(page, '#/tools/decoder');
  const list = Array.from({ length: 40_000 }, (_, i) =>
    i % 500 === 7 ? frameOf(i).replace(/..16$/, '0016') : frameOf(i),
  );
  await expect(field(page)).toBeVisible();
  // What was painted of the progress: a page that is blocked until the end paints none of it.
  const painted = await page.evaluateHandle(() => {
    const values = new Set<number>();
    const look = () => {
      const { value } = document.querySelector('progress') ?? {};
      if (value !== undefined) values.add(value);
      requestAnimationFrame(look);
    };
    look();
    return { values: () => [...values] };
  });
  await paste(page, list.join('\n'));
  await expect(page.getByText('40,000 frames, 120,080 registers, 80 with problems')).toBeVisible();
  const values = await painted.evaluate(({ values: seen }) => seen());
  expect(values.filter((value) => value > 0 && value < 1).length).toBeGreaterThan(2);
  expect(values).toEqual(values.toSorted((a, b) => a - b));
  expect(await frames(page).getByRole('listitem').count()).toBeLessThan(60);

  await page.getByLabel('Only those with problems').check();
  await frames(page).getByRole('button').nth(1).click();
  await expect(page.getByText('line 508')).toBeVisible();
  await expectAccessible(page);

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'All registers as CSV' }).click();
  const rows = (await readFile(await (await download).path(), 'utf8')).trimEnd().split('\r\n');
  expect(rows).toHaveLength(120_081);
});

const listing = `^SCDATA: "AMS",1795169700,5,"MBUS",1,0,"","${frameOf(4711).toUpperCase()}"\r\n\r\nOK\r\n`;

test('files: a listing of records, and bytes as they are', async ({ page }) => {
  await openApp(page, '#/tools/decoder');
  const open = async (name: string, buffer: Buffer) =>
    page.getByLabel('File with frames').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
  await open('listing.txt', Buffer.from(listing));
  await expect(page.getByText('record 5')).toBeVisible();
  await expect(registers(page)).toContainText('4.711');
  await open('frame.bin', Buffer.from(frameOf(815), 'hex'));
  await expect(registers(page)).toContainText('0.815');
});

test('an M-Bus record in the log shows its bytes the same way', async ({ page }) => {
  await openApp(page, '#/log');
  await page.getByRole('button', { name: 'More…' }).click();
  await page.getByRole('button', { name: /^Import/ }).click();
  await page.getByLabel('What the terminal showed').fill(listing);
  await page.getByRole('button', { name: 'Look at it' }).click();
  await page.getByRole('button', { name: 'Add 1 record' }).click();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('list', { name: 'Records, newest first' }).getByRole('link').filter({ hasText: 'MBUS' }).click();
  await registers(page).getByRole('button', { name: '0C13' }).click();
  await expect(bytes(page).getByRole('option', { selected: true })).toHaveText(['0C', '13', '11 47 00 00']);
  await expect(page.getByText('4.711 m³', { exact: true })).toBeVisible();
  await expectAccessible(page);
});

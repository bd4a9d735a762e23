/** The demo with simulated meters, as a technician would use it: read, keep, look, export, work without a network. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, expectAccessible, openApp, test, untilOfflineReady, watchTexts } from './support/app.ts';
import {
  chooseMeter,
  goTo,
  openRecord,
  pressOnceThere,
  readMeter,
  recordOfRead,
  registers,
  setSpeed,
  startRead,
  switchFault,
} from './support/demo.ts';

const received = (page: Page) => page.getByLabel('Data as received');
const problem = (page: Page, headline: string) => page.getByRole('region', { name: headline });

test('a read shows the meter, its registers and its record; the log has raw and decoded side by side', async ({
  page,
}) => {
  await openApp(page);
  await setSpeed(page, '20 times as fast');
  await chooseMeter(page, 'Three-phase meter');
  await page.getByRole('button', { name: 'Show the wire' }).click();
  await startRead(page);
  const seq = await recordOfRead(page);

  for (const fact of ['ZPA', 'ZE3SIM.01', '9600 Bd']) {
    await expect(page.getByRole('definition').filter({ hasText: fact })).toBeVisible();
  }
  const row = registers(page).getByRole('row', { name: /^1\.8\.0/ });
  await expect(row).toContainText('Active energy import');
  await expect(row).toContainText('kWh');
  const wire = page.getByRole('region', { name: 'Wire' });
  for (const line of [
    '==> /?!<0D><0A>',
    '<== /ZPA5ZE3SIM.01',
    '==> <06>050<0D><0A>',
    '<== -- STX --',
    '<== -- BCC --',
  ]) {
    await expect(wire).toContainText(line);
  }

  await page.getByRole('link', { name: `record ${seq}` }).click();
  await expect(page.getByRole('heading', { name: `Record ${seq}` })).toBeVisible();
  const [, raw = ''] = /1\.8\.0\(([\d.]+)\*kWh\)/.exec((await received(page).textContent()) ?? '') ?? [];
  const shown = await row.getByRole('cell').first().innerText();
  expect(Number(shown.replaceAll(/[,\s]/g, ''))).toBe(Number(raw));
  const decoded = await page.getByRole('region', { name: 'Decoded' }).boundingBox();
  const asReceived = await page.getByRole('region', { name: 'As received' }).boundingBox();
  expect(decoded?.y).toBe(asReceived?.y);
  expect((decoded?.x ?? 0) + (decoded?.width ?? 0)).toBeLessThanOrEqual(asReceived?.x ?? 0);
});

test('what is going on is told in words while it goes on', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '5 times as fast');
  await chooseMeter(page, 'Meter that stays at 300 Bd');
  const told = await watchTexts(page, 'Progress');
  await startRead(page);
  await recordOfRead(page);
  // Where the machine is too slow to hear the beginning at 300 Bd, that is asked for again, and told.
  expect(await told()).toMatch(
    /asking at 300 Bd.*LGZ.*acknowledging 9600 Bd.*(?:at 300 Bd.*\d+ lines, |trying 300.*asking for a repeat)/s,
  );
  await expect(registers(page)).toBeVisible();
  await expect(page.getByRole('definition').filter({ hasText: '300 Bd' })).toBeVisible();
});

test('a record is there after a reload, and without a network, where reading goes on', async ({ page, context }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  const seq = await readMeter(page, 'Heat meter');
  await page.reload();
  await openRecord(page, seq);
  const data = await received(page).textContent();
  expect(data).toContain('6.8(');

  await untilOfflineReady(page);
  await context.setOffline(true);
  await page.reload();
  await expect(page.getByRole('link', { name: 'Offline' })).toBeVisible();
  await expect(page.getByRole('heading', { name: `Record ${seq}` })).toBeVisible();
  expect(await received(page).textContent()).toBe(data);
  const offline = await readMeter(page, 'Three-phase meter');
  expect(offline).toBeGreaterThan(seq);
  await openRecord(page, offline);
  await expect(page.getByRole('region', { name: 'Decoded' })).toContainText('Active energy import');
});

test('cancelling in mid-read keeps what came, as a record with code 65537', async ({ page }) => {
  await openApp(page);
  // Two thousand characters at 300 Bd: more than a minute is left when the second register is there.
  await switchFault(page, 'Billing meter with history', 'Announces a rate and stays at its first one');
  await chooseMeter(page, 'Billing meter with history');
  await pressOnceThere(page, 'Cancel', 'main tbody tr', 2);
  await startRead(page);
  const seq = await recordOfRead(page, 'Stopped');
  await expect(problem(page, 'Stopped.')).toContainText('65537');
  await expect(page.getByRole('button', { name: 'Read meter' })).toBeVisible();

  await openRecord(page, seq);
  await expect(problem(page, 'Stopped.')).toContainText('65537');
  await expect(received(page)).toContainText('(');
});

test('a silent meter is explained in words, and its remedies are buttons that work', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await switchFault(page, 'Three-phase meter', 'The meter does not answer');
  await chooseMeter(page, 'Three-phase meter');
  await page.getByRole('button', { name: 'Show the wire' }).click();
  await startRead(page);
  const silence = problem(page, 'No answer at 300 Bd.');
  await expect(silence).toContainText('65541');
  const [seen = '', hint = ''] = await silence.getByRole('paragraph').allInnerTexts();
  expect([seen.length, hint.length].every((length) => length > 20)).toBe(true);
  await recordOfRead(page, 'failed');
  await expect(page.getByRole('region', { name: 'Wire' })).toContainText('<== -- Tout --');

  await silence.getByRole('button', { name: 'Try waking' }).click();
  await expect(page.getByRole('region', { name: 'Wire' })).toContainText('==> <00><00><00>');
  await silence.getByRole('button', { name: 'Wake without a pause' }).click();
  await expect(silence.getByRole('button', { name: 'Try again' })).toBeVisible();
  await silence.getByRole('button', { name: 'Other rates' }).click();
  await silence.getByRole('button', { name: '2400 Bd' }).click();
  await expect(problem(page, 'No answer at 2400 Bd.')).toBeVisible();
  await problem(page, 'No answer at 2400 Bd.').getByRole('link', { name: 'Head check' }).click();
  await expect(page.getByRole('heading', { name: 'Head check' })).toBeVisible();
});

test('data that nothing vouches for is kept, and looks nowhere like data that can be trusted', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await switchFault(page, 'Three-phase meter', 'Check character always wrong');
  await chooseMeter(page, 'Three-phase meter');
  await startRead(page);
  const seq = await recordOfRead(page, 'partial');
  const doubted = async () => {
    await expect(registers(page)).toContainText('not checked');
    await expect(registers(page).locator('.whole')).toHaveCount(0);
    await expect(page.getByText(/^Nothing vouches for figures that are not checked/)).toBeVisible();
  };
  await doubted();
  await expectAccessible(page);
  await openRecord(page, seq);
  await doubted();
});

test('an address belongs to its port, and what a meter was asked by is not what is advised', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await switchFault(page, 'Gas meter', 'The meter does not answer');
  await chooseMeter(page, 'Gas meter');
  await page.getByLabel('Address').fill('421337');
  await chooseMeter(page, 'Three-phase meter');
  await expect(page.getByLabel('Address')).toHaveValue('');
  await chooseMeter(page, 'Gas meter');
  await expect(page.getByLabel('Address')).toHaveValue('421337');
  await startRead(page);
  const silence = problem(page, 'No answer at 300 Bd.');
  await expect(silence).toContainText('Only the meter with the number 421337 answers this request');
  await silence.getByRole('button', { name: 'Without the address' }).click();
  await expect(page.getByLabel('Address')).toHaveValue('');
  await expect(silence.getByRole('button', { name: 'Wait longer' })).toBeVisible();
  await expect(silence.getByRole('button', { name: 'Without the address' })).toHaveCount(0);
});

test('a meter that wants waking is read with what its entry suggests', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await readMeter(page, 'Battery heat meter');
  await expect(page.getByRole('definition').filter({ hasText: 'UHSIM' })).toBeVisible();
});

test('a record shows what was on the wire, also after a reload', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  const seq = await readMeter(page, 'Three-phase meter');
  await openRecord(page, seq);
  await page.getByRole('button', { name: 'Show what was on the wire' }).click();
  const wire = page.getByRole('region', { name: 'Wire' });
  await expect(wire).toContainText('/?');
  await expect(wire.getByRole('button', { name: 'Save' })).toBeEnabled();
  await expectAccessible(page);
  await wire.getByRole('button', { name: 'Hide' }).click();
  await expect(page.getByRole('button', { name: 'Show what was on the wire' })).toBeVisible();
  // The file has what is on disk.
  await goTo(page, 'Settings');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save support file' }).click();
  await saving;
  await openRecord(page, seq);
  await page.reload();
  await page.getByRole('button', { name: 'Show what was on the wire' }).click();
  await expect(wire).toContainText('/?');
});

test('a record is deleted only after a question', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  const seq = await readMeter(page, 'Three-phase meter');
  await openRecord(page, seq);
  const dialog = page.getByRole('dialog', { name: `Delete record ${seq}?` });
  await page.getByRole('button', { name: 'Delete…' }).click();
  await dialog.getByRole('button', { name: 'Keep' }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole('button', { name: 'Delete…' }).click();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(received(page)).toBeVisible();
  await page.getByRole('button', { name: 'Delete…' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('heading', { name: 'Log', exact: true })).toBeVisible();
  await expect(page.locator(`a[href="#/log/${seq}"]`)).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Log', exact: true })).toBeVisible();
  await expect(page.locator(`a[href="#/log/${seq}"]`)).toHaveCount(0);
});

test('the log goes out as CSV and JSON, and no formula with it', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  const seq = await readMeter(page, 'Three-phase meter');
  const formula = '=HYPERLINK(A1)';
  await page.getByLabel('Address').fill(formula);
  await startRead(page);
  const failed = await recordOfRead(page, 'failed');

  const csv = await exported(page, 'CSV');
  expect(csv.name).toMatch(/\.csv$/);
  expect(csv.text).toMatch(new RegExp(`^${seq},\\d+,[^,]+,AMS,IEC62056-21,0,0,ZE3SIM\\.01,`, 'm'));
  expect(csv.text).toContain('1.8.0(');
  expect(csv.text).toContain(`,'${formula},`);
  // Only the form that keeps a text a text: ="…"
  expect(csv.text).not.toMatch(/(^|[,"])(?:[+@]|=(?!""))/m);

  const json = await exported(page, 'JSON');
  expect(json.name).toMatch(/\.json$/);
  const records = JSON.parse(json.text) as { seq: number; type: string; address?: string; data?: string }[];
  expect(records.find((record) => record.seq === failed)).toMatchObject({ type: 'AMS', address: formula });
  expect(records.find((record) => record.seq === seq)?.data).toContain('1.8.0(');
});

async function exported(page: Page, format: 'CSV' | 'JSON'): Promise<{ name: string; text: string }> {
  await goTo(page, 'Log');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: format, exact: true }).click(),
  ]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

test('the head check tells an echoing head from one that does not echo', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await chooseMeter(page, 'Meter behind an echoing head');
  await goTo(page, 'Tools');
  await page.getByRole('link', { name: 'Head check' }).click();
  await page.getByRole('button', { name: 'Send to the paper' }).click();
  await expect(page.getByText('All of it came back.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'The head sends and hears.' })).toBeVisible();

  await page.getByLabel('Read through').selectOption('Three-phase meter');
  await page.getByRole('button', { name: 'Send to the paper' }).click();
  await expect(page.getByText('– Nothing came back.')).toBeVisible();
  await page.getByRole('button', { name: 'Flash the lamp' }).click();
  await page.getByLabel('It stayed dark').check();
  await expect(page.getByRole('heading', { name: 'The head does not send.' })).toBeVisible();
});

test('without Web Serial the page says what would work, and the demo is whole', async ({ page }) => {
  await page.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, 'serial');
  });
  await openApp(page);
  await expect(page.getByText('Web Serial: not here')).toBeVisible();
  await setSpeed(page, '100 times as fast');
  await readMeter(page, 'Gas meter');
  await expect(registers(page)).toBeVisible();
});

test('the support file has what was on the wire', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await readMeter(page, 'Three-phase meter');
  await goTo(page, 'Settings');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save support file' }).click();
  const file = await saving;
  expect(file.suggestedFilename()).toMatch(/^openhhu-support_.*\.json$/);
  const { jobs, state } = JSON.parse(await readFile(await file.path(), 'utf8')) as {
    readonly jobs: readonly { readonly name: string; readonly wire: readonly string[] }[];
    readonly state: { readonly records: { readonly count: number } };
  };
  expect(state.records.count).toBe(2);
  expect(jobs.map(({ name }) => name)).toEqual([expect.stringMatching(/^record 2 of /)]);
  expect(jobs[0]?.wire.some((line) => / 300 Bd sent 2F 3F 21 0D 0A$/.test(line))).toBe(true);
});

import { expect, type Page } from '@playwright/test';
import { openApp } from './app.ts';

/** The simulated meters by hand, as a user works them: everything here goes through the interface. */

export type Speed = 'As on the wire' | '5 times as fast' | '20 times as fast' | '100 times as fast';

/** Goes to a place by the rail. */
export async function goTo(page: Page, place: 'Read' | 'Meters' | 'Log' | 'Tools' | 'Settings'): Promise<void> {
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: place, exact: true }).click();
  // The place before stays until this one is loaded, and may have fields of the same name.
  await expect(page.getByRole('heading', { level: 1, name: place })).toBeVisible();
}

/** Ends on the Settings place. */
export async function setSpeed(page: Page, speed: Speed): Promise<void> {
  await goTo(page, 'Settings');
  await page.getByLabel('Speed').selectOption(speed);
}

/** Ends on the Settings place. `fault` in the words of the switch. */
export async function switchFault(page: Page, meter: string, fault: string): Promise<void> {
  await goTo(page, 'Settings');
  const drawer = page.getByRole('group').filter({ has: page.locator('summary', { hasText: new RegExp(`^${meter}`) }) });
  await drawer.locator('summary').click();
  await drawer.getByRole('switch', { name: fault, exact: true }).click();
  await expect(drawer.getByText('1 fault')).toBeVisible();
}

/** Ends on the Read place, with the meter on the desk. */
export async function chooseMeter(page: Page, meter: string): Promise<void> {
  await goTo(page, 'Read');
  const offer = page.getByRole('button', { name: new RegExp(`^${meter}`) });
  const select = page.getByLabel('Read through');
  await expect(offer.or(select)).toBeVisible();
  if (await select.isVisible()) await select.selectOption(meter);
  else await offer.click();
}

export const startRead = (page: Page) => page.getByRole('button', { name: 'Read meter' }).click();

/** The page itself presses a button as soon as so many elements are there: a busy machine would come too late. */
export async function pressOnceThere(page: Page, button: string, selector: string, count = 1): Promise<void> {
  await page.evaluate(
    ([name, wanted, least]) => {
      new MutationObserver((_changes, observer) => {
        if (document.querySelectorAll(wanted).length < least) return;
        observer.disconnect();
        const buttons = [...document.querySelectorAll('button')];
        buttons.find(({ textContent }) => textContent.trim() === name)?.click();
      }).observe(document.body, { childList: true, subtree: true });
    },
    [button, selector, count] as const,
  );
}

export const registers = (page: Page) => page.getByRole('table', { name: 'Registers of the meter' });

/** Waits for the end of the read and gives the number of its record. `state` as the outcome says it. */
export async function recordOfRead(
  page: Page,
  state: 'Saved' | 'partial' | 'failed' | 'Stopped' = 'Saved',
): Promise<number> {
  const outcome = page.getByRole('region', { name: 'Outcome' });
  await expect(outcome).toContainText(new RegExp(`${state}.* as record \\d+`));
  return Number(/record (\d+)/.exec(await outcome.innerText())?.[1]);
}

/** Chooses, reads and gives the number of the record. */
export async function readMeter(page: Page, meter: string): Promise<number> {
  await chooseMeter(page, meter);
  await startRead(page);
  return await recordOfRead(page);
}

/** Opens a record from the list of the log. */
export async function openRecord(page: Page, seq: number): Promise<void> {
  await goTo(page, 'Log');
  await page.locator(`a[href="#/log/${seq}"]`).and(page.getByRole('listitem').getByRole('link')).click();
  await expect(page.getByRole('heading', { name: `Record ${seq}` })).toBeVisible();
}

export const meterRows = (page: Page) => page.locator('ol.meters > li');

export const meterRow = (page: Page, name: string) =>
  meterRows(page).filter({ has: page.getByRole('link', { name, exact: true }) });

/** Adds a simulated meter to the list. Ends on the Meters place. */
export async function addMeter(page: Page, name: string, port: string): Promise<void> {
  await openApp(page, '#/meters/new');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Port', { exact: true }).selectOption({ label: port });
  await page.getByRole('button', { name: 'Add to the list' }).click();
  await expect(meterRow(page, name)).toBeVisible();
}

/** Reads a meter of the list and waits for the end. */
export async function readNow(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: `Read ${name} now` }).click();
  await expect(page.getByRole('button', { name: `Read ${name} now` })).toBeEnabled();
}

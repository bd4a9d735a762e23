import { readFile } from 'node:fs/promises';
import type { Download } from '@playwright/test';
import { expect, expectAccessible, openApp, test } from './support/app.ts';
import { goTo, readMeter, setSpeed } from './support/demo.ts';

test.use({ serviceWorkers: 'block' });

test('a database that is gone under the app is put back at the next start, and the page says it', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  const seq = await readMeter(page, 'Three-phase meter');
  await goTo(page, 'Settings');
  await expect(page.getByText('✓ up to date')).toBeVisible();
  // A page of the same origin without the app on it, which would hold the database.
  await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
  await page.goto('./manifest.webmanifest');
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.deleteDatabase('openhhu');
        request.onsuccess = () => resolve();
        request.onerror = () => reject(new Error('not deleted'));
      }),
  );
  await openApp(page, `#/log/${String(seq)}`);
  await expect(page.getByRole('alert').filter({ hasText: 'put back from the second copy' })).toBeVisible();
  await expect(page.getByRole('heading', { name: `Record ${String(seq)}` })).toBeVisible();
});

test('a copy of another log is told, saved as files that can be imported, and removed', async ({ page }) => {
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  await readMeter(page, 'Three-phase meter');
  await goTo(page, 'Settings');
  await expect(page.getByText('✓ up to date')).toBeVisible();
  await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
  await page.goto('./manifest.webmanifest');
  // As if the browser had lost its database, and another log had begun where the copy could not be reached.
  await page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('openhhu');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error('not opened'));
    });
    await new Promise<void>((resolve, reject) => {
      const transaction = database.transaction('meta', 'readwrite');
      const store = transaction.objectStore('meta');
      const request = store.get('log') as IDBRequest<object>;
      request.onsuccess = () => store.put({ ...request.result, generation: 'another' }, 'log');
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(new Error('not changed'));
    });
    database.close();
  });
  await openApp(page, '#/settings');
  const notice = page
    .getByRole('alert')
    .filter({ hasText: '1 second copy of records on this device is of another log' });
  await expect(notice).toBeVisible();
  const copies = page.getByRole('region', { name: 'Copies set aside' });
  await expect(copies.getByRole('listitem')).toContainText(/^2 records, /);
  await expectAccessible(page);

  const downloads: Download[] = [];
  page.on('download', (download) => downloads.push(download));
  await copies.getByRole('button', { name: 'Save as files' }).click();
  await expect.poll(() => downloads.length).toBe(2);
  const texts = await Promise.all(downloads.map(async (download) => readFile(await download.path(), 'utf8')));
  expect(texts.find((text) => text.startsWith('^SCDATA: "SYSTART"'))).toContain('^SCDATA: "AMS"');
  expect(texts.some((text) => text.startsWith('{"records":'))).toBe(true);

  await copies.getByRole('button', { name: 'Remove…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(copies).toBeHidden();
  await expect(notice).toBeHidden();
  await expect(page.getByText('✓ up to date')).toBeVisible();
});

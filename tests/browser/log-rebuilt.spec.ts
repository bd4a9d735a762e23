import { expect, openApp, test } from './support/app.ts';
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

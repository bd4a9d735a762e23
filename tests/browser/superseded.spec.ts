import { expect, test } from '@playwright/test';
import { openApp } from './support/app.ts';
import { goTo } from './support/demo.ts';

test.use({ serviceWorkers: 'block' });

test('an owner whose storage a newer version takes over gives up ports and storage, and says so', async ({
  page,
  context,
}) => {
  await openApp(page);
  await goTo(page, 'Settings');
  await expect(page.getByText('✓ up to date')).toBeVisible();
  // A window of a version to come: it wants the ports, and another version of the database.
  const newer = await context.newPage();
  await newer.goto('./manifest.webmanifest');
  const outcome = await newer.evaluate(async () => {
    const { held = [] } = await navigator.locks.query();
    const owned = held.some(({ name }) => name === 'openhhu-engine');
    const taken = new Promise<void>((resolve) => {
      void navigator.locks.request('openhhu-engine', () => {
        resolve();
        return new Promise(() => undefined);
      });
    });
    const upgraded = await new Promise<number>((resolve, reject) => {
      const request = indexedDB.open('openhhu', 1000);
      request.onsuccess = () => resolve(request.result.version);
      request.onerror = () => reject(new Error(String(request.error)));
    });
    await taken;
    return { owned, upgraded };
  });
  expect(outcome).toEqual({ owned: true, upgraded: 1000 });
  await newer.close();
  // The worker that comes after it finds the newer database, and leaves it alone.
  await expect(page.getByRole('alert').filter({ hasText: 'last used by a newer OpenHHU' })).toBeVisible();
});

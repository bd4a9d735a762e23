/** Parts of the browser that hang, refuse or die without a word, under the engine in its worker. */
import type { BrowserContext } from '@playwright/test';
import { expect, openApp, test } from './support/app.ts';
import { chooseMeter, goTo, readMeter, registers, setSpeed, startRead } from './support/demo.ts';

// A service worker would serve the scripts past the route.
test.use({ serviceWorkers: 'block' });

/** Runs in every worker of the app before its own script. */
async function beforeWorkers(context: BrowserContext, prelude: string): Promise<void> {
  await context.route(/\/assets\/worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `{${prelude}}\n${await response.text()}` });
  });
}

test('a list of ports that never comes is said, and simulated meters are read meanwhile', async ({ page, context }) => {
  await beforeWorkers(context, 'Serial.prototype.getPorts = () => new Promise(() => undefined);');
  await openApp(page);
  await expect(page.getByText('The browser has not told its serial ports yet')).toBeVisible();
  await setSpeed(page, '100 times as fast');
  await readMeter(page, 'Gas meter');
});

test('a policy that forbids serial ports is said, and simulated meters are read', async ({
  page,
  context,
  complaints,
}) => {
  const refuse = "Serial.prototype.getPorts = () => Promise.reject(new DOMException('by policy', 'SecurityError'));";
  await beforeWorkers(context, refuse);
  await openApp(page);
  await expect(page.getByText('This site is given no serial ports')).toBeVisible();
  await setSpeed(page, '100 times as fast');
  await readMeter(page, 'Gas meter');
  complaints.length = 0; // the engine reports the refusal, once
});

test('a storage that never answers is said, and a reading by hand shows its figures', async ({ page, context }) => {
  await beforeWorkers(
    context,
    'IDBFactory.prototype.open = () => Object.setPrototypeOf(new EventTarget(), IDBOpenDBRequest.prototype);',
  );
  await openApp(page);
  await expect(page.getByText('The storage does not answer yet')).toBeVisible();
  await setSpeed(page, '100 times as fast');
  await chooseMeter(page, 'Gas meter');
  await startRead(page);
  await expect(page.getByText('This reading is not in the log: the storage has not answered yet.')).toBeVisible();
  await expect(page.getByText('It is tried again by itself')).toBeVisible();
  await expect(registers(page)).toBeVisible();
});

test('a connection to the database that died without an event costs no reading by hand', async ({ page, context }) => {
  await beforeWorkers(
    context,
    `const opened = new Set();
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = function (...how) {
      const request = open.apply(this, how);
      request.addEventListener('success', () => opened.add(request.result));
      return request;
    };
    new BroadcastChannel('test-hibernation').onmessage = () => {
      for (const connection of opened) connection.close();
      opened.clear();
    };`,
  );
  await openApp(page);
  await setSpeed(page, '100 times as fast');
  const first = await readMeter(page, 'Gas meter');
  await page.evaluate(() => new BroadcastChannel('test-hibernation').postMessage('woken'));
  await goTo(page, 'Read');
  await startRead(page);
  const outcome = page.getByRole('region', { name: 'Outcome' });
  await expect(outcome).toContainText(`as record ${String(first + 1)}`);
});

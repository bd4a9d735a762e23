import type { BrowserContext, Page } from '@playwright/test';

/** Intervals of an hour ('1H'): between two of their slots the slowest machine comes to the end of a test. */
export const HOUR = 3_600_000;

/**
 * How far a clock has to be ahead to show 5 s past a full hour, so many hours after the next one: no slot of an hour comes
 * due by itself while a test runs, and it comes due where the clock is set an hour forward.
 */
export const pastTheHour = (hours = 0): number => (hours + 1) * HOUR - (Date.now() % HOUR) + 5000;

/**
 * A clock for the app's workers that tests can set forward: schedules count in minutes, and no test waits that long.
 * The service worker has to be blocked (`serviceWorkers: 'block'`), which would serve the scripts past the route.
 *
 * @param ahead how far the clock is ahead from the beginning, ms
 */
export async function routeWorkerClock(context: BrowserContext, ahead = 0): Promise<void> {
  await beforeWorkers(
    context,
    `const now = Date.now.bind(Date);
    let ahead = ${String(ahead)};
    Date.now = () => now() + ahead;
    new BroadcastChannel('test-clock').onmessage = ({ data }) => { ahead = data; };`,
  );
}

const preludes = new WeakMap<BrowserContext, string>();

/** Runs in every worker of the app before its own script, behind what was given before. Service workers as above. */
export async function beforeWorkers(context: BrowserContext, script: string): Promise<void> {
  const prelude = `${preludes.get(context) ?? ''}{${script}}\n`;
  preludes.set(context, prelude);
  await context.route(/\/assets\/\w+-worker-[^/]*\.js$/, async (route) => {
    try {
      const response = await route.fetch();
      await route.fulfill({ response, body: prelude + (await response.text()) });
    } catch (error) {
      // A browser that is killed takes what was on its way with it.
      if (!(error instanceof Error && /has been (closed|disposed)/.test(error.message))) throw error;
    }
  });
}

/** Puts the clock of all workers of this origin `ahead` ms ahead of the real one. */
export async function setWorkerClock(page: Page, ahead: number): Promise<void> {
  await page.evaluate((ms) => {
    const channel = new BroadcastChannel('test-clock');
    channel.postMessage(ms);
    channel.close();
  }, ahead);
}

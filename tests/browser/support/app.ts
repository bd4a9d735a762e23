import { AxeBuilder } from '@axe-core/playwright';
import { test as base, expect, type BrowserContext, type Page } from '@playwright/test';

export { expect };

/**
 * Playwright's `test` whose every page must stay clean: no error in a console (workers included), no uncaught error,
 * no CSP or Trusted Types violation, no request to another origin.
 */
export const test = base.extend<{ complaints: string[] }>({
  complaints: [
    async ({ context, baseURL }, use) => {
      const complaints: string[] = [];
      await listen(context, new URL(baseURL ?? '').origin, complaints);
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

async function listen(context: BrowserContext, origin: string, complaints: string[]): Promise<void> {
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => {
    complaints.push(`uncaught: ${String(error.error().stack)}`);
  });
  context.on('request', (request) => {
    const url = new URL(request.url());
    const leaves = url.protocol.startsWith('http') && url.hostname !== new URL(origin).hostname;
    if (leaves) complaints.push(`request to another host: ${request.url()}`);
  });
  await context.addInitScript(() => {
    document.addEventListener(
      'securitypolicyviolation',
      ({ violatedDirective, blockedURI, sourceFile, lineNumber }) => {
        console.error(`CSP violation: ${violatedDirective} ${blockedURI} at ${sourceFile}:${String(lineNumber)}`);
      },
    );
  });
}

/** Opens the app at a route such as `#/log` and waits until it shows itself. */
export async function openApp(page: Page, route = ''): Promise<void> {
  await page.goto(`./${route}`);
  await expect(page.locator('#app > *').first()).toBeVisible();
}

/** Waits until the service worker has stored everything and serves this page. */
export async function untilOfflineReady(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
}

/** Fails with the list of what axe finds against WCAG 2.2 A and AA on the page as it is now. */
export async function expectAccessible(page: Page): Promise<void> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  expect(violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.html) }))).toEqual([]);
}

const screens = [
  { width: 1280, height: 800 },
  { width: 800, height: 1280 },
  { width: 390, height: 844 },
];

/** The same on three shapes of screen, in light and dark; and nothing is wider than the screen. */
export async function expectAccessibleOnAllScreens(page: Page): Promise<void> {
  // A color half way through a transition is no color anybody reads.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  for (const screen of screens) {
    await page.setViewportSize(screen);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await expectAccessible(page);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(screen.width);
  }
}

/** Notes whether a text comes into sight from now on, however soon it is gone again; resolves once it has. */
export async function watchFor(page: Page, text: string): Promise<() => Promise<void>> {
  const noted = await page.evaluateHandle((wanted) => {
    const seen = new Promise<void>((resolve) => {
      new MutationObserver((_changes, observer) => {
        if (!document.body.innerText.includes(wanted)) return;
        observer.disconnect();
        resolve();
      }).observe(document.body, { childList: true, characterData: true, subtree: true });
    });
    return { seen };
  }, text);
  return () => noted.evaluate(({ seen }) => seen);
}

/** Notes every text that the element with this label shows from now on, the short-lived ones too. */
export async function watchTexts(page: Page, label: string): Promise<() => Promise<string>> {
  const texts = await page.evaluateHandle((name) => {
    const seen: string[] = [];
    const look = () => {
      const text = document.querySelector<HTMLElement>(`[aria-label="${name}"]`)?.innerText ?? '';
      if (text !== seen.at(-1)) seen.push(text);
    };
    new MutationObserver(look).observe(document.body, { childList: true, characterData: true, subtree: true });
    return seen;
  }, label);
  return async () => (await texts.jsonValue()).join('\n');
}

import type { LogHarnessPage } from './page.ts';

declare global {
  /** Set by page.ts in the page under test. */
  var logHarness: LogHarnessPage;
}

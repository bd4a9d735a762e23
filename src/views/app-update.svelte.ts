import type { UpdateLink } from './update-link.ts';

/**
 * The service worker as the page sees it. A new version is fetched in the background, offered, and applied only when a
 * person accepts it and no reading runs; what another window accepted never reloads this one.
 */
export class AppUpdate {
  /** A new version waits for {@link apply}. */
  ready = $state(false);
  /** Everything is stored: the app starts without a network. */
  offlineReady = $state(false);
  /** Why the app cannot work offline here, in words; empty if it can. */
  fault = $state('');
  readonly #isBusy: () => boolean;
  #link: UpdateLink | undefined;

  /** @param isBusy whether a reading runs that a reload would cut off */
  constructor(isBusy: () => boolean) {
    this.#isBusy = isBusy;
  }

  /** To be called once. Does nothing on the dev server and where the browser has no service workers. */
  async register(): Promise<void> {
    if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
    try {
      // Not part of the first load.
      const { linkServiceWorker } = await import('./update-link.ts');
      // The script this window began with: as long as it is open, the files of its build are kept.
      this.#link = await linkServiceWorker(this, this.#isBusy, import.meta.url);
    } catch (error) {
      this.fault = error instanceof Error ? error.message : String(error);
    }
  }

  /** Loads the new version. Returns false, and does nothing, while a reading runs. */
  apply(): boolean {
    if (!this.ready || !this.#link || this.#isBusy()) return false;
    this.#link.apply();
    return true;
  }
}

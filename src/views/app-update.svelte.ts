import { trustedUrl } from './trusted-url.ts';

/** How often a window that stays open for weeks asks for a new version, ms. */
const checkInterval = 60 * 60 * 1000;

/**
 * The service worker as the page sees it. A new version is fetched in the background, offered, and applied only when a
 * person accepts it and no reading runs; what another window accepted never reloads this one.
 */
export class AppUpdate {
  readonly #isBusy: () => boolean;
  #registration: ServiceWorkerRegistration | undefined;
  #accepted = false;
  #ready = $state(false);
  #offlineReady = $state(false);
  #fault = $state('');

  /** @param isBusy whether a reading runs that a reload would cut off */
  constructor(isBusy: () => boolean) {
    this.#isBusy = isBusy;
  }

  /** A new version waits for {@link apply}. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Everything is stored: the app starts without a network. */
  get offlineReady(): boolean {
    return this.#offlineReady;
  }

  /** Why the app cannot work offline here, in the browser's words; empty if it can. */
  get fault(): string {
    return this.#fault;
  }

  /** To be called once. Does nothing on the dev server and where the browser has no service workers. */
  async register(): Promise<void> {
    if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
    const container = navigator.serviceWorker;
    this.#followController(container);
    try {
      const registration = await container.register(trustedUrl('service-worker.js'), { updateViaCache: 'none' });
      this.#followInstalls(registration);
      this.#keepChecking(registration);
      const { active } = await container.ready;
      // A page that was loaded in the very moment the worker took over the others was missed.
      if (!container.controller) active?.postMessage({ type: 'CLAIM' });
      this.#offlineReady = true;
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
    }
  }

  /** Loads the new version. Returns false, and does nothing, while a reading runs. */
  apply(): boolean {
    if (!this.#ready || this.#isBusy()) return false;
    const waiting = this.#registration?.waiting;
    if (waiting) {
      this.#accepted = true;
      waiting.postMessage({ type: 'SKIP_WAITING' });
    } else {
      location.reload(); // another window accepted it: the new version is already at work
    }
    return true;
  }

  #followController(container: ServiceWorkerContainer): void {
    let controlled = container.controller !== null;
    container.addEventListener('controllerchange', () => {
      if (this.#accepted && !this.#isBusy()) {
        this.#accepted = false; // once: the event may come again before the page is gone
        location.reload();
      } else if (controlled) {
        this.#ready = true;
      }
      controlled = true; // the very first controller comes with the first visit and is no update
    });
  }

  #followInstalls(registration: ServiceWorkerRegistration): void {
    this.#registration = registration;
    this.#ready ||= registration.waiting !== null;
    const follow = (worker: ServiceWorker | null) => {
      worker?.addEventListener('statechange', () => {
        // The first worker of all passes 'installed' too, but nothing is active before it.
        if (worker.state === 'installed' && registration.active) this.#ready = true;
      });
    };
    follow(registration.installing);
    registration.addEventListener('updatefound', () => {
      follow(registration.installing);
    });
  }

  #keepChecking(registration: ServiceWorkerRegistration): void {
    const check = () => {
      registration.update().catch(() => {
        // Offline, as it often is in a cellar; the next check will tell.
      });
    };
    setInterval(check, checkInterval);
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') check();
    });
  }
}

import { askServiceWorker } from './ask-service-worker.ts';
import { trustedUrl } from './trusted-url.ts';

/** How often a window that stays open for weeks asks for a new version, ms. */
const CHECK_INTERVAL_MS = 60 * 60 * 1000;

export interface UpdateLink {
  /** Puts the version that waits to work, and reloads this window. */
  apply(): void;
}

/** What a window shows of it. */
interface News {
  ready: boolean;
  offlineReady: boolean;
  fault: string;
}

/**
 * Registers the service worker and keeps `news` up to date. Rejects with what the browser says where it refuses it.
 *
 * @param script address of the script this window began with
 */
export async function linkServiceWorker(news: News, isBusy: () => boolean, script: string): Promise<UpdateLink> {
  const container = navigator.serviceWorker;
  const offer = () => (news.ready = true);
  let accepted = false;
  let controlled = container.controller !== null;

  container.addEventListener('controllerchange', () => {
    if (accepted && !isBusy()) {
      accepted = false; // once: the event may come again before the page is gone
      location.reload();
    } else if (controlled) offer();
    controlled = true; // the very first controller comes with the first visit and is no update
  });
  container.addEventListener('message', ({ data, ports }: MessageEvent<unknown>) => {
    if (typeof data !== 'object' || data === null || !('type' in data)) return;
    if (data.type === 'WHICH_SCRIPT') ports[0]?.postMessage(script);
    if (data.type === 'INSTALL_FAILED' && 'reason' in data) news.fault = String(data.reason);
  });

  const registration = await container.register(trustedUrl('service-worker.js'), { updateViaCache: 'none' });
  const follow = (worker: ServiceWorker | null) =>
    worker?.addEventListener('statechange', () => {
      // The first worker of all is 'installed' too, but nothing is active before it.
      if (worker.state === 'installed' && registration.active !== null) offer();
      if (worker.state === 'redundant' && !registration.active) news.fault ||= 'a file could not be stored';
    });
  // Found just now, or by another window a moment ago.
  registration.addEventListener('updatefound', () => follow(registration.installing));
  follow(registration.installing);
  if (registration.waiting) offer();
  keepChecking(() => {
    news.ready ||= registration.waiting !== null;
    return registration.update();
  });
  // A browser where the installation fails never gets ready, and the failure is told by a message.
  void container.ready.then(({ active }) => {
    // A page that was loaded in the very moment the worker took over the others was missed.
    if (!container.controller) active?.postMessage({ type: 'CLAIM' });
    if (active) void checkFiles(active, news);
  });

  return {
    apply() {
      accepted = registration.waiting !== null;
      if (accepted) registration.waiting?.postMessage({ type: 'SKIP_WAITING' });
      else location.reload(); // another window accepted it: the new version is already at work
    },
  };
}

/** Is really everything stored? What got lost is fetched again by that. */
async function checkFiles(worker: ServiceWorker, news: News): Promise<void> {
  const { missing } = (await askServiceWorker(worker, { type: 'CHECK_FILES' })) as {
    readonly missing: readonly string[];
  };
  news.offlineReady = missing.length === 0;
  news.fault = missing.length === 0 ? '' : `missing: ${missing.slice(0, 3).join(', ')}`;
}

function keepChecking(update: () => Promise<unknown>): void {
  const check = () => {
    update().catch(() => {
      // Offline, as it often is in a cellar; the next check will tell.
    });
  };
  setInterval(check, CHECK_INTERVAL_MS);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') check();
  });
}

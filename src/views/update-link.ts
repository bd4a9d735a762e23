import type { AppUpdate } from './app-update.svelte.ts';
import { trustedUrl } from './trusted-url.ts';

/** How often a window that stays open for weeks asks for a new version, ms. */
const CHECK_INTERVAL_MS = 60 * 60 * 1000;

export interface UpdateLink {
  /** Puts the version that waits to work, and reloads this window. */
  apply(): void;
}

type News = Pick<AppUpdate, 'ready' | 'offlineReady' | 'fault'>;

/**
 * Registers the service worker and keeps `news` up to date. Rejects with what the browser says where it refuses it.
 *
 * @param script address of the script this window began with
 */
export async function linkServiceWorker(news: News, isBusy: () => boolean, script: string): Promise<UpdateLink> {
  const container = navigator.serviceWorker;
  let accepted = false;
  let controlled = container.controller !== null;

  container.addEventListener('controllerchange', () => {
    if (accepted && !isBusy()) {
      accepted = false; // once: the event may come again before the page is gone
      location.reload();
    } else if (controlled) {
      news.ready = true;
    }
    controlled = true; // the very first controller comes with the first visit and is no update
  });
  container.addEventListener('message', ({ data, ports }: MessageEvent<unknown>) => {
    if (typeof data !== 'object' || data === null || !('type' in data)) return;
    if (data.type === 'WHICH_SCRIPT') ports[0]?.postMessage(script);
    if (data.type === 'INSTALL_FAILED' && 'reason' in data) news.fault = String(data.reason);
  });

  const registration = await container.register(trustedUrl('service-worker.js'), { updateViaCache: 'none' });
  followInstalls(registration, news);
  keepChecking(registration);
  // A browser where the installation fails never gets ready, and the failure is told by a message.
  void container.ready.then(({ active }) => {
    // A page that was loaded in the very moment the worker took over the others was missed.
    if (!container.controller) active?.postMessage({ type: 'CLAIM' });
    if (active) checkFiles(active, news);
  });

  return {
    apply() {
      const { waiting } = registration;
      if (waiting) {
        accepted = true;
        waiting.postMessage({ type: 'SKIP_WAITING' });
      } else {
        location.reload(); // another window accepted it: the new version is already at work
      }
    },
  };
}

function followInstalls(registration: ServiceWorkerRegistration, news: News): void {
  news.ready ||= registration.waiting !== null;
  const follow = (worker: ServiceWorker | null) => {
    worker?.addEventListener('statechange', () => {
      // The first worker of all passes 'installed' too, but nothing is active before it.
      if (worker.state === 'installed' && registration.active) news.ready = true;
      if (worker.state === 'redundant' && !registration.active) news.fault ||= 'a file could not be stored';
    });
  };
  follow(registration.installing);
  registration.addEventListener('updatefound', () => {
    follow(registration.installing);
  });
}

/** Is really everything stored? What got lost is fetched again by that. */
function checkFiles(worker: ServiceWorker, news: News): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data: { missing } }: MessageEvent<{ readonly missing: readonly string[] }>) => {
    port1.close();
    news.offlineReady = missing.length === 0;
    news.fault = missing.length === 0 ? '' : `missing: ${missing.slice(0, 3).join(', ')}`;
  };
  worker.postMessage({ type: 'CHECK_FILES' }, [port2]);
}

function keepChecking(registration: ServiceWorkerRegistration): void {
  const check = () => {
    registration.update().catch(() => {
      // Offline, as it often is in a cellar; the next check will tell.
    });
  };
  setInterval(check, CHECK_INTERVAL_MS);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') check();
  });
}

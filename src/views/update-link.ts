import { messageSW, Workbox } from 'workbox-window';
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
  const workbox = new Workbox(trustedUrl('service-worker.js'), { updateViaCache: 'none' });
  const offer = () => (news.ready = true);
  let accepted = false;
  let controlled = container.controller !== null;

  workbox.addEventListener('controlling', () => {
    if (accepted && !isBusy()) {
      accepted = false; // once: the event may come again before the page is gone
      location.reload();
    } else if (controlled) offer();
    controlled = true; // the very first controller comes with the first visit and is no update
  });
  // Workbox passes on only what workers say that this window has seen come; an older one asks for the script too.
  container.addEventListener('message', ({ data, ports }: MessageEvent<unknown>) => {
    if (typeof data !== 'object' || data === null || !('type' in data)) return;
    if (data.type === 'WHICH_SCRIPT') ports[0]?.postMessage(script);
    if (data.type === 'INSTALL_FAILED' && 'reason' in data) news.fault = String(data.reason);
  });

  workbox.addEventListener('waiting', offer);
  const registration = await workbox.register({ immediate: true });
  if (!registration) throw new Error('The browser did not register the service worker.');
  // The first worker of all passes 'installed' too, but nothing is active before it.
  workbox.addEventListener('installed', () => (news.ready ||= registration.active !== null));
  // One that another window has begun to install is none of Workbox's.
  const { installing } = registration;
  installing?.addEventListener('statechange', () => {
    if (installing.state === 'installed') news.ready ||= registration.active !== null;
  });
  workbox.addEventListener('redundant', () => {
    if (!registration.active) news.fault ||= 'a file could not be stored';
  });
  keepChecking(() => {
    // Of what other windows find, Workbox follows the first only.
    news.ready ||= registration.waiting !== null;
    return workbox.update();
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
      if (accepted) workbox.messageSkipWaiting();
      else location.reload(); // another window accepted it: the new version is already at work
    },
  };
}

/** Is really everything stored? What got lost is fetched again by that. */
async function checkFiles(worker: ServiceWorker, news: News): Promise<void> {
  const { missing } = (await messageSW(worker, { type: 'CHECK_FILES' })) as { readonly missing: readonly string[] };
  news.offlineReady = missing.length === 0;
  news.fault = missing.length === 0 ? '' : `missing: ${missing.slice(0, 3).join(', ')}`;
}

function keepChecking(update: () => Promise<void>): void {
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

import { loadConfiguration } from './ams/ams-store.ts';
import { dueOf } from './ams/due.ts';
import { openSlotStore } from './ams/slot-store.ts';
import { contentSecurityPolicy } from './build-info.ts';
import { connectDatabase } from './log/database.ts';
import { openSettings } from './log/settings.ts';
import { type BuildFile, buildFiles } from './service-worker/files.ts';
import { scriptsOfWindows } from './service-worker/windows.ts';

declare const self: ServiceWorkerGlobalScope & {
  /** Every file of the build; filled in by the build. */
  readonly __WB_MANIFEST: BuildFile[];
};

const { scope } = self.registration;
const files = buildFiles(self.__WB_MANIFEST, {
  scope,
  policy: contentSecurityPolicy,
  caches: self.caches,
  fetch: (request) => fetch(request),
});

self.addEventListener('install', (event) => {
  event.waitUntil(
    files.install().catch(async (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
      for (const client of windows) client.postMessage({ type: 'INSTALL_FAILED', reason });
      throw error;
    }),
  );
});

// Every address in the scope is the one page. Deeper paths are sent to it first: its own links are relative.
const { pathname: home } = new URL(scope);
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (!url.href.startsWith(scope) || (request.method !== 'GET' && request.method !== 'HEAD')) return;
  if (request.mode === 'navigate') {
    event.respondWith(url.pathname === home ? givePage(request) : Promise.resolve(Response.redirect(home)));
  } else if (files.isOurs(url)) event.respondWith(files.answer(request));
});

/** Pages given out since one of them last said that it has started. */
let unstarted = 0;
const MAX_UNSTARTED = 2;

/** One that does not start again and again is not given out for good. */
async function givePage(request: Request): Promise<Response> {
  if (unstarted++ >= MAX_UNSTARTED) {
    await files.renewPage().catch((error: unknown) => console.warn('service worker', error));
  }
  return await files.page(request);
}

// The page of the first visit is served from here too: what it has not loaded yet must be there offline.
// Nothing else belongs here: until this is done, every request of the page waits.
self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

// A new version waits until a person accepts it (src/views/app-update.svelte.ts): never in the middle of a reading.
self.addEventListener('message', (event) => {
  const message: unknown = event.data;
  if (typeof message !== 'object' || !message || !('type' in message)) return;
  if (message.type === 'CLAIM') event.waitUntil(self.clients.claim());
  if (message.type === 'SKIP_WAITING') event.waitUntil(self.skipWaiting());
  if (message.type === 'REMINDER') {
    event.waitUntil(answerReminder(event.ports[0], 'on' in message ? message.on === true : undefined));
  }
  if (message.type === 'WHAT_IS_DUE') event.waitUntil(lookWhatIsDue());
  if (message.type === 'CHECK_FILES') unstarted = 0;
  if (message.type === 'CHECK_FILES') event.waitUntil(reported(() => checkFiles(event.ports[0])));
});

/** Asked by every window that starts: is everything there, and can older builds go? */
async function checkFiles(answerTo: MessagePort | undefined): Promise<void> {
  try {
    answerTo?.postMessage({ missing: await files.repair() });
  } catch (error) {
    answerTo?.postMessage({ missing: [error instanceof Error ? error.message : String(error)] });
  }
  if (!(await files.hasOldBuilds())) return;
  const scripts = await scriptsOfWindows(self.clients, scope);
  const { installing, waiting } = self.registration;
  // What looks like an older build may be the one to come.
  if (scripts && !installing && !waiting) await files.dropOldBuilds(scripts);
}

/*
 * The schedule's second clock. No meter can be read from here: a due slot is handed to an open
 * window, and where there is none a person is reminded.
 */
const REMINDER = 'due';
/** Key of the setting. */
const REMINDER_KEY = 'reminder';

// Twice a day or so, for an installed app in Chromium only; not in TypeScript's library.
self.addEventListener('periodicsync', (event) => {
  (event as ExtendableEvent).waitUntil(lookWhatIsDue());
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(reported(showMeters));
});

function lookWhatIsDue(): Promise<void> {
  return reported(async () => {
    const { due, remind } = await askDatabase(Date.now());
    const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
    const awake = windows.filter((client) => !isFrozen(client));
    if (due > 0) for (const client of awake) client.postMessage({ type: 'TICK' });
    if (due === 0 || awake.length > 0) await clearReminder();
    else await showReminder(due, remind);
  });
}

/** Meters with a slot that nobody has claimed, and whether a person wants to be reminded of them. */
async function askDatabase(now: number): Promise<{ readonly due: number; readonly remind: boolean }> {
  const database = connectDatabase();
  try {
    const { meters, enabledSince } = await loadConfiguration(database);
    const remind = (await openSettings(database).get(REMINDER_KEY)) === true;
    if (enabledSince === undefined) return { due: 0, remind };
    const { lastSlot } = openSlotStore(database);
    const owed = await Promise.all(
      meters.map(async (meter) => dueOf(meter, enabledSince, await lastSlot(meter.id), now)),
    );
    return { due: owed.filter((each) => each !== undefined).length, remind };
  } finally {
    database.close();
  }
}

/** Whether a person wants to be reminded; changed first where `on` says so. */
async function answerReminder(answerTo: MessagePort | undefined, on: boolean | undefined): Promise<void> {
  const database = connectDatabase();
  try {
    const settings = openSettings(database);
    if (on !== undefined) await settings.put(REMINDER_KEY, on);
    answerTo?.postMessage({ on: (await settings.get(REMINDER_KEY)) === true });
  } catch (error) {
    answerTo?.postMessage({ fault: error instanceof Error ? error.message : String(error) });
  } finally {
    database.close();
  }
}

async function showReminder(due: number, remind: boolean): Promise<void> {
  if ('setAppBadge' in self.navigator) await self.navigator.setAppBadge(due);
  if (!remind || Notification.permission !== 'granted') return;
  await self.registration.showNotification(due === 1 ? '1 reading due' : `${due} readings due`, {
    tag: REMINDER, // takes the place of the one before
    body: 'No meter can be read while no window of OpenHHU is open.',
    icon: 'icons/icon-192.png',
  });
}

async function clearReminder(): Promise<void> {
  if ('clearAppBadge' in self.navigator) await self.navigator.clearAppBadge();
  for (const notification of await self.registration.getNotifications({ tag: REMINDER })) notification.close();
}

async function showMeters(): Promise<void> {
  const [client] = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (client) {
    client.postMessage({ type: 'SHOW', hash: '#/meters' });
    await client.focus();
  } else {
    await self.clients.openWindow(`${home}#/meters`);
  }
}

/** A page in the background that the browser has stopped; Chromium alone tells (Page Lifecycle). */
function isFrozen(client: WindowClient): boolean {
  return 'lifecycleState' in client && client.lifecycleState === 'frozen';
}

/** Nobody waits for these answers, so a failure goes where a developer or a support bundle finds it. */
async function reported(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error('service worker', error);
  }
}

import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';

declare const self: ServiceWorkerGlobalScope & {
  /** Every file of the build with its revision; filled in by the build. */
  readonly __WB_MANIFEST: (string | { url: string; revision: string | null })[];
};

cleanupOutdatedCaches();
precacheAndRoute(self.__WB_MANIFEST);

// Every address in the scope is the one page. Deeper paths are sent to it first: its own links are relative.
const { pathname: home } = new URL(self.registration.scope);
const indexHtml = createHandlerBoundToURL('index.html');
registerRoute(
  new NavigationRoute((options) =>
    options.url.pathname === home ? indexHtml(options) : Promise.resolve(Response.redirect(home)),
  ),
);

// The page of the first visit is served from here too: what it has not loaded yet must be there offline.
self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

// A new version waits until a person accepts it (src/views/app-update.svelte.ts): never in the middle of a reading.
self.addEventListener('message', (event) => {
  const message: unknown = event.data;
  if (typeof message === 'object' && message && 'type' in message && message.type === 'SKIP_WAITING') {
    event.waitUntil(self.skipWaiting());
  }
});

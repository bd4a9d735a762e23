import { trustedUrl } from './trusted-url.ts';

/**
 * A worker does not obey the policy of the page but the one its script was served with, or, where its script is a part of
 * the page (`blob:`), the page's. Hosts that send headers and the service worker serve it with one; on any other host,
 * until the service worker is there, the script is reached through a line of the page. So no worker ever runs without.
 */
export async function confinedWorker(url: string, name: string): Promise<Worker> {
  const isConfined = await fetch(url, { method: 'HEAD' }).then(
    ({ headers }) => headers.has('Content-Security-Policy'),
    () => false,
  );
  const { href } = new URL(url, location.href);
  return new Worker(trustedUrl(isConfined ? href : importing(href)), { type: 'module', name });
}

/** Address of a script that does nothing but import another. */
function importing(url: string): string {
  return URL.createObjectURL(new Blob([`import ${JSON.stringify(url)};`], { type: 'text/javascript' }));
}

/**
 * URLs of our own scripts, in the only form that `require-trusted-types-for 'script'` lets a Worker or a service
 * worker registration take. The policy `app-url` is named in the CSP (public/_headers) and refuses other origins.
 *
 * How to start a worker so that Vite bundles it and it starts under any base path:
 *
 *     import engineUrl from '../engine/worker.ts?worker&url';
 *     const worker = new Worker(trustedUrl(engineUrl), { type: 'module', name: 'engine' });
 *
 * Vite sees a worker only in the literal `new Worker(new URL('…', import.meta.url))`, which Trusted Types forbids; with
 * `trustedUrl()` around the URL it would ship the TypeScript source as an asset. `?worker&url` bundles it and gives
 * the address.
 */
const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypePolicyFactory };
const policy = trustedTypes?.createPolicy('app-url', { createScriptURL: sameOrigin });

function sameOrigin(url: string): string {
  if (new URL(url, location.href).origin !== location.origin) throw new TypeError(`not a script of this app: ${url}`);
  return url;
}

/** The URL, blessed where the browser has Trusted Types. Throws a TypeError for any other origin. */
export function trustedUrl(url: string | URL): string {
  const text = String(url);
  // lib.dom does not know that Worker() and register() take a TrustedScriptURL, hence the claim that it is a string
  return policy ? (policy.createScriptURL(text) as unknown as string) : sameOrigin(text);
}

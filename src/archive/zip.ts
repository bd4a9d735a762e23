import { zipSync } from 'fflate/browser';
import type { AsyncZippable } from 'fflate/browser';

/** What else the writer of workbooks takes from there. */
export { strToU8, zipSync } from 'fflate/browser';

/**
 * Stands in for fflate's own `zip` when workbooks are written (alias in vite.config.ts). That one starts workers from
 * blobs, which our Content-Security-Policy forbids; the archive is a worker already, so it may take its time.
 */
export function zip(files: AsyncZippable, done: (error: Error | null, archive: Uint8Array<ArrayBuffer>) => void): void {
  const plain = Object.entries(files).flatMap(([name, file]) => (file instanceof Uint8Array ? [[name, file]] : []));
  done(null, zipSync(Object.fromEntries(plain) as Record<string, Uint8Array>));
}

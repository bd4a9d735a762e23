import { fileURLToPath } from 'node:url';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { serve } from '../../tools/static-server.js';

const here = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * Builds and serves the page that reads a meter with the app's own port, line and session (page/), for tests and bench.
 * @returns {Promise<{ origin: string, close(): Promise<void> }>}
 */
export async function serveReadPage() {
  const outDir = await mkdtemp(join(tmpdir(), 'openhhu-read-page-'));
  await build({
    root: here('page'),
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: { outDir, emptyOutDir: true, target: 'chrome120', modulePreload: false },
  });
  const { url, close } = await serve(outDir);
  return {
    origin: new URL(url).origin,
    async close() {
      await close();
      await rm(outDir, { recursive: true });
    },
  };
}

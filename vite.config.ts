import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';
import { sharedChunks, workersInOneBuild } from './vite-workers.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

/** The short hash of the commit that is built, for the about page and support bundles. */
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown'; // built from an archive without git
  }
}

/** The Content-Security-Policy as hosts that read public/_headers send it. */
function policy(): string {
  const found = /^ +Content-Security-Policy: (.+)$/m.exec(readFileSync('public/_headers', 'utf8'))?.[1];
  if (found === undefined) throw new Error('public/_headers has no Content-Security-Policy');
  return found;
}

/**
 * Puts the Content-Security-Policy into the built index.html, so that a static host that sends no headers is as strict as
 * one that does. Only the build: the dev server injects inline styles and opens a WebSocket.
 */
function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    configResolved({ root, build }) {
      outDir = resolve(root, build.outDir);
    },
    transformIndexHtml() {
      // frame-ancestors is only known in a header; in a <meta> the browser complains about it (CSP 3, 6.4.2)
      const content = policy().replace(/ *frame-ancestors [^;]*;/, '');
      return [{ tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content }, injectTo: 'head-prepend' }];
    },
  };
}

/** Where the build goes, once it is known. */
let outDir = '';

/** What the service worker needs to notice a file that is not what was built, whatever the host or an edge made of it. */
function integrityOf(url: string): string {
  const file = readFileSync(join(outDir, url));
  return `sha256-${createHash('sha256').update(file).digest('base64')}`;
}

export default defineConfig({
  base: './', // works under any path of a static host; routes are in the hash
  plugins: [
    svelte(),
    workersInOneBuild(),
    contentSecurityPolicy(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'service-worker.ts',
      injectRegister: false, // src/views/app-update.svelte.ts does, with a Trusted Types URL
      manifest: false, // public/manifest.webmanifest
      injectManifest: {
        rollupFormat: 'iife', // Firefox knows no module service workers
        globPatterns: ['**/*.{html,js,css,svg,png,webmanifest}'],
        globIgnores: ['screenshots/**', '**/404.html'],
        manifestTransforms: [
          (entries) => ({
            // Other files may be changed on their way by a host that means well; these cannot: their names are kept for good.
            manifest: entries.map((entry) =>
              entry.url.startsWith('assets/') ? { ...entry, revision: null, integrity: integrityOf(entry.url) } : entry,
            ),
          }),
        ],
      },
    }),
  ],
  define: {
    __VERSION__: JSON.stringify(version),
    __COMMIT__: JSON.stringify(commit()),
    __CSP__: JSON.stringify(policy()),
  },
  build: {
    target: ['chrome120', 'firefox128', 'safari17.4'],
    modulePreload: {
      polyfill: false,
      // A list of every place's files would come with the first page; they name what they need themselves.
      resolveDependencies: (_file, files, { hostId }) => (hostId.startsWith('assets/index-') ? [] : files),
    },
    rolldownOptions: {
      output: { codeSplitting: { groups: sharedChunks(import.meta.dirname) } },
    },
  },
  // src/archive/zip.ts says why.
  resolve: {
    alias: [{ find: /^fflate$/, replacement: fileURLToPath(new URL('src/archive/zip.ts', import.meta.url)) }],
  },
  test: {
    environment: 'node',
    include: ['tests/unit/**/*.test.ts', 'tests/vectors/**/*.test.ts'],
    // Limits end hangs; they measure nothing.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

/** What a first visit loads, brotli at its best: a production build, measured as `npm test` does. */
import { join } from 'node:path';
import { build } from 'vite';
import { budget, measureFirstLoad } from '../tools/first-load.js';
import { root } from '../tools/setup.js';

const dist = join(root, '.cache', 'bench-dist');
await build({ root, logLevel: 'error', build: { outDir: dist, emptyOutDir: true } });
const { js, css, allJs } = measureFirstLoad(dist);
const row = (/** @type {number} */ bytes) => ({
  KiB: (bytes / 1024).toFixed(1),
  'of the budget': (bytes / budget).toFixed(2),
});
console.table({
  'JavaScript that index.html names': row(js),
  'CSS that index.html names': row(css),
  'all scripts, workers and later places included': row(allJs),
});

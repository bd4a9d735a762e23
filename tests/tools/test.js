import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { availableParallelism, freemem } from 'node:os';
import { join } from 'node:path';
import { ensureChromium } from './chromium.js';
import { budget, measureFirstLoad } from './first-load.js';
import { runGuarded } from './guarded.js';
import { countOf, failed, passed, playwrightCount, whatIsChecked, writeLastReport } from './report.js';
import { makeRunFolder } from './run-folder.js';
import { installPackages, requireNode, root, tool } from './setup.js';

/** @typedef {import('./report.js').Count} Count */
/** @typedef {{ name: string, run: () => Promise<Count>, quiet?: boolean }} Step `quiet`: prints when it has ended. */

/** What a browser and its runner take at their most, bytes. */
const BROWSER_MEMORY = 1.5 * 2 ** 30;

requireNode();
installPackages();
const { commit, clean } = whatIsChecked();
const began = performance.now();
const folder = makeRunFolder();
const dist = join(folder, 'dist');
const traces = join(folder, 'playwright');
const temporary = join(folder, 'tmp');
mkdirSync(temporary);

/** A check that counts as one test, held back until it has ended. @param {string[]} command */
const check = (command) => async () => {
  const { ok, text } = await runGuarded(command, { output: 'pipe' });
  if (text.trim() !== '') console.log(text.trimEnd());
  return ok ? passed : failed;
};

async function unitTests() {
  const file = join(folder, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=./tests/tools/vitest-report.js'];
  const { ok } = await runGuarded([...tool('vitest'), 'run', ...reporters], { env: { OPENHHU_REPORT: file } });
  return countOf(ok, file, (/** @type {Count} */ count) => count);
}

async function build() {
  return await check([...tool('vite'), 'build', '--logLevel', 'warn', '--outDir', dist, '--emptyOutDir'])();
}

async function firstLoad() {
  const { js, css, allJs } = measureFirstLoad(dist);
  const kib = (/** @type {number} */ bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
  console.log(
    `First load: ${kib(js)} JavaScript of at most ${kib(budget)}, ${kib(css)} CSS; all scripts: ${kib(allJs)}`,
  );
  return js <= budget ? passed : failed;
}

/** @param {'app' | 'serial'} project @param {number} workers */
async function browserTests(project, workers) {
  const chromium = await ensureChromium();
  if (chromium === undefined) {
    console.error('No Chromium was found or could be installed; set CHROME_PATH to one.');
    return failed;
  }
  const file = join(folder, `playwright-${project}.json`);
  const command = [...tool('@playwright/test', 'playwright'), 'test', '-c', 'tests/browser/playwright.config.ts'];
  const env = {
    CHROME_PATH: chromium,
    OPENHHU_DIST: dist,
    OPENHHU_TRACES: join(traces, project),
    TMPDIR: temporary,
    PLAYWRIGHT_JSON_OUTPUT_NAME: file,
  };
  const options = [`--project=${project}`, `--workers=${workers}`, '--reporter=list,json'];
  const { ok } = await runGuarded([...command, ...options], { env });
  return countOf(ok, file, playwrightCount);
}

/** @type {Record<'types' | 'lint' | 'format' | 'imports' | 'unit' | 'build' | 'size' | 'app' | 'serial', Step>} */
const steps = {
  // It checks the TypeScript files too, as `tsc` does.
  types: {
    name: 'Types',
    run: check([...tool('svelte-check'), '--tsconfig', './tsconfig.json', '--fail-on-warnings', '--output', 'human']),
  },
  lint: { name: 'ESLint', run: check([...tool('eslint'), '--max-warnings', '0', '.']) },
  format: { name: 'Formatting', run: check([...tool('prettier'), '--check', '--log-level', 'warn', '.']) },
  imports: {
    name: 'Import rules',
    run: check([...tool('dependency-cruiser', 'depcruise'), '--config', 'tests/tools/dependency-rules.cjs', 'src']),
  },
  unit: { name: 'Unit tests and vectors', run: unitTests },
  build: { name: 'Build', run: build },
  size: { name: 'Size of the first load', run: firstLoad },
  app: {
    name: 'Browser tests',
    run: () =>
      browserTests('app', Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / BROWSER_MEMORY)))),
  },
  // True pace on the wire: nothing else may want the cores.
  serial: { name: 'Browser tests over a real serial port', run: () => browserTests('serial', 1) },
};

/** @type {import('./report.js').StepResult[]} */
const results = [];

/** @param {Step} step */
async function take({ name, run }) {
  console.log(`\n== ${name}`);
  const started = performance.now();
  const count = await run().catch((error) => {
    console.error(error);
    return failed;
  });
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  results.push({ name, seconds, ...count });
  console.log(`   ${name}: ${count.failed > 0 ? 'FAILED' : 'ok'}, ${seconds.toFixed(1)} s`);
  return count.failed === 0;
}

/** Steps of one lane follow each other. @param {Step[]} lane */
async function takeAll(lane) {
  for (const step of lane) await take(step);
}

// What only reads the sources leaves half a core idle by itself.
await Promise.all([takeAll([steps.types, steps.lint, steps.format, steps.imports]), takeAll([steps.unit])]);
if (await take(steps.build)) await takeAll([steps.size, steps.app, steps.serial]);
else console.log('\nThere is no build, so nothing was tried in a browser.');

const sum = (/** @type {'passed' | 'failed'} */ key) => results.reduce((total, result) => total + result[key], 0);
const total = {
  passed: sum('passed'),
  failed: sum('failed'),
  skipped: results.flatMap(({ skipped }) => skipped),
};
const kept = join(root, '.cache', 'failed');
if (total.failed > 0 && existsSync(traces)) {
  rmSync(kept, { recursive: true, force: true });
  cpSync(traces, kept, { recursive: true });
  console.log(`\nScreenshots and traces of what failed in a browser are in ${kept}`);
}
rmSync(folder, { recursive: true, force: true });
const seconds = Math.round((performance.now() - began) / 1000);
writeLastReport({ commit, clean, node: process.versions.node, seconds, ...total, steps: results });

for (const reason of new Set(total.skipped.map((skip) => skip.reason))) console.log(`Skipped: ${reason}`);
const bad = results.filter((result) => result.failed > 0).map(({ name }) => name);
if (bad.length > 0) console.log(`\nFailed: ${bad.join(', ')}`);
const skipped = total.skipped.length > 0 ? `, ${total.skipped.length} skipped` : '';
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;

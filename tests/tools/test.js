import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureChromium } from './chromium.js';
import { budget, measureFirstLoad } from './first-load.js';
import { installPackages, requireNode, root, tool } from './setup.js';

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

const passed = { passed: 1, failed: 0, skipped: 0 };
const failed = { passed: 0, failed: 1, skipped: 0 };
const reports = join(root, '.cache', 'reports');

/**
 * Runs a command with its output passed through.
 *
 * @param {string[]} command
 * @param {Record<string, string>} [env]
 * @returns {Promise<boolean>} whether it ended well
 */
function run([command = '', ...args], env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
    child.once('error', (error) => {
      console.error(String(error));
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
}

/** A check that counts as one test. @param {string[][]} commands */
async function check(...commands) {
  for (const command of commands) if (!(await run(command))) return failed;
  return passed;
}

/**
 * The counts of a runner's own report. A run that ended badly has failed even if no test of it did.
 *
 * @template Report
 * @param {boolean} ok
 * @param {string} file
 * @param {(report: Report) => Count} read
 * @returns {Count}
 */
function countOf(ok, file, read) {
  try {
    const count = read(/** @type {Report} */ (JSON.parse(readFileSync(file, 'utf8'))));
    return ok || count.failed > 0 ? count : { ...count, failed: 1 };
  } catch (error) {
    console.error(`No report of the tests: ${String(error)}`);
    return failed;
  }
}

async function unitTests() {
  const file = join(reports, 'vitest.json');
  const ok = await run([
    ...tool('vitest'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  /** @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number }} Report */
  return countOf(ok, file, (/** @type {Report} */ report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  }));
}

function firstLoad() {
  const { js, css, allJs } = measureFirstLoad(join(root, 'dist'));
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
  const file = join(reports, `playwright-${project}.json`);
  const command = [...tool('@playwright/test', 'playwright'), 'test', '-c', 'tests/browser/playwright.config.ts'];
  const env = { CHROME_PATH: chromium, PLAYWRIGHT_JSON_OUTPUT_NAME: file };
  const ok = await run([...command, `--project=${project}`, `--workers=${workers}`, '--reporter=list,json'], env);
  /** @typedef {{ stats: { expected: number, unexpected: number, flaky: number, skipped: number } }} Report */
  return countOf(ok, file, (/** @type {Report} */ { stats }) => ({
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  }));
}

requireNode();
installPackages();
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const depcruise = tool('dependency-cruiser', 'depcruise');
/** @type {{ name: string, run: () => Count | Promise<Count>, needsBuild?: true }[]} */
const steps = [
  {
    name: 'Types',
    run: () =>
      check(
        [...tool('typescript', 'tsc'), '--noEmit'],
        [...tool('svelte-check'), '--tsconfig', './tsconfig.json', '--fail-on-warnings'],
      ),
  },
  { name: 'ESLint', run: () => check([...tool('eslint'), '--max-warnings', '0', '.']) },
  { name: 'Formatting', run: () => check([...tool('prettier'), '--check', '.']) },
  {
    name: 'Import rules',
    run: () => check([...depcruise, '--config', 'tests/tools/dependency-rules.cjs', 'src']),
  },
  { name: 'Unit tests and vectors', run: unitTests },
  { name: 'Build', run: () => check([...tool('vite'), 'build', '--logLevel', 'warn']) },
  { name: 'Size of the first load', run: firstLoad, needsBuild: true },
  { name: 'Browser tests', run: () => browserTests('app', 2), needsBuild: true },
  // True pace on the wire: nothing else may want the cores.
  { name: 'Browser tests over a real serial port', run: () => browserTests('serial', 1), needsBuild: true },
];

const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const bad = [];
for (const step of steps) {
  console.log(`\n== ${step.name}`);
  if (step.needsBuild && bad.includes('Build')) {
    console.log('Not run: there is no build.');
    continue;
  }
  const started = performance.now();
  const count = await step.run();
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
  if (count.failed > 0) bad.push(step.name);
  console.log(`   ${count.failed > 0 ? 'FAILED' : 'ok'}, ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

if (bad.length > 0) console.log(`\nFailed: ${bad.join(', ')}`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;

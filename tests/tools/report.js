import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.js';

/** @typedef {{ passed: number, failed: number, skipped: { name: string, reason: string }[] }} Count */
/** @typedef {Count & { name: string, seconds: number }} StepResult */

/** @type {Count} */
export const passed = { passed: 1, failed: 0, skipped: [] };
/** @type {Count} */
export const failed = { passed: 0, failed: 1, skipped: [] };

/**
 * The counts that a runner left in a file. A run that ended badly has failed even if no test of it did.
 *
 * @template Report
 * @param {boolean} ok
 * @param {string} file
 * @param {(report: Report) => Count} read
 * @returns {Count}
 */
export function countOf(ok, file, read) {
  try {
    const count = read(/** @type {Report} */ (JSON.parse(readFileSync(file, 'utf8'))));
    return ok || count.failed > 0 ? count : { ...count, failed: 1 };
  } catch (error) {
    console.error(`No report of the tests: ${String(error)}`);
    return failed;
  }
}

/**
 * @typedef {{ title: string, specs?: { title: string, tests: PlaywrightTest[] }[], suites?: Suite[] }} Suite
 * @typedef {{ status: 'expected' | 'unexpected' | 'flaky' | 'skipped', annotations: { type: string, description?: string }[] }} PlaywrightTest
 */

/** @param {{ suites: Suite[], errors: unknown[] }} report Playwright's JSON report @returns {Count} */
export function playwrightCount({ suites, errors }) {
  /** @type {Count} */
  const count = { passed: 0, failed: errors.length, skipped: [] };
  /** @param {Suite} suite @param {string} path */
  const walk = (suite, path) => {
    for (const { title, tests } of suite.specs ?? []) {
      for (const { status, annotations } of tests) {
        if (status === 'expected') count.passed += 1;
        else if (status === 'skipped') {
          // A test that was not run because the run was cut short has no reason of its own, and is no skip.
          const reason = annotations.find(({ type }) => type === 'skip' || type === 'fixme')?.description;
          if (reason === undefined) count.failed += 1;
          else count.skipped.push({ name: `${path}${title}`, reason });
        } else count.failed += 1;
      }
    }
    for (const inner of suite.suites ?? []) walk(inner, `${path}${inner.title} > `);
  };
  for (const suite of suites) walk(suite, `${suite.title} > `);
  return count;
}

/** @param {string[]} args */
function git(args) {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return undefined; // an archive without git
  }
}

/** What is checked, asked before the run: its full commit hash, and whether the tree is that of the commit. */
export function whatIsChecked() {
  const status = git(['status', '--porcelain']);
  return { commit: git(['rev-parse', 'HEAD']) ?? 'unknown', clean: status === undefined ? undefined : status === '' };
}

/**
 * Writes .cache/reports/last.json as a whole or not at all.
 *
 * @param {ReturnType<typeof whatIsChecked> & Count & { steps: StepResult[] } & Record<string, unknown>} report
 */
export function writeLastReport(report) {
  const folder = join(root, '.cache', 'reports');
  mkdirSync(folder, { recursive: true });
  const draft = join(folder, `last-${process.pid}.json`);
  writeFileSync(draft, `${JSON.stringify(report, undefined, 2)}\n`);
  renameSync(draft, join(folder, 'last.json'));
}

import { writeFileSync } from 'node:fs';

/**
 * Writes what `npm test` needs of a vitest run to OPENHHU_REPORT: the counts, and each skipped test with its reason: the
 * note it was skipped with, else what its suite says of it in brackets.
 */
export default class VitestReport {
  /** @param {readonly import('vitest/node').TestModule[]} modules */
  onTestRunEnd(modules) {
    const file = process.env['OPENHHU_REPORT'];
    if (file === undefined) return;
    /** @type {import('./report.js').Count} */
    const count = { passed: 0, failed: 0, skipped: [] };
    for (const module of modules) {
      if (module.state() === 'failed' && module.children.size === 0) count.failed += 1; // it could not be loaded
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') count.passed += 1;
        else if (result.state === 'skipped') {
          const reason = result.note ?? /\((.*)\)/.exec(test.fullName)?.[1] ?? 'no reason given';
          count.skipped.push({ name: test.fullName, reason });
        } else count.failed += 1;
      }
    }
    writeFileSync(file, JSON.stringify(count));
  }
}

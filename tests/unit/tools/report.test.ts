import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countOf, playwrightCount, type Count } from '../../tools/report.js';

const spec = (title: string, status: 'expected' | 'unexpected' | 'flaky' | 'skipped', description?: string) => ({
  title,
  tests: [{ status, annotations: description === undefined ? [] : [{ type: 'skip', description }] }],
});

test('a skipped browser test has a reason; one that was not reached has failed', () => {
  const suites = [
    {
      title: 'read.spec.ts',
      specs: [spec('good', 'expected'), spec('bad', 'unexpected'), spec('second try', 'flaky')],
      suites: [
        { title: 'over a port', specs: [spec('no root', 'skipped', 'this needs root'), spec('cut', 'skipped')] },
      ],
    },
  ];
  expect(playwrightCount({ suites, errors: [] })).toEqual({
    passed: 1,
    failed: 3,
    skipped: [{ name: 'read.spec.ts > over a port > no root', reason: 'this needs root' }],
  });
  expect(playwrightCount({ suites: [], errors: ['no such file'] }).failed).toBe(1);
});

test('a run that ended badly has failed, whatever its report says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'openhhu-report-'));
  const file = join(folder, 'report.json');
  const asIs = (count: Count) => count;
  expect(countOf(true, file, asIs).failed).toBe(1); // there is no report
  writeFileSync(file, JSON.stringify({ passed: 2, failed: 0, skipped: [] }));
  expect(countOf(true, file, asIs)).toEqual({ passed: 2, failed: 0, skipped: [] });
  expect(countOf(false, file, asIs).failed).toBe(1);
  rmSync(folder, { recursive: true });
});

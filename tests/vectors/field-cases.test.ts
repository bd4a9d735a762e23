import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { caseIds, present } from './field-cases.ts';

const TESTS = new URL('../', import.meta.url);

it.skipIf(!present)('every case of IEC 62056-21 and of wired M-Bus is named by a test', () => {
  const sources = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(name, TESTS), 'utf8'))
    .join('\n');
  const cases = caseIds.filter((id) => /^(?:fi-|FM)/.test(id));
  expect(cases.length).toBeGreaterThan(30);
  expect(cases.filter((id) => !new RegExp(`(?<!\\w)${id}(?!\\d)`).test(sources))).toEqual([]);
});

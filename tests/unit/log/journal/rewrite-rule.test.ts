import { expect, test } from 'vitest';
import { createRewriteRule } from '../../../../src/log/journal/rewrite-rule.ts';

const LOG = { firstSeq: 10, usedBytes: 1000 };
const LARGE = { ...LOG, usedBytes: 100 };

const ruleOf = (fromSeq: number) => createRewriteRule({ fromSeq, isBloated: (usedBytes) => usedBytes < 500 });

test('a copy that lacks the oldest records is written anew once a session', () => {
  const rule = ruleOf(11);
  expect([rule.wants(LOG), rule.wants(LOG)]).toEqual([true, false]);
  rule.succeeded();
  expect(rule.wants(LOG)).toBe(false);
  rule.renew();
  expect(rule.wants(LOG)).toBe(true);
});

test('one that has grown too large again where that has succeeded', () => {
  const rule = ruleOf(10);
  expect(rule.wants(LOG)).toBe(false);
  expect(rule.isTooLarge(LARGE.usedBytes)).toBe(true);
  expect([rule.wants(LARGE), rule.wants(LARGE)]).toEqual([true, false]);
  expect(rule.isTooLarge(LARGE.usedBytes)).toBe(false);
  rule.succeeded();
  expect(rule.isTooLarge(LARGE.usedBytes)).toBe(true);
  expect(rule.wants(LARGE)).toBe(true);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TextCondition } from '../../../../src/log/filter/filter.ts';
import { textMatcher } from '../../../../src/log/filter/text-pattern.ts';

const matches = (value: string, text: string, change: Partial<TextCondition> = {}) =>
  textMatcher({ parameter: 'IDENT', relation: '==', value, literal: false, ...change })(text);

test.each([
  ['12*34', '1234', true],
  ['12*23', '123', false],
  ['1*1', '1', false],
  ['1*1', '11', true],
  ['*', '', true],
  ['**', 'a', true],
  ['*ab*b', 'ab', false],
  ['*ab*b', 'abb', true],
  ['a*ba*ab', 'abab', false],
  ['a*ba*ab', 'abaab', true],
  ['*ab*ab*', 'abab', true],
  ['*aba*aba*', 'ababa', false],
  ['*12', '1212', true],
  ['12*', '012', false],
  ['1.3', '123', false],
])('%s and %s: %s', (value, text, expected) => {
  expect(matches(value, text)).toBe(expected);
});

test('an asterisk stands for itself where the value is meant literally', () => {
  expect([matches('a*', 'a*', { literal: true }), matches('a*', 'ab', { literal: true })]).toEqual([true, false]);
});

test('protocols are the same in either case, and know no pattern', () => {
  const protocol = { parameter: 'PROTOCOL' } as const;
  expect(['mbus', 'MBUS', 'm'].map((text) => matches('MBus', text, protocol))).toEqual([true, true, false]);
  expect(matches('M*', 'MBUS', protocol)).toBe(false);
});

test('whatever the pattern, it matches what a regular expression of it does', () => {
  const text = (characters: string) => fc.string({ unit: fc.constantFrom(...characters), maxLength: 7 });
  fc.assert(
    fc.property(text('ab*'), text('ab'), (value, candidate) => {
      expect(matches(value, candidate)).toBe(new RegExp(`^${value.replaceAll('*', '.*')}$`, 's').test(candidate));
    }),
    { numRuns: 1000 },
  );
});

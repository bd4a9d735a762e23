import { expect, test } from 'vitest';
import type { MeterDraft } from '../../../../src/ams/meter.ts';
import { sameNumbers, sameNumberWords } from '../../../../src/views/meters/same-numbers.ts';

const draft = (address: string, more: Partial<MeterDraft> = {}): MeterDraft => ({
  port: 1,
  protocol: 'IEC62056-21',
  address,
  interval: '1H',
  ...more,
});
const wordsOf = (drafts: readonly MeterDraft[], list: readonly MeterDraft[] = []) =>
  sameNumberWords(sameNumbers(drafts, list));

test.each([
  ['a spreadsheet took the zeros', draft('770041'), draft('00770041', { name: 'House' })],
  ['beside a rate', draft('770041@2400'), draft('00770041', { name: 'House' })],
  ['plate beside address', draft('', { serialNumber: '770041' }), draft('00770041', { name: 'House' })],
])('%s: it is told which meter has the number', (_, one, other) => {
  expect(wordsOf([one], [other])).toBe('770041 – “House” has 00770041');
});

test('a meter that stands twice in the file is told', () => {
  expect(wordsOf([draft('*00012345'), draft('12345')])).toBe('12345 – another has 00012345');
});

test.each([
  ['other numbers', draft('770042'), draft('00770041')],
  ['no address', draft(''), draft('')],
  ['places on a line', draft('5'), draft('05')],
])('%s are nothing to ask about', (_, one, other) => {
  expect(sameNumbers([one], [other])).toEqual([]);
});

test('of many the first are named', () => {
  const list = Array.from({ length: 8 }, (_, i) => draft(`0012340${i}`));
  expect(
    wordsOf(
      list.map(({ address }) => draft(address.slice(2))),
      list,
    ),
  ).toMatch(/; 12340\d – .* and 3 more$/);
});

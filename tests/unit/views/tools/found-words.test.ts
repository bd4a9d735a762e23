import { expect, test } from 'vitest';
import type { Found } from '../../../../src/protocols/search.ts';
import { effortWords, isClear, outcomeWords, sharesPlace } from '../../../../src/views/tools/find/found-words.ts';

const meter: Found = {
  address: '*55500047',
  number: '55500047',
  name: 'Water 55500047 HYD',
  facts: ['HYD', 'Water'],
  place: 'primary 3 · 2400 Bd',
  listed: { primaryAddress: 3, secondaryAddress: '55500047', address: '*55500047@2400' },
};

test('the outcome in words', () => {
  const result = { problems: [], effort: '1 selection', wireMs: 1, meters: [meter] };
  expect(outcomeWords({ ...result, outcome: 'complete' })).toBe('1 meter found.');
  expect(outcomeWords({ ...result, meters: [], outcome: 'complete' })).toBe('No meter answered.');
  expect(outcomeWords({ ...result, meters: [], outcome: 'stopped' })).toBe('Stopped; no meter found so far.');
  expect(effortWords('1 selection', 1200)).toBe('1 selection · 1.2 s on the wire');
});

test('a search that leaves something in doubt does not say that all is well', () => {
  const problem = { address: '*40404040', code: 131094, message: 'Two or more meters', hint: '' };
  const result = { outcome: 'complete', problems: [problem], effort: '', wireMs: 1 } as const;
  expect(outcomeWords({ ...result, meters: [meter] })).toBe('1 meter found; there may be more.');
  expect(outcomeWords({ ...result, meters: [] })).toBe('Something answered, and no meter could be listed.');
  expect(isClear({ ...result, meters: [meter] })).toBe(false);
  expect(isClear({ ...result, problems: [], meters: [meter] })).toBe(true);
});

test('meters at one place are told', () => {
  const other = { ...meter, number: '55500048', address: '*55500048' };
  expect(sharesPlace(meter, [meter, other])).toBe(true);
  expect(sharesPlace(meter, [meter, { ...other, place: 'primary 4 · 2400 Bd' }])).toBe(false);
});

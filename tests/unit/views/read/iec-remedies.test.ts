import { expect, test } from 'vitest';
import { defaultIecSettings } from '../../../../src/protocols/iec62056-21/settings.ts';
import type { IecSettings } from '../../../../src/protocols/iec62056-21/settings.ts';
import { atFirstRate, offeredRemedies, withoutNumber } from '../../../../src/views/read/iec-remedies.ts';
import type { Remedy } from '../../../../src/views/read/problem.ts';

const all: readonly Remedy[] = ['again', 'no address', 'wake', 'rates', 'stay', 'keep', 'wait', 'head check'];
const words = (address: string, change: Partial<IecSettings> = {}) =>
  offeredRemedies(all, { ...defaultIecSettings, ...change }, address).map((offer) => offer.words);

test('each remedy that could change something has a button', () => {
  expect(words('421337')).toEqual([
    'Try again',
    'Without the address',
    'Try waking',
    'Other rates',
    'Stay at 300 Bd',
    'Read and only warn',
    'Wait longer',
    'Head check',
  ]);
});

test('what is in force already is not offered', () => {
  const inForce: Partial<IecSettings> = {
    wakeUp: { profile: 'immediate' },
    denyHigherRate: true,
    blockCheck: 'warn',
    timeoutMs: 6000,
    interCharacterMs: 6000,
  };
  expect(words('@9600', inForce)).toEqual(['Try again', 'Other rates', 'Head check']);
  expect(words('', { mode: 'D', blockCheck: 'none' })).not.toContain('Try waking');
  expect(words('421337%R')).not.toContain('Stay at 300 Bd');
  expect(words('@2400')).toContain('Stay at 2400 Bd');
});

test('waiting longer never shortens a wait', () => {
  const [offer] = offeredRemedies(['wait'], { ...defaultIecSettings, timeoutMs: 9000 }, '');
  expect(offer?.changes).toMatchObject({ timeoutMs: 9000 });
});

test('asked again after each offer, none comes a second time', () => {
  let settings = defaultIecSettings;
  for (let round = 0; round < 10; round++) {
    for (const { changes } of offeredRemedies(all, settings, '')) settings = { ...settings, ...changes };
  }
  expect(offeredRemedies(all, settings, '').filter(({ changes }) => changes)).toEqual([]);
});

test('rate and switches stay when the number goes, and the rate is changed where it stands', () => {
  expect(withoutNumber('421337@9600%R')).toBe('@9600%R');
  expect(withoutNumber('421337')).toBe('');
  expect(atFirstRate('421337@9600%R', 300)).toBe('421337@300%R');
  expect(atFirstRate('421337', 300)).toBeUndefined();
});

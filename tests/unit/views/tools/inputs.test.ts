import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDecimal } from '../../../../src/common/decimal.ts';
import { calibrationFrom, pointValues, shareAt } from '../../../../src/views/tools/inputs/calibration-points.ts';
import { amountAt, countOf, pulsesFrom, pulsesOfDisplay } from '../../../../src/views/tools/inputs/counter-count.ts';
import { adviceFor, contactWords } from '../../../../src/views/tools/inputs/inputs-words.ts';

describe('two known values', () => {
  test('make a line, also where they are not its ends or it falls', () => {
    const at = (percent: number, converter: number) => ({ percent, converter });
    expect(calibrationFrom(at(0, 204), at(100, 819))).toEqual({ low: 204, high: 819 });
    expect(calibrationFrom(at(20, 150), at(80, 900))).toEqual({ low: -100, high: 1150 });
    expect(calibrationFrom(at(100, 100), at(0, 900))).toEqual({ low: 900, high: 100 });
    expect(calibrationFrom(at(50, 1), at(55, 900))).toHaveProperty('fault');
    expect(calibrationFrom(at(0, 512), at(100, 515))).toHaveProperty('fault');
  });

  test('are found again by what it makes of them, to the nearest percent', () => {
    const point = fc.record({
      percent: fc.integer({ min: 0, max: 100 }),
      converter: fc.integer({ min: 0, max: 1023 }),
    });
    fc.assert(
      fc.property(point, point, (first, second) => {
        const found = calibrationFrom(first, second);
        if ('fault' in found || Math.abs(second.converter - first.converter) < 100) return;
        for (const { percent, converter } of [first, second])
          expect(Math.abs(shareAt(converter, found) - percent)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('are the settings of their input', () => {
    const converter = { value: 5, low: { key: 'low2', value: 0 }, high: { key: 'high2', value: 1023 } };
    expect(pointValues(converter, { low: 7, high: 9 })).toEqual({ low2: 7, high2: 9 });
  });
});

describe('a counter that is set', () => {
  const [perKwh, perPulse] = [
    { pulses: 1000, units: 1, unit: 'kWh' },
    { pulses: 1000, units: 10, unit: 'm³' },
  ] as const;

  test('has 64 bits, with or without spaces between', () => {
    expect(pulsesFrom('18446744073709551615')).toBe(2n ** 64n - 1n);
    expect(pulsesFrom(' 12 576\u202f530 ')).toBe(12_576_530n);
    for (const wrong of ['18446744073709551616', '', '-1', '1.5', '1e3', 'abc'])
      expect(pulsesFrom(wrong)).toBeUndefined();
    expect(formatDecimal(countOf('18446744073709551615'))).toBe('18446744073709551615');
  });

  test('may be told by what the meter shows', () => {
    expect(pulsesOfDisplay('12576.53', perKwh)).toBe(12_576_530n);
    expect(pulsesOfDisplay('12576,5', perKwh)).toBe(12_576_500n);
    // 10 liters a pulse.
    expect(pulsesOfDisplay('3.14', perPulse)).toBe(314n);
    for (const wrong of ['', '1.', '.5', '1.5.2', '-3', '99999999999999999'])
      expect(pulsesOfDisplay(wrong, perKwh)).toBeUndefined();
    expect(formatDecimal(amountAt(12_576_530n, perKwh))).toBe('12576.530');
    expect(formatDecimal(amountAt(2n ** 64n - 1n, perKwh))).toBe('18446744073709551.615');
  });

  test('shows again what was typed, of as many places as its pulses have', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (thousandths) => {
        const text = (thousandths / 1000).toFixed(3);
        const pulses = pulsesOfDisplay(text, perKwh);
        expect(pulses !== undefined && formatDecimal(amountAt(pulses, perKwh))).toBe(text);
      }),
    );
  });
});

test('whatever keeps inputs from being heard comes with something to try', () => {
  for (const state of ['port missing', 'aside', 'failed'] as const) expect(adviceFor(state).length).toBeGreaterThan(0);
  expect([{ isClosed: true }, { isClosed: false }, {}].map(contactWords)).toEqual([
    '● closed (1)',
    '○ open (0)',
    '– not known',
  ]);
});

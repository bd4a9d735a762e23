import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { formatDecimal, parseDecimal } from '../../../../src/common/decimal.ts';
import {
  decimalParts,
  durationText,
  fullTimeText,
  meterTimeText,
  recordTimeText,
  sizeText,
  valueText,
  visibleText,
} from '../../../../src/views/components/format.ts';

function decimal(text: string) {
  const parsed = parseDecimal(text);
  if (!parsed) throw new Error(`no decimal: ${text}`);
  return parsed;
}

describe('decimals', () => {
  test('keep every digit and trailing zero, in the signs of the locale', () => {
    expect(decimalParts(decimal('265057.083'), 'en')).toEqual({ whole: '265,057', fraction: '.083' });
    expect(decimalParts(decimal('265057.083'), 'de')).toEqual({ whole: '265.057', fraction: ',083' });
    expect(decimalParts(decimal('0.50'), 'en')).toEqual({ whole: '0', fraction: '.50' });
    expect(decimalParts(decimal('-12'), 'en')).toEqual({ whole: '-12', fraction: '' });
    expect(decimalParts(decimal('123456789012345678.901'), 'en').fraction).toBe('.901');
  });

  test('lose nothing, whatever the number', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
        fc.integer({ min: -20, max: 5 }),
        (n, exponent) => {
          const value = { coefficient: Number.isSafeInteger(Number(n)) ? Number(n) : n, exponent };
          const { whole, fraction } = decimalParts(value, 'en');
          expect((whole + fraction).replaceAll(',', '')).toBe(formatDecimal(value));
        },
      ),
    );
  });
});

describe('values', () => {
  test('time is shown as the meter meant it, without a zone', () => {
    expect(meterTimeText({ iso: '2026-11-20T10:15:00' }, 'en-GB')).toBe('20 Nov 2026, 10:15:00');
    expect(meterTimeText({ iso: '2026-11-20' }, 'en-GB')).toBe('20 Nov 2026');
    expect(meterTimeText({ iso: '10:15', season: 'winter' }, 'en-GB')).toBe('10:15 winter');
    expect(meterTimeText({ iso: '26-31-99', invalid: true }, 'en-GB')).toBe('26-31-99 (invalid)');
    expect(meterTimeText({ iso: '' }, 'en-GB')).toBe('no date');
    expect(meterTimeText({ iso: '', invalid: true }, 'en-GB')).toBe('no date');
  });

  test('text and bytes', () => {
    expect(valueText({ type: 'text', text: 'A\x1bB' })).toBe('A␛B');
    expect(valueText({ type: 'bytes', bytes: Uint8Array.of(0x0a, 0xff) })).toBe('0AFF');
  });
});

test('hostile characters can neither hide nor reorder', () => {
  expect(visibleText('a\u202eb')).toBe('a\ufffdb');
  expect(visibleText('1\r\n2\r3\x7f')).toBe('1\n2␍3␡');
  expect(visibleText('1\u061c2\u200b3\u20284\u20295\u{e0031}6')).toBe('1\ufffd2\ufffd3\ufffd4\ufffd5\ufffd\ufffd6');
});

test('nothing that is unseen passes, and nothing else is touched, in all of Unicode', () => {
  // Line and paragraph separators, bidirectional and other controls, what is drawn as nothing.
  const unseen = /^(?:\p{Cc}|\p{Zl}|\p{Zp}|\p{Bidi_Control}|\p{Default_Ignorable_Code_Point}|[\ufff9-\ufffb])$/u;
  const wrong: string[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    const isHidden = character !== '\n' && unseen.test(character);
    if ((visibleText(character) === character) === isHidden) wrong.push(code.toString(16));
  }
  expect(wrong).toEqual([]);
});

test('record times: clock today, weekday this week, date before', () => {
  const now = new Date(2026, 10, 20, 12, 0).getTime();
  const at = (day: number, hour: number, year = 2026) => new Date(year, 10, day, hour, 15).getTime() / 1000;
  expect(recordTimeText(at(20, 10), now, 'en-GB')).toBe('10:15');
  expect(recordTimeText(at(17, 10), now, 'en-GB')).toBe('Tue 10:15');
  expect(recordTimeText(at(3, 10), now, 'en-GB')).toBe('3 Nov, 10:15');
  expect(recordTimeText(at(3, 10, 2025), now, 'en-GB')).toBe('3 Nov 2025, 10:15');
});

test('sizes and durations', () => {
  expect([512, 1900, 3_200_000].map((size) => sizeText(size, 'en'))).toEqual(['512 B', '1.9 kB', '3.2 MB']);
  expect([400, 12_345, 125_000].map((ms) => durationText(ms, 'en'))).toEqual(['0.4 s', '12.3 s', '2:05 min']);
});

describe('the hour that comes twice in autumn', () => {
  const zone = process.env['TZ'];
  afterEach(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  test.each([
    ['Europe/Berlin', Date.UTC(2026, 9, 25, 0, 30), 60],
    ['Australia/Lord_Howe', Date.UTC(2026, 3, 4, 14, 45), 30],
  ])('is told apart by its zone in %s, and no other time is', (timeZone, first, apart) => {
    process.env['TZ'] = timeZone;
    const at = (minutes: number) => first / 1000 + minutes * 60;
    for (const text of [
      (seconds: number) => recordTimeText(seconds, first + 3_600_000, 'en-GB'),
      (seconds: number) => fullTimeText(seconds, 'en-GB'),
    ]) {
      const [once, twice] = [text(at(0)), text(at(apart))];
      expect(once).not.toBe(twice);
      expect([once, twice]).toEqual([expect.stringMatching(/ [A-Z]{3,4}/), expect.stringMatching(/ [A-Z]{3,4}/)]);
      for (const minutes of [-apart, 2 * apart]) expect(text(at(minutes))).not.toMatch(/ [A-Z]{3,4}/);
    }
  });
});

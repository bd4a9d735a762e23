import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../../../src/common/bytes.ts';
import { formatDecimal } from '../../../../src/common/decimal.ts';
import { MeterError } from '../../../../src/common/meter-error.ts';
import { decodeSml } from '../../../../src/protocols/sml/decode.ts';
import { deviceNumber, makerIn } from '../../../../src/protocols/sml/device-id.ts';
import { readElement } from '../../../../src/protocols/sml/element.ts';
import { smlExplainer } from '../../../../src/protocols/sml/explainer.ts';
import { LOCKED } from '../../../../src/protocols/sml/meter.ts';
import { createQuality } from '../../../../src/protocols/sml/quality.ts';
import { smlRecognizer } from '../../../../src/protocols/sml/recognizer.ts';
import { repaired } from '../../../../src/protocols/sml/repair.ts';
import { saidIn } from '../../../../src/protocols/sml/said.ts';
import { lockedFlat, solarHouse, transmissionAt } from '../../../../src/protocols/sml/simulated/meters.ts';
import {
  absent,
  list,
  message,
  octets,
  signed,
  text,
  transmission,
  unsigned,
} from '../../../../src/protocols/sml/simulated/writer.ts';
import { statusOf } from '../../../../src/protocols/sml/status.ts';
import { placeIn, transmissionsIn } from '../../../../src/protocols/sml/transport.ts';

const bytesOf = (hex: string) => fromHex(hex) ?? new Uint8Array(0);
const NOON = Date.UTC(2026, 5, 1, 11);

describe('the transport', () => {
  test('whatever the messages are, they come back, with every byte in its place', () => {
    const special = fc.constantFrom(0x1b, 0x1a, 0x01, 0x00, 0x02);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(special, { maxLength: 40 }), (any, escapes) => {
        for (const payload of [any, Uint8Array.from(escapes), concatBytes(any, Uint8Array.from(escapes), any)]) {
          const [heard, ...others] = transmissionsIn(transmission([payload]));
          expect(others).toEqual([]);
          expect(heard?.transmission.check).toBe('x25');
          expect(toHex(heard?.transmission.payload ?? new Uint8Array(0))).toBe(toHex(payload));
          for (const [index, byte] of payload.entries())
            if (heard) expect(heard.transmission.bytes[placeIn(heard.transmission, index)]).toBe(byte);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('a lost byte, or many, costs the one that it was lost from and no other', () => {
    const [one, two] = [transmissionAt(solarHouse, NOON), transmissionAt(solarHouse, NOON + 1000)];
    const goodOf = (bytes: Uint8Array) =>
      transmissionsIn(bytes).flatMap(({ transmission: heard }) => (heard.check === 'bad' ? [] : toHex(heard.bytes)));
    for (let from = 0; from < one.length; from++)
      for (const length of [1, 4, 40, one.length]) {
        const damaged = one.filter((_, at) => at < from || at >= from + length);
        expect(goodOf(concatBytes(damaged, two))).toEqual([toHex(two)]);
      }
  });

  test('of every flipped bit none is passed over', () => {
    const whole = transmissionAt(lockedFlat, NOON);
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const damaged = whole.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      const good = transmissionsIn(damaged).filter(({ transmission: { check } }) => check !== 'bad');
      expect(good).toEqual([]);
    }
  });
});

describe('elements', () => {
  test('an integer of any width is exact, and its sign is that of its type', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.bigInt(), fc.boolean(), (size, any, isSigned) => {
        const value = isSigned ? BigInt.asIntN(8 * size, any) : BigInt.asUintN(8 * size, any);
        const content = BigInt.asUintN(8 * size, value)
          .toString(16)
          .padStart(2 * size, '0');
        const bytes = bytesOf(`${isSigned ? 5 : 6}${size + 1}${content}`);
        expect(readElement(bytes, 0)).toMatchObject({ kind: 'integer', value, isSigned, size });
      }),
    );
  });

  test('lengths of several bytes, also where the type is repeated in them', () => {
    const items = '01'.repeat(22);
    for (const head of ['F106', 'F176'])
      expect(readElement(bytesOf(head + items), 0)).toMatchObject({ kind: 'list', end: 24 });
    expect(readElement(bytesOf(`8302${'AA'.repeat(48)}`), 0)).toMatchObject({ kind: 'octets', end: 50 });
  });

  test.each([
    ['a reserved type', '11'],
    ['an end of its own', '8000'],
    ['more than there is', '0A01'],
    ['more elements than bytes', 'FFFF0F01'],
    ['nested without end', '71'.repeat(40)],
    ['a length of five bytes', 'F0808080' + '8001'],
    ['an integer of nine bytes', `5A${'00'.repeat(9)}`],
    ['an integer without bytes', '61'],
    ['nothing', ''],
  ])('%s ends in a MeterError', (_what, hex) => {
    expect(() => readElement(bytesOf(hex), 0)).toThrow(MeterError);
  });

  test('whatever is made of a transmission, all that reads it stays in bounds', () => {
    const whole = transmissionAt(solarHouse, NOON);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(whole.length),
        (changes, end) => {
          const bytes = whole.slice();
          for (const [at, byte] of changes) bytes[at] = byte;
          const damaged = bytes.subarray(0, end);
          const payload = transmissionsIn(bytes)[0]?.transmission.payload ?? damaged.subarray(8);
          for (const one of [damaged, payload]) {
            saidIn(one);
            decodeSml({ data: toHex(one) });
            smlRecognizer.sees(one);
            const spans = smlExplainer.explain?.(one) ?? [];
            expect(spans.reduce((sum, { start, end: to }) => sum + to - start, 0)).toBe(one.length);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

const entry = (code: string, value: Uint8Array, scaler?: number, status?: Uint8Array, unit = 30) =>
  list(
    octets(bytesOf(code)),
    status ?? absent,
    absent,
    unsigned(unit, 1),
    scaler === undefined ? absent : signed(scaler, 1),
    value,
    absent,
  );
const listOf = (...entries: readonly Uint8Array[]) =>
  list(absent, octets(bytesOf('0A01454D480000ABD62A')), absent, unsigned(77, 3), list(...entries), absent, absent);
const sent = (...entries: readonly Uint8Array[]) => toHex(transmission([message(1, 0x0701, listOf(...entries))]));
const figures = (data: string) =>
  decodeSml({ data }).map(({ label, value, unit, state, note }) => ({
    label,
    value: value.type === 'number' ? formatDecimal(value.decimal) : value.type === 'text' ? value.text : value.type,
    ...(unit === '' ? {} : { unit }),
    ...(state === 'whole' ? {} : { state }),
    ...(note === undefined ? {} : { note }),
  }));

const [IMPORT, POWER] = ['0100010800FF', '0100100700FF'];

describe('readings', () => {
  test('with a scale that can be none are as sent, and unchecked', () => {
    const odd = (scaler: Uint8Array) =>
      list(octets(Uint8Array.of(1, 0, 1, 8, 0, 255)), absent, absent, unsigned(30, 1), scaler, unsigned(5, 4), absent);
    for (const scaler of [signed(0x7fffffff, 4), signed(-1000, 2), octets(Uint8Array.of(1, 2))]) {
      const values = list(absent, octets(Uint8Array.of(1)), absent, absent, list(odd(scaler)), absent, absent);
      const [reading] = decodeSml({ data: toHex(transmission([message(1, 0x0701, values)])) });
      expect(reading).toMatchObject({
        state: 'unchecked',
        value: { decimal: { coefficient: 5, exponent: 0 } },
        note: expect.stringContaining('scale') as string,
      });
    }
  });

  test('are exact beyond the reach of a float, with scalers of both signs', () => {
    const large = concatBytes(Uint8Array.of(0x69), bytesOf('7FFFFFFFFFFFFFFF'));
    expect(figures(sent(entry(IMPORT, large, -5)))).toEqual([
      { label: '1-0:1.8.0', value: '92233720368547.75807', unit: 'Wh' },
    ]);
    expect(figures(sent(entry(IMPORT, unsigned(12, 1), 2), entry(POWER, signed(-300), 0, undefined, 27)))).toEqual([
      { label: '1-0:1.8.0', value: '1200', unit: 'Wh' },
      { label: '1-0:16.7.0', value: '-300', unit: 'W' },
    ]);
  });

  test('a value that is missing is not available, and costs nothing else', () => {
    expect(figures(sent(entry(IMPORT, absent), entry(POWER, signed(1), 0, undefined, 27)))).toEqual([
      { label: '1-0:1.8.0', value: '', state: 'not available', note: 'the meter sent no value' },
      { label: '1-0:16.7.0', value: '1', unit: 'W' },
    ]);
  });

  test('of a message that was changed nothing is whole', () => {
    const changed = message(1, 0x0701, listOf(entry(IMPORT, unsigned(1, 1))));
    changed[changed.length - 2] = (changed[changed.length - 2] ?? 0) ^ 1;
    const [reading] = figures(toHex(transmission([changed])));
    expect(reading).toMatchObject({ state: 'unchecked' });
    expect(reading?.note).toContain('check sum');
  });

  test('a locked meter is called so, one with power or smaller steps is not', () => {
    const locked = figures(toHex(transmissionAt(lockedFlat, NOON)));
    expect(locked.find(({ label }) => label === '1-0:1.8.0')?.note).toBe(LOCKED);
    for (const open of [sent(entry(IMPORT, unsigned(12_345, 2), 0)), toHex(transmissionAt(solarHouse, NOON))])
      expect(figures(open).some(({ note }) => note === LOCKED)).toBe(false);
  });

  test('seconds of operation are never a date', () => {
    expect(decodeSml({ data: sent(entry(IMPORT, unsigned(1, 1))) }).some(({ time }) => time)).toBe(false);
  });
});

test('numbers stand as on the plate', () => {
  expect(deviceNumber(bytesOf('0A01454D480000ABD62A'))).toBe('1EMH0011261482');
  expect(makerIn(bytesOf('0A01454D480000ABD62A'))).toBe('EMH');
  expect(deviceNumber(bytesOf('01A815986480020102'))).toBe('02806498');
  expect(deviceNumber(bytesOf('3130383932333435'))).toBe('10892345');
  expect(deviceNumber(bytesOf('0A01454D4800FFFFFFFF'))).toBe('0A01454D4800FFFFFFFF');
});

describe('signs', () => {
  const [importing, exporting] = [statusOf(0x1c0104n), statusOf(0x1c7904n)];
  const old = statusOf(0x01a2n);
  test.each([
    ['too few bytes for a positive one', '1-0:16.7.0*255', -29912n, 2, 'DZG', importing, 35624n],
    ['a negative one that lost its sign', '1-0:16.7.0*255', 0xef4en, 3, 'DZG', exporting, 0xef4en - 65536n],
    ['power without a sign', '1-0:15.7.0*255', 1266n, 4, 'EMH', old, -1266n],
    ['power without a sign of another maker', '1-0:16.7.0*255', 500n, 2, 'HLY', exporting, -500n],
    ['a phase', '1-0:36.7.0*255', 500n, 2, 'HLY', exporting, -500n],
  ] as const)('%s is put right', (_what, code, value, size, maker, status, meant) => {
    expect(repaired({ code, value, size }, maker, status)?.value).toBe(meant);
  });

  test.each([
    ['a true negative', '1-0:16.7.0*255', -365n, 4, 'DZG', exporting],
    ['a true negative while importing, in enough bytes', '1-0:16.7.0*255', -365n, 4, 'DZG', importing],
    ['import', '1-0:16.7.0*255', 365n, 2, 'HLY', importing],
    ['any other maker', '1-0:16.7.0*255', -299n, 2, 'EMH', importing],
    ['energy', '1-0:1.8.0*255', 5n, 2, 'DZG', exporting],
  ] as const)('%s is left as it was sent', (_what, code, value, size, maker, status) => {
    expect(repaired({ code, value, size }, maker, status)).toBeUndefined();
  });
});

test('what was lost between two is counted by their seconds', () => {
  const quality = createQuality();
  for (const seconds of [10, 11, 12, 15, 16]) quality.good('1', seconds);
  quality.damaged();
  expect(quality.text).toBe('5 good, 1 damaged, 2 missing');
  // A meter that speaks every second and a half, and a reader that was away.
  const uneven = createQuality();
  for (const seconds of [10, 11, 13, 14, 16, 900]) uneven.good('1', seconds);
  expect(uneven.text).toBe('6 good');
});

test('pasted bytes are told to be SML, framed, cut or bare', () => {
  const whole = transmissionAt(solarHouse, NOON);
  const bare = transmissionsIn(whole)[0]?.transmission.payload ?? new Uint8Array(0);
  expect(smlRecognizer.sees(whole)).toBe('whole');
  expect(smlRecognizer.frameState?.(whole)).toBe('complete');
  expect(smlRecognizer.sees(whole.subarray(0, 100))).toBe('beginning');
  expect(smlRecognizer.frameState?.(whole.subarray(0, 100))).toBe('incomplete');
  expect(smlRecognizer.sees(bare)).toBe('whole');
  expect(smlRecognizer.sees(bytesOf('68030368080100091'.slice(0, 16)))).toBeUndefined();
  const two = [...(smlRecognizer.found?.(concatBytes(whole, bytesOf('FFFF'), whole), 3) ?? [])];
  expect(two.map(({ data, line, problems }) => ({ data, line, problems }))).toEqual([
    { data: toHex(whole), line: 3, problems: [] },
    { data: toHex(whole), line: 3, problems: [] },
  ]);
  expect(smlExplainer.describe({ identification: '', data: toHex(whole), facts: [] })).toMatchObject({
    kind: 'SML transmission',
    meter: '1OHU0010020030',
  });
  expect(text('OHU')).toHaveLength(4);
});

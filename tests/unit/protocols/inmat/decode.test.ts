import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex } from '../../../../src/common/bytes.ts';
import { formatDecimal } from '../../../../src/common/decimal.ts';
import type { Reading } from '../../../../src/common/reading.ts';
import { decodeInmat } from '../../../../src/protocols/inmat/decode.ts';
import { inmatExplainer } from '../../../../src/protocols/inmat/explainer.ts';

const stored = (data: string, byteOrder?: string) => ({
  identification: '',
  data,
  ...(byteOrder === undefined ? {} : { circumstances: { meaning: { byteOrder } } }),
});

function shown({ quantity, value, state }: Reading): string {
  const text =
    value.type === 'number'
      ? formatDecimal(value.decimal)
      : value.type === 'text'
        ? value.text
        : value.type === 'bytes'
          ? toHex(value.bytes)
          : '';
  return `${quantity}: ${text}${state === 'whole' ? '' : ` (${state})`}`;
}

test.each([
  ['5|S:F:12=0000AC41', ['Variable 12: 21.5']],
  ['5|S:F:12=79E9F642', ['Variable 12: 123.456']],
  ['5|S:I:01=F9FF', ['Variable 01: -7']],
  ['5|S:L:14=15CD5B07', ['Variable 14: 123456789']],
  ['5|S:S:20=426F696C657200', ['Variable 20: Boiler']],
  ['5|S:S:20=0102', ['Variable 20: 0102']],
  ['5|I=494E4D415400', ['Device identification: INMAT']],
  ['5|M:0010:FFFD:2=4142', ['Memory FFFD:0010: 4142']],
  ['5|E:F:20:1:0=0000803F', ['Variable 20, row 1, column 0: 1']],
  [
    '5|B:I:21:3:1:2:2=0100020003000400',
    [
      'Variable 21, row 3, column 1: 1',
      'Variable 21, row 3, column 2: 2',
      'Variable 21, row 4, column 1: 3',
      'Variable 21, row 4, column 2: 4',
    ],
  ],
  ['5|S:F:12=ERR,S:I:01=0100', ['Variable 12: ERR (not available)', 'Variable 01: 1']],
  ['5|S:F:12=0000C07F', ['Variable 12: 0000C07F (not available)']],
  ['5|S:F:12=0000807F', ['Variable 12: 0000807F (impossible)']],
  ['5|S:F:12=AC41', ['Variable 12: AC41']],
  ['5|S:F:12=0000AC4', ['Variable 12: 0000AC (partial)']],
  ['5|X:1=01', [': 01']],
  ['5|', []],
  ['', []],
  ['rubbish', []],
])('%s', (data, readings) => {
  expect(decodeInmat(stored(data)).map(shown)).toEqual(readings);
});

test('the order of bytes is the one it was read with', () => {
  expect(decodeInmat(stored('5|S:F:12=41AC0000,S:I:1=FFF9', 'big')).map(shown)).toEqual([
    'Variable 12: 21.5',
    'Variable 01: -7',
  ]);
});

test('says what a record is, and which byte is the answer to what', () => {
  const data = '5|S:F:12=0000AC41,S:F:13=ERR,S:I:01=F9FF';
  const item = { ...stored(data), facts: [] };
  expect(inmatExplainer.describe(item)).toEqual({
    kind: 'INMAT readout',
    meter: 'station 5',
    facts: [
      ['Station', '5'],
      ['Results', '3'],
      ['Refused', '1'],
    ],
    limit: '',
  });
  const bytes = inmatExplainer.bytes?.(data) ?? new Uint8Array(0);
  expect(toHex(bytes)).toBe('0000AC41F9FF');
  expect(inmatExplainer.explain?.(bytes, stored(data))).toEqual([
    { start: 0, end: 4, text: 'answer to S:F:12, FLOAT' },
    { start: 4, end: 6, text: 'answer to S:I:01, INT' },
  ]);
  expect(inmatExplainer.bytes?.('5|S:F:12=ERR')).toBeUndefined();
});

test('never throws for what a record holds, and says nothing of bytes that are not there', () => {
  const hostile = fc.string({ unit: fc.constantFrom(...'5|,=:SFILBEMR0A1'), maxLength: 60 });
  fc.assert(
    fc.property(fc.oneof(hostile, fc.string()), (data) => {
      const bytes = inmatExplainer.bytes?.(data)?.length ?? 0;
      for (const { source } of decodeInmat(stored(data))) expect(source.end).toBeLessThanOrEqual(bytes);
      inmatExplainer.describe({ ...stored(data), facts: [] });
    }),
  );
});

test('any float is the one that was sent', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const view = new DataView(new ArrayBuffer(4));
      view.setFloat32(0, value, true);
      const [reading] = decodeInmat(stored(`5|S:F:1=${toHex(new Uint8Array(view.buffer))}`));
      expect(
        reading?.value.type === 'number' ? Math.fround(Number(formatDecimal(reading.value.decimal))) + 0 : NaN,
      ).toBe(value + 0);
    }),
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex } from '../../../../src/common/bytes.ts';
import { MeterError } from '../../../../src/common/meter-error.ts';
import { dataIn } from '../../../../src/protocols/dlms/axdr/read-data.ts';
import { dataBytes } from '../../../../src/protocols/dlms/axdr/write-data.ts';
import { someData } from './some-data.ts';

const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array(0);
const read = (hex: string) => dataIn(bytes(hex)).data;

test('any value is read as it was written, whatever stands behind it', () => {
  fc.assert(
    fc.property(someData, fc.uint8Array({ maxLength: 20 }), (data, more) => {
      const written = dataBytes(data);
      expect(dataIn(concatBytes(written, more))).toEqual({ data, length: written.length });
    }),
    { numRuns: 500 },
  );
});

test('a value that is cut off anywhere is an error, and no shorter value', () => {
  fc.assert(
    fc.property(someData, fc.nat(), (data, at) => {
      const written = dataBytes(data);
      expect(() => dataIn(written.subarray(0, at % written.length))).toThrow(MeterError);
    }),
    { numRuns: 300 },
  );
});

test('a compact array says its type once', () => {
  const row = (first: number, second: number) => ({
    type: 'structure',
    items: [
      { type: 'uint8', value: first },
      { type: 'uint16', value: second },
    ],
  });
  expect(read('1302021112 06 01 0005 02 0006')).toMatchObject({ type: 'compact array', items: [row(1, 5), row(2, 6)] });
  expect(read('13 0202 0100021112 04 0506 0102')).toMatchObject({
    items: [{ items: [{ items: [{ value: 5 }, { value: 6 }] }, { value: 0x0102 }] }],
  });
});

describe('hostile values end in a MeterError', () => {
  test.each([
    ['an array of more than there is', '0184FFFFFFFF00'],
    ['a string of more than there is', '0984FFFFFFFF00'],
    ['a length in five bytes', '0985000000000100'],
    ['an indefinite length', '098000'],
    ['a type that is none', '2A00'],
    ['nothing', ''],
    ['a compact array of rows without bytes', '13000101'],
    ['a compact array of empty structures', '1302000101'],
    ['a compact array of compact arrays', '13131100'],
    ['a compact array that multiplies', `13${'01FFFF'.repeat(8)}000101`],
    ['a compact array whose rows do not fit', '1312030001 02'],
    ['bits of more than there is', '0484FFFFFFF8'],
  ])('%s', (_name, hex) => {
    expect(() => read(hex)).toThrow(MeterError);
  });

  test('nested without end', () => {
    expect(() => read('0201'.repeat(50_000))).toThrow(MeterError);
    expect(() => read(`13${'0201'.repeat(50_000)}`)).toThrow(MeterError);
    expect(() => read(`${'0101'.repeat(30)}00`)).toThrow(/nested/);
  });

  test('of very many parts', () => {
    const parts = concatBytes(bytes('0183040000'), new Uint8Array(0x040000));
    expect(() => dataIn(parts)).toThrow(/more than 200000 parts/);
  });
});

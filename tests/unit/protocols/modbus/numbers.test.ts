import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../../../src/common/bytes.ts';
import { formatDecimal } from '../../../../src/common/decimal.ts';
import { figureOf, inOrder, type NumberType, type WordOrder } from '../../../../src/protocols/modbus/numbers.ts';

const bytesOf = (hex: string) => fromHex(hex) ?? new Uint8Array(0);
function text(hex: string, type: NumberType, order?: WordOrder, scale?: number, invalid?: string): string {
  const figure = figureOf(bytesOf(hex), type, order, scale, invalid);
  return typeof figure === 'string' ? figure : formatDecimal(figure);
}

test.each<[string, NumberType, string]>([
  ['42F6E979', 'f32', '123.456'],
  ['3DCCCCCD', 'f32', '0.1'],
  ['4B7FFFFF', 'f32', '16777215'],
  ['C2C80000', 'f32', '-100'],
  ['7FC00000', 'f32', 'not available'],
  ['FFFFFFFF', 'f32', 'not available'],
  ['7F800000', 'f32', 'impossible'],
  ['4132D687E0000000', 'f64', '1234567.875'],
  ['8000', 'i16', 'not available'],
  ['7FFF', 'i16', '32767'],
  ['FFFF', 'i16', '-1'],
  ['FFFF', 'u16', 'not available'],
  ['80000000', 'i32', 'not available'],
  ['FFFFFFFE', 'i32', '-2'],
  ['FFFFFFFF', 'u32', 'not available'],
  ['FFFFFFFFFFFFFFFF', 'u64', 'not available'],
  ['8000000000000000', 'i64', 'not available'],
  ['0FFFFFFFFFFFFFFF', 'u64', '1152921504606846975'],
  ['12345678', 'bcd32', '12345678'],
  ['1234567A', 'bcd32', 'impossible'],
  ['FFFFFFFF', 'bcd32', 'not available'],
  ['00010002 00000000', 'm10k', '20001'],
  ['27100000 00000000', 'm10k', 'impossible'],
  ['FE005BA1', 't5', '234.57'],
  ['FEFFFFFF', 't6', '-0.01'],
  ['FEFFFFFF', 't5', '167772.15'],
])('%s as %s is %s', (hex, type, expected) => {
  expect(text(hex, type)).toBe(expected);
});

test('a maker’s own mark of nothing', () => {
  expect(text('7FFFFFFF', 'i32', 'ABCD', -2, '7fffffff')).toBe('not available');
  expect(text('7FFF', 'i16', 'ABCD', -3, '7fff')).toBe('not available');
});

test.each<[WordOrder, string]>([
  ['ABCD', '42F6E979'],
  ['CDAB', 'E97942F6'],
  ['BADC', 'F64279E9'],
  ['DCBA', '79E9F642'],
])('order %s', (order, hex) => {
  expect(text(hex, 'f32', order)).toBe('123.456');
});

describe('any bytes', () => {
  const orders = fc.constantFrom<WordOrder>('ABCD', 'CDAB', 'BADC', 'DCBA');
  test('come back from each order', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), orders, (bytes, order) => {
        expect(inOrder(inOrder(bytes, order), order)).toEqual(bytes);
      }),
    );
  });
  test('make the very float, times ten to the power', () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: -4, max: 4 }),
        (value, scale) => {
          const bytes = new Uint8Array(4);
          new DataView(bytes.buffer).setFloat32(0, value);
          const figure = figureOf(bytes, 'f32', 'ABCD', scale);
          expect(typeof figure).toBe('object');
          if (typeof figure !== 'object') return;
          expect(Math.fround(Number(`${figure.coefficient}e${figure.exponent - scale}`)) + 0).toBe(
            Math.fround(value) + 0,
          );
        },
      ),
    );
  });
});

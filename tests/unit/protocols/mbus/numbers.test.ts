import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalToNumber, formatDecimal } from '../../../../src/common/decimal.ts';
import * as numbers from '../../../../src/protocols/mbus/numbers.ts';
import { bytesOf } from './samples.ts';

/** Two's complement, low byte first. */
function littleEndian(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, n) => Number((value >> BigInt(8 * n)) & 0xffn));
}

describe('numbers', () => {
  it('integers of every length are what was written', () => {
    for (const length of [1, 2, 3, 4, 6, 8]) {
      const bits = BigInt(8 * length);
      fc.assert(
        fc.property(fc.bigInt({ min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n }), (value) => {
          expect(BigInt(numbers.readSigned(littleEndian(value, length), 0, length))).toBe(value);
        }),
      );
      fc.assert(
        fc.property(fc.bigInt({ min: 0n, max: (1n << bits) - 1n }), (value) => {
          expect(BigInt(numbers.readUnsigned(littleEndian(value, length), 0, length))).toBe(value);
        }),
      );
    }
  });

  it('stay numbers while they are safe', () => {
    expect(numbers.readSigned(littleEndian(-(2n ** 53n) + 1n, 8), 0, 8)).toBe(-Number.MAX_SAFE_INTEGER);
    expect(typeof numbers.readSigned(littleEndian(2n ** 53n, 8), 0, 8)).toBe('bigint');
  });

  it('know the invalid marker', () => {
    expect(numbers.isInvalidInteger(bytesOf('00000080'), 0, 4)).toBe(true);
    expect(numbers.isInvalidInteger(bytesOf('01000080'), 0, 4)).toBe(false);
    expect(numbers.isInvalidInteger(bytesOf('00000081'), 0, 4)).toBe(false);
  });

  it.each([
    ['78563412', 12345678],
    ['0200F0', -2],
    ['000000', 0],
    ['0000F0', 0],
    ['999999999999', 999999999999],
    ['1200A0', undefined],
    ['0F0000', undefined],
    ['0000E0', undefined],
  ])('BCD %s', (hex, value) => {
    const bytes = bytesOf(hex);
    expect(numbers.readBcd(bytes, 0, bytes.length)).toBe(value);
  });

  it('BCD of 18 digits loses none', () => {
    expect(numbers.readBcd(bytesOf('563412907856341290'), 0, 9)).toBe(901234567890123456n);
    expect(numbers.readBcd(bytesOf('5634129078563412F9'), 0, 9)).toBe(-91234567890123456n);
  });

  it('floats are the shortest decimal that is the same float', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const bytes = new Uint8Array(new Float32Array([value]).buffer);
        const decimal = numbers.readReal32(bytes, 0);
        expect(decimal).toBeDefined();
        if (decimal !== undefined) expect(Math.fround(decimalToNumber(decimal)) === value).toBe(true);
      }),
    );
    const shown = (value: number) => {
      const decimal = numbers.readReal32(new Uint8Array(new Float32Array([value]).buffer), 0);
      return decimal === undefined ? 'none' : formatDecimal(decimal);
    };
    expect([0.1, 100, -22.5, 16777216, 0, 1234.5].map(shown)).toEqual([
      '0.1',
      '100',
      '-22.5',
      '16777216',
      '0',
      '1234.5',
    ]);
    expect([Number.NaN, Number.POSITIVE_INFINITY].map(shown)).toEqual(['none', 'none']);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BCD_VALUE, bigEndianDigits, littleEndianBcd, littleEndianDigits } from '../../../src/common/bcd.ts';

describe('BCD', () => {
  it('knows digits from hexadecimal', () => {
    expect([BCD_VALUE[0x00], BCD_VALUE[0x99], BCD_VALUE[0x42], BCD_VALUE[0x0a], BCD_VALUE[0xf1]]).toEqual([
      0, 99, 42, -1, -1,
    ]);
  });

  it('reads digits in both byte orders', () => {
    const bytes = Uint8Array.of(0xff, 0x78, 0x56, 0xf4);
    expect(littleEndianDigits(bytes, 1, 4)).toBe('F45678');
    expect(bigEndianDigits(bytes, 1, 4)).toBe('7856F4');
  });

  it('is undone by writing', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-F]{8}$/), (digits) => {
        const bytes = littleEndianBcd(digits, 4);
        expect(bytes && littleEndianDigits(bytes, 0, 4)).toBe(digits);
      }),
    );
  });

  it('pads short numbers and refuses what does not fit or is no digit', () => {
    expect(littleEndianBcd('123', 2)).toEqual(Uint8Array.of(0x23, 0x01));
    expect(littleEndianBcd('12345', 2)).toBeUndefined();
    expect(littleEndianBcd('12G4', 2)).toBeUndefined();
  });
});

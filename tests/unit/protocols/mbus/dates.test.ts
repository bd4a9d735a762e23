import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MeterTime } from '../../../../src/common/reading.ts';
import { readTypeF, readTypeG, readTypeI, readTypeJ } from '../../../../src/protocols/mbus/dates.ts';
import { bytesOf } from './samples.ts';

const NONE: MeterTime = { iso: '', invalid: true };

describe('dates', () => {
  it('type G: every day from 1981 to 2080', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1981-01-01'), max: new Date('2080-12-31'), noInvalidDate: true }),
        (date) => {
          const year = date.getUTCFullYear() % 100;
          const low = date.getUTCDate() | ((year & 7) << 5);
          const high = (date.getUTCMonth() + 1) | ((year >> 3) << 4);
          expect(readTypeG(Uint8Array.of(low, high), 0)).toEqual({ iso: date.toISOString().slice(0, 10) });
        },
      ),
    );
  });

  it.each(['FFFF', '0000', '001F', '1F00', 'E0F1', '3E02', '3D12'])('type G: %s is no date', (hex) => {
    expect(readTypeG(bytesOf(hex), 0)).toEqual(NONE);
  });

  it.each([
    ['2F0B7A3B', { iso: '2027-11-26T11:47' }],
    ['2F8B7A3B', { iso: '2027-11-26T11:47', season: 'summer' }],
    ['AF0B7A3B', { iso: '2027-11-26T11:47', invalid: true }],
    ['2F2B7A3B', { iso: '2027-11-26T11:47' }], // hundred-year bits 1: 2000 + 27
    ['2F4B7A3B', { iso: '2127-11-26T11:47' }],
    ['3C0B7A3B', NONE], // minute 60
    ['2F187A3B', NONE], // hour 24
    ['00000000', NONE],
    ['FFFFFFFF', NONE],
  ])('type F: %s', (hex, time) => {
    expect(readTypeF(bytesOf(hex), 0)).toEqual(time);
  });

  it.each([
    ['1E2F0B7A3B00', { iso: '2027-11-26T11:47:30' }],
    ['5E2F0B7A3B00', { iso: '2027-11-26T11:47:30', season: 'summer' }],
    ['1EAF0B7A3B00', { iso: '2027-11-26T11:47:30', invalid: true }],
    ['3D2F0B7A3B00', NONE],
    ['000000000000', NONE],
  ])('type I: %s', (hex, time) => {
    expect(readTypeI(bytesOf(hex), 0)).toEqual(time);
  });

  it('type J', () => {
    expect(readTypeJ(bytesOf('1E2F0B'), 0)).toEqual({ iso: '11:47:30' });
    expect(readTypeJ(bytesOf('FFFFFF'), 0)).toEqual(NONE);
  });
});

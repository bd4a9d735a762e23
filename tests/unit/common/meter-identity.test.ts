import { describe, expect, it } from 'vitest';
import { isSameNumber, otherMeter } from '../../../src/common/meter-identity.ts';
import { ownNumbers } from '../../../src/protocols/iec62056-21/own-numbers.ts';

describe('isSameNumber', () => {
  it.each([
    ['04710815', '4710815'],
    ['0471 0815', '04710815'],
    ['1EMH0004710815', '4710815'],
    ['4530303632373030303030303030303031', 'E0062700000000001'],
    ['1esy9900000001', '1ESY9900000001'],
  ])('%s and %s', (one, other) => {
    expect(isSameNumber(one, other)).toBe(true);
    expect(isSameNumber(other, one)).toBe(true);
  });

  it.each([
    ['04710815', '04710816'],
    ['1EMH0004710815', '815'],
    ['12345678', '123456780'],
    ['00123456', '34123456'],
  ])('not %s and %s', (one, other) => expect(isSameNumber(one, other)).toBe(false));
});

describe('otherMeter', () => {
  it('lets the number on the plate decide, whatever the address', () => {
    expect(otherMeter(['04710815'], { known: '4710815', asked: '99999999' })).toBeUndefined();
    expect(otherMeter(['04710816'], { known: '4710815', asked: '04710816' })).toBe('04710816');
  });

  it('compares with the address where the number is not known, and that is no index', () => {
    expect(otherMeter(['04710816'], { asked: '04710815' })).toBe('04710816');
    expect(otherMeter(['04710816'], { asked: '815' })).toBeUndefined();
    expect(otherMeter(['04710816'], { asked: '' })).toBeUndefined();
  });

  it.each(['00000001', '000123'])('takes no index for a number, though it is filled up with zeros: %s', (index) => {
    expect(otherMeter(['04710815'], { asked: index })).toBeUndefined();
    expect(otherMeter([index], { known: '04710815' })).toBeUndefined();
    expect(otherMeter([index, '04710816'], { known: '04710815' })).toBe('04710816');
  });

  it.each(['0001', 'V1.23', 'LZQJ-XC'])('takes %s for no other number', (text) =>
    expect(otherMeter([text], { known: '04710815' })).toBeUndefined(),
  );

  it('says nothing where the meter says nothing of itself', () => {
    expect(otherMeter([], { known: '4710815' })).toBeUndefined();
    expect(otherMeter(['0', 'ER23', '00000000'], { known: '4710815' })).toBeUndefined();
    expect(otherMeter(['00990417', '04710815'], { known: '4710815' })).toBeUndefined();
  });
});

describe('ownNumbers', () => {
  it('are those of the meter itself, 1-1:0.0.0 too', () => {
    const data =
      'F.F(00)\r\n0.0.0(04710815)\r\n1-1:0.0.0(11111111)\r\nC.1.0 (22222222)\r\n0-0:96.1.255*255(1ESY3)\r\n0-1:96.1.0(G0001)\r\n1.8.0(5*kWh)\r\n0-0:42.0.0(LGZ)\r\n9.20(64030874)9.21(00010213)\r\n10.0.0(1)\r\n';
    expect(ownNumbers(data)).toEqual(['04710815', '11111111', '22222222', '1ESY3', 'LGZ', '64030874', '00010213']);
  });
});

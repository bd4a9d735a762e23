import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MeterError } from '../../../../src/common/meter-error.ts';
import { toLatin1 } from '../../../../src/common/bytes.ts';
import { parseIecAddress, requestMessage } from '../../../../src/protocols/iec62056-21/address.ts';

function failure(text: string): MeterError {
  try {
    parseIecAddress(text);
  } catch (error) {
    if (error instanceof MeterError) return error;
  }
  throw new Error(`${text} was taken`);
}

describe('parseIecAddress', () => {
  it.each([
    ['', { address: '', keepInitialRate: false }],
    ['869551', { address: '869551', keepInitialRate: false }],
    ['869551@2400', { address: '869551', baudRate: 2400, keepInitialRate: false }],
    ['869551 @ 2400 % R', { address: '869551', baudRate: 2400, keepInitialRate: true }],
    ['869551 [x]%R', { address: '869551 [x]', keepInitialRate: true }],
    ['@300', { address: '', baudRate: 300, keepInitialRate: false }],
    ['%R', { address: '', keepInitialRate: true }],
    ['00012 AB', { address: '00012 AB', keepInitialRate: false }],
    ['#', { address: '#', keepInitialRate: false }],
    ['x'.repeat(32), { address: 'x'.repeat(32), keepInitialRate: false }],
  ])('%j', (text, address) => {
    expect(parseIecAddress(text)).toEqual(address);
  });

  it.each([
    ['12/34', "'/' at position 3"],
    ['?', "'?' at position 1"],
    ['  1!', "'!' at position 4"],
    ['1\r2', 'code 0D (hex) at position 2'],
    ['1ä', 'code E4 (hex) at position 2'],
    ['x'.repeat(33), 'position 33'],
    ['1@', 'missing'],
    ['1@fast', "'fast' at position 3"],
    ['1@100', "'100'"],
    ['1@230401', "'230401'"],
    ['1%', 'missing'],
    ['1%X', "'X' at position 3"],
    ['1@300%RQ', "'Q' at position 8"],
    ['1%R@300', "'@' at position 4"],
  ])('%j is refused with the place', (text, words) => {
    const error = failure(text);
    expect(error.code).toBe(65538);
    expect(error.message).toContain(words);
    expect(error.hint).not.toBe('');
  });

  it('throws nothing but 65538', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        try {
          expect(parseIecAddress(text).address).toMatch(/^[ -~]{0,32}$/);
        } catch (error) {
          expect(error).toMatchObject({ code: 65538 });
        }
      }),
    );
  });
});

describe('requestMessage', () => {
  it.each([
    [['', undefined], '/?!\r\n'],
    [['947833', ''], '/?947833!\r\n'],
    [['947833', '12'], '/?12!\r\n'],
    [['', '/#!'], '/#!\r\n'],
    [['', '/#'], '/#!\r\n'],
    [['', '/?1!\x01R1\x02V()\x03z'], '/?1!\x01R1\x02V()\x03z'],
  ] as const)('%j gives %j', ([address, custom], request) => {
    expect(toLatin1(requestMessage(address, custom))).toBe(request);
  });

  it('refuses what seven bits cannot carry', () => {
    expect(() => requestMessage('', '/ü!')).toThrow('position 2');
  });
});

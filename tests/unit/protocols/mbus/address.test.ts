import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MeterError } from '../../../../src/common/meter-error.ts';
import type { MbusAddress } from '../../../../src/protocols/mbus/address.ts';
import { formatMbusAddress, MBUS_BAUD_RATES, parseMbusAddress } from '../../../../src/protocols/mbus/address.ts';

describe('M-Bus address', () => {
  it.each([
    ['128@2400', { kind: 'primary', address: 128, baudRate: 2400 }],
    ['128', { kind: 'primary', address: 128, baudRate: 2400 }],
    ['0', { kind: 'primary', address: 0, baudRate: 2400 }],
    ['250@300', { kind: 'primary', address: 250, baudRate: 300 }],
    ['*01579411@2400', { kind: 'secondary', identification: '01579411', baudRate: 2400 }],
    ['*015794FF@38400', { kind: 'secondary', identification: '015794FF', baudRate: 38400 }],
    ['*FFFFFFFF', { kind: 'secondary', identification: 'FFFFFFFF', baudRate: 2400 }],
  ])('reads the SmartCOM’s form %s', (text, address) => {
    expect(parseMbusAddress(text)).toEqual(address);
  });

  it.each([
    ['*01579411/LUG.04.07', { identification: '01579411', manufacturer: 'LUG', version: 4, medium: 7 }],
    ['*FFFFFFFF/*.*.FF/1234567F@9600', { identification: 'FFFFFFFF', fabrication: '1234567F', baudRate: 9600 }],
    ['*FFFFFFFF/*.*.07', { medium: 7 }],
    ['*050002EA', { kind: 'secondary', identification: '050002EA' }],
    ['/254', { kind: 'primary', address: 254 }],
    ['/253@300', { kind: 'primary', address: 253, baudRate: 300 }],
  ])('reads our own form %s', (text, address) => {
    expect(parseMbusAddress(text)).toMatchObject(address);
  });

  it.each([
    '',
    '251',
    '254',
    '-1',
    '1.5',
    '0128',
    ' 1',
    '1 ',
    '1@',
    '1@2401',
    '1@57600',
    '1@110',
    '@2400',
    '*',
    '*0157941',
    '*015794110',
    '*015794ff',
    '*015794AG',
    '01579411',
    '*01579411@',
    '*01579411/LUG',
    '*01579411/lug.04.07',
    '/255',
    '/1',
    '1@2400@2400',
    '*01579411.LUG.04.07',
  ])('refuses "%s" with 131074', (text) => {
    let code = 0;
    try {
      parseMbusAddress(text);
    } catch (error) {
      if (error instanceof MeterError) code = error.code;
    }
    expect(code).toBe(131074);
  });

  it('reads what it writes', () => {
    const baudRate = fc.constantFrom(...MBUS_BAUD_RATES);
    const digits = fc.stringMatching(/^[0-9F]{8}$/);
    const byte = fc.integer({ min: 0, max: 254 });
    const address: fc.Arbitrary<MbusAddress> = fc.oneof(
      fc.record({ kind: fc.constant('primary' as const), address: fc.integer({ min: 0, max: 250 }), baudRate }),
      fc.record(
        {
          kind: fc.constant('secondary' as const),
          identification: digits,
          manufacturer: fc.stringMatching(/^[A-Z]{3}$/),
          version: byte,
          medium: byte,
          fabrication: digits,
          baudRate,
        },
        { requiredKeys: ['kind', 'identification', 'baudRate'] },
      ),
    );
    fc.assert(
      fc.property(address, (one) => {
        expect(parseMbusAddress(formatMbusAddress(one))).toEqual(one);
      }),
    );
  });
});

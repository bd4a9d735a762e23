import { describe, expect, it } from 'vitest';
import { toHex } from '../../../../src/common/bytes.ts';
import * as messages from '../../../../src/protocols/mbus/messages.ts';

const hex = (bytes: Uint8Array) => toHex(bytes).replace(/..(?!$)/g, '$& ');

describe('messages', () => {
  it.each([
    ['SND_NKE', messages.sndNke(1), '10 40 01 41 16'],
    ['REQ_UD2 after SND_NKE', messages.reqUd2(1, 1), '10 7B 01 7C 16'],
    ['REQ_UD2 with FCB 0', messages.reqUd2(253, 0), '10 5B FD 58 16'],
    ['REQ_UD1', messages.reqUd1(1, 1), '10 7A 01 7B 16'],
    [
      'selection of any meter',
      messages.selectSlave({ identification: 'FFFFFFFF' }),
      '68 0B 0B 68 53 FD 52 FF FF FF FF FF FF FF FF 9A 16',
    ],
    [
      'selection by everything',
      messages.selectSlave({
        identification: '1234567F',
        manufacturer: 'LUG',
        version: 4,
        medium: 7,
        fabrication: '98765432',
      }),
      '68 11 11 68 53 FD 52 7F 56 34 12 A7 32 04 07 0C 78 32 54 76 98 B9 16',
    ],
    [
      'selection in mode 2',
      messages.selectSlave({ identification: '1234567F', manufacturer: 'LUG' }, true, 1),
      '68 0B 0B 68 73 FD 56 12 34 56 7F 32 A7 FF FF B8 16',
    ],
    ['new primary address', messages.setPrimaryAddress(254, 9), '68 06 06 68 53 FE 51 01 7A 09 26 16'],
    ['9600 Bd', messages.switchBaudRate(254, 9600), '68 03 03 68 53 FE BD 0E 16'],
    ['300 Bd', messages.switchBaudRate(1, 300), '68 03 03 68 53 01 B8 0C 16'],
    ['application reset', messages.applicationReset(254), '68 03 03 68 53 FE 50 A1 16'],
    ['application reset with subcode', messages.applicationReset(254, 0x10), '68 04 04 68 53 FE 50 10 B1 16'],
  ])('%s', (_name, bytes, wanted) => {
    expect(hex(bytes)).toBe(wanted);
  });

  it('refuses addresses that no meter can have', () => {
    expect(() => messages.setPrimaryAddress(254, 251)).toThrow('0 to 250');
    expect(() => messages.selectSlave({ identification: '123' })).toThrow('eight digits');
  });
});

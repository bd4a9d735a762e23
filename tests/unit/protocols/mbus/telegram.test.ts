import { describe, expect, it } from 'vitest';
import { parseFrame } from '../../../../src/protocols/mbus/frame.ts';
import { decodeManufacturer, encodeManufacturer } from '../../../../src/protocols/mbus/manufacturer.ts';
import { parseTelegrams, responseError } from '../../../../src/protocols/mbus/telegram.ts';
import { isErrorStatus, STATUS_TEXTS } from '../../../../src/protocols/mbus/status.ts';
import { bytesOf, response, telegram } from './samples.ts';

const errorOf = (hex: string, address?: number) => responseError(parseFrame(bytesOf(hex)), address);

describe('telegrams', () => {
  it('carry the header', () => {
    expect(parseTelegrams(bytesOf(telegram('01 13 05')))).toEqual([
      {
        start: 0,
        end: 24,
        kind: 'long',
        fault: '',
        control: 8,
        address: 5,
        controlInformation: 0x72,
        header: {
          identification: '12345678',
          manufacturer: 'OHU',
          version: 3,
          medium: 7,
          accessNumber: 42,
          status: 0,
          configuration: 0,
        },
      },
    ]);
  });

  it('are cut out of whatever is stored', () => {
    const stored = bytesOf(`AA E5 ${telegram('01 13 05')} E5 10 7B 05 80 16 ${response(0x7a, '2A 04 0000')} 68 05`);
    expect(parseTelegrams(stored).map(({ kind, start, end }) => [kind, end - start])).toEqual([
      ['stray', 2],
      ['long', 24],
      ['acknowledge', 1],
      ['short', 5],
      ['long', 13],
      ['stray', 2],
    ]);
  });

  it.each([
    ['meter data', telegram(''), undefined],
    ['fixed data', response(0x73, '78563412 2A 00 E9 7E 21000000 87040000'), undefined],
    ['an acknowledgment', 'E5', 131083],
    ['the request itself', '10 7B 05 80 16', 131083],
    ['a frame of the master', '68 06 06 68 53 FE 51 01 7A 09 26 16', 131083],
    ['an application error', response(0x70, '08'), 131084],
    ['an alarm', response(0x71, '00'), 131084],
    ['an unknown CI (libmbus#90)', response(0xb7, '00'), 131084],
    ['too few bytes for the header', response(0x72, '78563412'), 131334],
    ['no bytes for the header', response(0x72, ''), 131334],
  ])('judge %s', (_what, hex, code) => {
    expect(errorOf(hex)?.code).toBe(code);
  });

  it('judge the address', () => {
    expect(errorOf(telegram(''), 5)).toBeUndefined();
    expect(errorOf(telegram(''), 6)?.code).toBe(131085);
  });

  it('name manufacturers by three letters', () => {
    expect(encodeManufacturer('LUG')).toBe(0x32a7);
    expect(decodeManufacturer(0x32a7)).toBe('LUG');
    expect(encodeManufacturer('lug')).toBeUndefined();
  });

  it('put the status into words', () => {
    expect([0x00, 0x01, 0x27, 0x08].map((status) => STATUS_TEXTS[status])).toEqual([
      'OK',
      'busy',
      'alarm or abnormal condition, power low, manufacturer-specific 001',
      'permanent error',
    ]);
    expect([0x00, 0x01, 0x02, 0x04, 0x10, 0x20].map(isErrorStatus)).toEqual([false, false, true, true, true, false]);
  });
});

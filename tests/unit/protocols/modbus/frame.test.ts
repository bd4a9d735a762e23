import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../../src/common/bytes.ts';
import { crc16, crcFits, withCrc } from '../../../../src/protocols/modbus/crc.ts';
import {
  answerLength,
  deviceIdentification,
  readDeviceIdentification,
  readRequest,
  reportServerId,
  requestLength,
  writeCoil,
  writeCoils,
  writeRegister,
  writeRegisters,
} from '../../../../src/protocols/modbus/frame.ts';
import { exceptionText } from '../../../../src/protocols/modbus/exceptions.ts';

const bytesOf = (hex: string) => fromHex(hex) ?? new Uint8Array(0);

test('the check of the usual text', () => {
  expect(crc16(new TextEncoder().encode('123456789'))).toBe(0x4b37);
});

/** Worked examples that every course on Modbus has. */
test.each([
  [readRequest(0x11, 3, 0x6b, 3), '1103006B00037687'],
  [readRequest(0x11, 1, 0x13, 37), '1101001300250E84'],
  [writeCoil(0x11, 0xac, true), '110500ACFF004E8B'],
  [writeRegister(0x11, 1, 3), '1106000100039A9B'],
  [writeCoils(0x11, 0x13, [true, false, true, true, false, false, true, true, true, false]), '110F0013000A02CD01BF0B'],
  [writeRegisters(0x11, 1, [0x000a, 0x0102]), '1110000100020 4000A0102C6F0'.replaceAll(' ', '')],
])('request %#', (request, hex) => {
  expect(toHex(request)).toBe(hex);
  expect(requestLength(request, 0, request.length)).toBe(request.length);
});

test.each([
  '110306AE415652434049AD',
  '110105CD6BB20E1B45E6',
  '110F0013000A2699',
  '1110000100021298',
  '0A8102B053',
  toHex(withCrc(bytesOf('11 2B 0E 01 01 00 00 03 00 03 41 42 43 01 02 44 45 02 04 56 31 2E 30'))),
  toHex(withCrc(bytesOf('11 11 05 02 FF 61 62 63'))),
])('answer %s ends where its own bytes say', (hex) => {
  const bytes = bytesOf(hex);
  expect(crcFits(bytes)).toBe(true);
  expect(answerLength(bytes, 0, bytes.length)).toBe(bytes.length);
  // Nothing shorter says another length.
  for (let end = 0; end < bytes.length; end++) expect([undefined, bytes.length]).toContain(answerLength(bytes, 0, end));
});

test('a device says who it is', () => {
  const answer = withCrc(bytesOf('01 2B 0E 01 01 FF 02 02 00 0A 53 49 45 4D 45 4E 53 20 41 47 01 03 37 4B 4D'));
  expect(deviceIdentification(answer)).toEqual({
    objects: new Map([
      [0, 'SIEMENS AG'],
      [1, '7KM'],
    ]),
    next: 2,
  });
  expect(toHex(readDeviceIdentification(1, 1, 0)).slice(0, 10)).toBe('012B0E0100');
  expect(toHex(reportServerId(1)).slice(0, 4)).toBe('0111');
});

test('refusals in words', () => {
  expect(exceptionText(2)).toBe('it has no such address (exception 02)');
  expect(exceptionText(0x77)).toContain('exception 77');
});

describe('hostile bytes', () => {
  test('never make a length beyond a frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const length of [answerLength(bytes, 0, bytes.length), requestLength(bytes, 0, bytes.length)]) {
          expect(length === undefined || (length >= 0 && length <= 256)).toBe(true);
        }
        deviceIdentification(bytes);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../../src/common/bytes.ts';
import { encodeFrame } from '../../../../src/protocols/mbus/frame.ts';
import { explainMbus } from '../../../../src/protocols/mbus/explain.ts';
import { selectSlave } from '../../../../src/protocols/mbus/messages.ts';
import { anyFrame, bytesOf, response, telegram } from './samples.ts';

/** Spans cover all bytes in order, without gap or overlap, and say something. */
function expectWhole(bytes: Uint8Array): void {
  let at = 0;
  for (const { start, end, text } of explainMbus(bytes)) {
    expect(start).toBe(at);
    expect(end).toBeGreaterThan(start);
    expect(text).not.toBe('');
    at = end;
  }
  expect(at).toBe(bytes.length);
}

const texts = (hex: string) => explainMbus(bytesOf(hex)).map(({ text }) => text);

describe('explaining bytes', () => {
  it('leaves none out, whatever they are', () => {
    const part = fc.oneof(
      anyFrame.map(encodeFrame),
      fc.uint8Array({ maxLength: 40 }),
      fc
        .uint8Array({ minLength: 1, maxLength: 200 })
        .map((records) => bytesOf(telegram(Array.from(records, (b) => b.toString(16).padStart(2, '0')).join('')))),
      fc
        .tuple(
          fc.constantFrom(0x70, 0x71, 0x72, 0x73, 0x76, 0x77, 0x78, 0x7a, 0x51, 0x52),
          fc.uint8Array({ maxLength: 60 }),
        )
        .map(([ci, data]) => bytesOf(response(ci, Array.from(data, (b) => b.toString(16).padStart(2, '0')).join('')))),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), fc.nat(300), (parts, cut) => {
        const bytes = concatBytes(...parts);
        expectWhole(bytes);
        expectWhole(bytes.subarray(0, cut));
      }),
      { numRuns: 500 },
    );
  });

  it('reads like the standard', () => {
    expect(texts(telegram('0C 13 21430700'))).toEqual([
      'start of a long frame',
      'length: 21 bytes from the control field to the checksum',
      'length again: 21',
      'start again',
      'C 08: RSP_UD, data of the meter',
      'primary address 5',
      'CI 72: variable data, long header',
      'identification number 12345678',
      'manufacturer OHU',
      'version 3',
      'medium 07: Water',
      'access number 42',
      'status 00: OK',
      'signature: none',
      'DIF 0C: 8 digits BCD, current value',
      'VIF 13: Volume, 10⁻³ m³',
      '74.321 m³',
      'checksum, right',
      'stop',
    ]);
  });

  it('explains storage, variable data and what can’t be decoded', () => {
    const spans = texts(response(0x78, 'C4 50 13 00000080 0D 78 02 4241 0F 01 02')).slice(7);
    expect(spans).toEqual([
      'DIF C4 50: 32-bit integer, current value, storage 1, tariff 1, subunit 1',
      'VIF 13: Volume, 10⁻³ m³',
      'bytes 00 00 00 80 (the meter marks the value as invalid)',
      'DIF 0D: variable length, current value',
      'VIF 78: Fabrication number',
      'LVAR 02: 2 bytes of text',
      '"AB"',
      'DIF 0F: manufacturer data to the end',
      'manufacturer-specific data',
      'checksum, right',
      'stop',
    ]);
    expect(texts(response(0x78, '04 13 01')).slice(7, 10)).toEqual([
      'DIF 04: 32-bit integer, current value',
      'VIF 13: Volume, 10⁻³ m³',
      'not decoded: the telegram ends inside this record',
    ]);
  });

  it('explains the fixed structure, errors and what the master sends', () => {
    expect(texts(response(0x73, '78563412 2A 00 E9 7E 21000000 87040000')).slice(9, 12)).toEqual([
      'status 00: OK, BCD counters, current values',
      'unit of counter 1: Volume 10^-3 m³; medium Water',
      'unit of counter 2: the same, stored; medium Water',
    ]);
    expect(texts(response(0x70, '08'))[7]).toBe('application error: application too busy for readout');
    expect(texts('10 7B FD 78 16 E5')).toEqual([
      'start of a short frame',
      'C 7B: REQ_UD2, request for data, FCB 1',
      'address 253: the selected meter',
      'checksum, right',
      'stop',
      'acknowledgment',
    ]);
    expect(
      explainMbus(selectSlave({ identification: '1234FFFF', medium: 7 }))
        .map(({ text }) => text)
        .slice(6),
    ).toEqual([
      'CI 52: selection by secondary address',
      'identification number 1234FFFF, F is any digit',
      'any manufacturer',
      'any version',
      'medium 07',
      'checksum, right',
      'stop',
    ]);
  });

  it('says that a checksum is wrong', () => {
    expect(texts(`${telegram('01 13 05').slice(0, -4)}0016`).at(-2)).toBe('checksum, wrong');
  });
});

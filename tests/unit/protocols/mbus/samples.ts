import fc from 'fast-check';
import { fromHex, toHex } from '../../../../src/common/bytes.ts';
import type { Reading } from '../../../../src/common/reading.ts';
import { formatDecimal } from '../../../../src/common/decimal.ts';
import { decodeMbus } from '../../../../src/protocols/mbus/decode.ts';
import type { MbusFrame } from '../../../../src/protocols/mbus/frame.ts';
import { encodeFrame } from '../../../../src/protocols/mbus/frame.ts';

/** Frames and readings of an invented meter: OHU 12345678, version 3. */

export function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new Error(`"${hex}" is no hex`);
  return bytes;
}

/** RSP_UD from address 5 with any user data after the CI field, as stored. */
export function response(controlInformation: number, userData: string): string {
  const data = bytesOf(userData);
  const head = { control: 0x08, address: 5, controlInformation };
  return toHex(encodeFrame(data.length === 0 ? { kind: 'control', ...head } : { kind: 'long', ...head, data }));
}

export interface HeaderFields {
  readonly medium?: string;
  readonly status?: string;
  readonly configuration?: string;
}

/** CI 72 with a header; mode 1. */
export function telegram(
  records: string,
  { medium = '07', status = '00', configuration = '0000' }: HeaderFields = {},
): string {
  return response(0x72, `78563412 153D 03 ${medium} 2A ${status} ${configuration} ${records}`);
}

export function decode(data: string): readonly Reading[] {
  return decodeMbus({ identification: '', data });
}

/** Readings of records only. */
export function recordsOf(data: string): readonly Reading[] {
  return decode(data).filter(({ label }) => label !== 'ID' && label !== 'STATUS');
}

/** The one reading of one record. */
export function only(records: string, header: HeaderFields = {}): Reading {
  const readings = recordsOf(telegram(records, header));
  const [reading] = readings;
  if (reading === undefined || readings.length !== 1) throw new Error(`${readings.length} readings instead of one`);
  return reading;
}

/** Value and unit as a person would read them. */
export function shown({ value, unit }: Reading): string {
  const suffix = unit === '' ? '' : ` ${unit}`;
  switch (value.type) {
    case 'number':
      return formatDecimal(value.decimal) + suffix;
    case 'time':
      return value.time.iso;
    case 'text':
      return value.text;
    case 'bytes':
      return `bytes ${toHex(value.bytes)}`;
  }
}

const byte = fc.integer({ min: 0, max: 255 });
export const anyFrame: fc.Arbitrary<MbusFrame> = fc.oneof(
  fc.constant<MbusFrame>({ kind: 'acknowledge' }),
  fc.record({ kind: fc.constant('short' as const), control: byte, address: byte }),
  fc.record({ kind: fc.constant('control' as const), control: byte, address: byte, controlInformation: byte }),
  fc.record({
    kind: fc.constant('long' as const),
    control: byte,
    address: byte,
    controlInformation: byte,
    data: fc.uint8Array({ minLength: 1, maxLength: 252 }),
  }),
);

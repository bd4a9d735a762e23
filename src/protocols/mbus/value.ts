import { littleEndianDigits } from '../../common/bcd.ts';
import type { Decimal } from '../../common/decimal.ts';
import { subtractDecimals } from '../../common/decimal.ts';
import { stateOfTime } from '../../common/reading-state.ts';
import type { ReadingState, ReadingValue } from '../../common/reading.ts';
import { readBcdTime, readTypeF, readTypeG, readTypeI, readTypeJ, recurringDate } from './dates.ts';
import { decodeManufacturer } from './manufacturer.ts';
import { MEDIUM_NAMES } from './medium.ts';
import { isInvalidInteger, readBcd, readReal32, readReal64, readSigned, readUnsigned } from './numbers.ts';
import type { RecordCursor } from './record.ts';
import { readText } from './record.ts';

/** Variable data is at most 255 bytes; mode 2 data is turned around here before it is read. */
const turned = new Uint8Array(256);

/** The value of a 'value' record, in the unit of its meaning; sets `cursor.remark` and `cursor.state`. Retains nothing of the bytes. */
export function readValue(cursor: RecordCursor): ReadingValue {
  cursor.remark = cursor.meaning.note;
  cursor.state = 'whole';
  const length = cursor.end - cursor.dataStart;
  let { bytes } = cursor;
  let at = cursor.dataStart;
  if (cursor.mode2 && length > 1) {
    for (let i = 0; i < length; i++) turned[i] = bytes[at + length - 1 - i] ?? 0;
    bytes = turned;
    at = 0;
  }
  switch (cursor.dif & 15) {
    case 0:
      remark(cursor, 'no data', 'not available');
      return { type: 'text', text: '' };
    case 8:
      remark(cursor, 'selected for readout', 'not available');
      return { type: 'text', text: '' };
    case 5:
      return real(cursor, readReal32(bytes, at), bytes, at, length);
    case 9:
    case 10:
    case 11:
    case 12:
    case 14:
      return bcd(cursor, bytes, at, length, false);
    case 13:
      return variable(cursor, bytes, at, length);
    default:
      return integer(cursor, bytes, at, length);
  }
}

function remark(cursor: RecordCursor, text: string, state: ReadingState = 'whole'): void {
  if (state !== 'whole') cursor.state = state;
  cursor.remark = cursor.remark === '' ? text : `${cursor.remark}; ${text}`;
}

function number(cursor: RecordCursor, coefficient: number | bigint): ReadingValue {
  const { exponent, offset } = cursor.meaning;
  if (offset !== undefined) return corrected({ coefficient, exponent }, offset);
  return { type: 'number', decimal: { coefficient, exponent } };
}

function corrected(value: Decimal, offset: Decimal): ReadingValue {
  const negated = { coefficient: -offset.coefficient, exponent: offset.exponent };
  return { type: 'number', decimal: subtractDecimals(value, negated) };
}

function integer(cursor: RecordCursor, bytes: Uint8Array, at: number, length: number): ReadingValue {
  switch (cursor.meaning.coding) {
    case 'number':
      if (bytes[at + length - 1] === 0x80 && isInvalidInteger(bytes, at, length)) {
        remark(cursor, 'the meter marks the value as invalid', 'not available');
        return raw(bytes, at, length);
      }
      return number(cursor, readSigned(bytes, at, length));
    case 'time':
      return time(cursor, bytes, at, length);
    case 'manufacturer':
      if (length === 2)
        return { type: 'text', text: decodeManufacturer((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)) };
      break;
    case 'medium':
      remark(cursor, MEDIUM_NAMES[bytes[at] ?? 0] ?? '');
      break;
    case 'unsigned':
    case 'identification':
      break;
  }
  return number(cursor, readUnsigned(bytes, at, length));
}

function time(cursor: RecordCursor, bytes: Uint8Array, at: number, length: number): ReadingValue {
  const read =
    length === 2
      ? readTypeG
      : length === 4
        ? readTypeF
        : length === 6
          ? readTypeI
          : length === 3
            ? readTypeJ
            : undefined;
  if (read === undefined) {
    remark(cursor, 'not a date or time type');
    return raw(bytes, at, length);
  }
  const value = read(bytes, at);
  const recurring = value.iso === '' ? recurringDate(bytes, at, length) : '';
  if (recurring !== '') return { type: 'text', text: recurring };
  cursor.state = stateOfTime(value);
  if (value.invalid === true) remark(cursor, value.iso === '' ? 'no date' : 'the meter marks the time as invalid');
  return { type: 'time', time: value };
}

function real(
  cursor: RecordCursor,
  value: Decimal | undefined,
  bytes: Uint8Array,
  at: number,
  length: number,
): ReadingValue {
  if (value === undefined) {
    remark(cursor, 'not a number', 'not available');
    return raw(bytes, at, length);
  }
  const { exponent, offset } = cursor.meaning;
  const decimal = exponent === 0 ? value : { coefficient: value.coefficient, exponent: value.exponent + exponent };
  return offset === undefined ? { type: 'number', decimal } : corrected(decimal, offset);
}

function bcd(cursor: RecordCursor, bytes: Uint8Array, at: number, length: number, negative: boolean): ReadingValue {
  const { coding } = cursor.meaning;
  if (coding === 'identification' || coding === 'manufacturer')
    return { type: 'text', text: littleEndianDigits(bytes, at, at + length) };
  const date = coding === 'time' ? readBcdTime(bytes, at, length) : undefined;
  if (date !== undefined) {
    cursor.state = stateOfTime(date);
    remark(cursor, 'as BCD digits');
    return { type: 'time', time: date };
  }
  const value = readBcd(bytes, at, length);
  if (value === undefined || coding === 'time') {
    const digits = littleEndianDigits(bytes, at, at + length);
    remark(
      cursor,
      /^F+$/.test(digits) ? 'no value' : value === undefined ? 'error digits of the meter' : 'not a date or time type',
      value === undefined ? 'not available' : 'whole',
    );
    return { type: 'text', text: digits };
  }
  return number(cursor, negative ? -value : value);
}

/** LVAR (EN 13757-3, table "Codes for variable data length"): text, BCD of either sign, binary, floating point. */
function variable(cursor: RecordCursor, bytes: Uint8Array, at: number, length: number): ReadingValue {
  const { lvar } = cursor;
  // Text is read from the telegram itself: in mode 2 its first character comes first.
  if (lvar < 0xc0) return isNoText(cursor) ? raw(bytes, at, length) : text(cursor);
  if (lvar < 0xe0) return length === 0 ? empty(cursor) : bcd(cursor, bytes, at, length, lvar >= 0xd0);
  if (lvar === 0xf8) return real(cursor, readReal64(bytes, at), bytes, at, length);
  if (length === 0) return empty(cursor);
  if (cursor.meaning.coding === 'time') return time(cursor, bytes, at, length);
  if (length <= 8) return integer(cursor, bytes, at, length);
  // A long binary number is a key, a signature or a container: shown as bytes, the highest first.
  return { type: 'bytes', bytes: bytes.slice(at, at + length).reverse() };
}

function text({ bytes, dataStart, end, mode2 }: RecordCursor): ReadingValue {
  return { type: 'text', text: readText(bytes, dataStart, end, mode2) };
}

/** Characters that none writes, where a quantity with a unit is named: a series, or something of the maker's. */
function isNoText({ meaning, bytes, dataStart, end }: RecordCursor): boolean {
  if (meaning.series !== '') return true;
  return meaning.unit !== '' && bytes.subarray(dataStart, end).some((byte) => byte < 0x20);
}

function empty(cursor: RecordCursor): ReadingValue {
  remark(cursor, 'no data', 'not available');
  return { type: 'text', text: '' };
}

/** Bytes as they stand in the telegram in mode 1. */
function raw(bytes: Uint8Array, at: number, length: number): ReadingValue {
  return { type: 'bytes', bytes: bytes.slice(at, at + length) };
}

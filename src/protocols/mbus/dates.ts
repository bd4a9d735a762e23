import { BCD_VALUE } from '../../common/bcd.ts';
import type { MeterTime } from '../../common/reading.ts';

/** Dates and times of EN 13757-3, annex A. All readers take bytes in mode 1 order (low byte first). */

const TWO_DIGITS: readonly string[] = Array.from({ length: 100 }, (_, n) => n.toString().padStart(2, '0'));
const two = (n: number) => TWO_DIGITS[n] ?? '';

/** Nothing in it can be shown: no date (FFFF), "every day", or fields out of range. */
const NO_TIME: MeterTime = { iso: '', invalid: true };

const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** "2014-03-12"; empty where that is no day of the calendar. */
function isoDate(year: number, month: number, day: number): string {
  if (day === 0 || day > (MONTH_DAYS[month - 1] ?? 0)) return '';
  if (day === 29 && month === 2 && !isLeapYear(year)) return '';
  const century = year >= 2000 ? 20 : 19;
  return `${century + (year >= 2100 ? 1 : 0)}${two(year % 100)}-${two(month)}-${two(day)}`;
}

/**
 * Seven-bit year: 0–80 → 20xx, 81–99 → 19xx, unless the hundred-year bits (type F only) say otherwise; 100–127 are no
 * years (libmbus#123: FFFF shown as 2127, wmbusmeters#2034: 2128).
 */
function fullYear(year: number, hundreds: number): number | undefined {
  if (year > 99) return undefined;
  if (hundreds > 0) return 1900 + 100 * hundreds + year;
  return year >= 81 ? 1900 + year : 2000 + year;
}

/** Values of date fields that stand for any (EN 13757-3, annex A): types F and G. */
const EVERY_YEAR = 127;
const EVERY_MONTH = 15;
const EVERY_HOUR = 31;
const EVERY_MINUTE = 63;
const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/**
 * A due date that comes again: "every 1 January"; empty where the fields are no such date. FFFF, with every field at its
 * highest, means that there is none.
 */
export function recurringDate(bytes: Uint8Array, at: number, length: number): string {
  const date = length === 4 ? at + 2 : at;
  const low = bytes[date] ?? 0;
  const high = bytes[date + 1] ?? 0;
  const year = (low >> 5) | ((high & 0xf0) >> 1);
  const month = high & 15;
  const day = low & 31;
  if ((length !== 2 && length !== 4) || year !== EVERY_YEAR) return '';
  const time = length === 4 ? recurringTime(bytes[at] ?? 0, bytes[at + 1] ?? 0) : '';
  if (time === undefined) return '';
  if (month === EVERY_MONTH && day === 0) return `every day${time}`;
  if (month === EVERY_MONTH) return day === 31 ? '' : `day ${day} of every month${time}`;
  const name = MONTHS[month - 1];
  if (name === undefined || day > (MONTH_DAYS[month - 1] ?? 0)) return '';
  return day === 0 ? `every day of ${name}${time}` : `every ${day} ${name}${time}`;
}

/** " 00:15", " at every hour"; undefined where it is no time. */
function recurringTime(b0: number, b1: number): string | undefined {
  const minute = b0 & 63;
  const hour = b1 & 31;
  if ((b0 & 0x80) !== 0 || (minute > 59 && minute !== EVERY_MINUTE) || (hour > 23 && hour !== EVERY_HOUR))
    return undefined;
  if (minute === EVERY_MINUTE) return hour === EVERY_HOUR ? '' : ` from ${two(hour)}:00 to ${two(hour)}:59`;
  return hour === EVERY_HOUR ? ` at minute ${two(minute)} of every hour` : ` ${two(hour)}:${two(minute)}`;
}

/**
 * Dates that are BCD digits, as all ABB A43/A44 send them: day, month, year, or second, minute, hour before them, two
 * digits each, low first. Undefined where a field is out of range.
 */
export function readBcdTime(bytes: Uint8Array, at: number, length: number): MeterTime | undefined {
  if (length !== 3 && length !== 6) return undefined;
  const field = (n: number) => BCD_VALUE[bytes[at + n] ?? 0] ?? -1;
  const [day, month, year] = [length - 3, length - 2, length - 1].map(field);
  if (day === undefined || month === undefined || year === undefined || day < 1 || month < 1 || year < 0)
    return undefined;
  const date = isoDate(fullYear(year, 0) ?? 0, month, day);
  if (date === '') return undefined;
  if (length === 3) return { iso: date };
  const [second, minute, hour] = [0, 1, 2].map(field);
  if (second === undefined || minute === undefined || hour === undefined) return undefined;
  if (second < 0 || second > 59 || minute < 0 || minute > 59 || hour < 0 || hour > 23) return undefined;
  return { iso: `${date}T${two(hour)}:${two(minute)}:${two(second)}` };
}

/** Type G: 16 bits, date. */
export function readTypeG(bytes: Uint8Array, at: number): MeterTime {
  const low = bytes[at] ?? 0;
  const high = bytes[at + 1] ?? 0;
  const year = fullYear((low >> 5) | ((high & 0xf0) >> 1), 0);
  const iso = year === undefined ? '' : isoDate(year, high & 15, low & 31);
  return iso === '' ? NO_TIME : { iso };
}

/** Type F: 32 bits, date and time to the minute. */
export function readTypeF(bytes: Uint8Array, at: number): MeterTime {
  const b0 = bytes[at] ?? 0;
  const b1 = bytes[at + 1] ?? 0;
  const b2 = bytes[at + 2] ?? 0;
  const b3 = bytes[at + 3] ?? 0;
  const minute = b0 & 63;
  const hour = b1 & 31;
  const year = fullYear((b2 >> 5) | ((b3 & 0xf0) >> 1), (b1 >> 5) & 3);
  const date = year === undefined ? '' : isoDate(year, b3 & 15, b2 & 31);
  if (date === '' || minute > 59 || hour > 23) return NO_TIME;
  const iso = `${date}T${two(hour)}:${two(minute)}`;
  // Bit 15 clear also means "this meter knows no summer time": nothing is claimed then.
  return marked(iso, (b1 & 0x80) !== 0, (b0 & 0x80) !== 0);
}

/** Type I: 48 bits, date and time to the second. */
export function readTypeI(bytes: Uint8Array, at: number): MeterTime {
  const b0 = bytes[at] ?? 0;
  const b1 = bytes[at + 1] ?? 0;
  const b2 = bytes[at + 2] ?? 0;
  const b3 = bytes[at + 3] ?? 0;
  const b4 = bytes[at + 4] ?? 0;
  const second = b0 & 63;
  const minute = b1 & 63;
  const hour = b2 & 31;
  const year = fullYear((b3 >> 5) | ((b4 & 0xf0) >> 1), 0);
  const date = year === undefined ? '' : isoDate(year, b4 & 15, b3 & 31);
  if (date === '' || second > 59 || minute > 59 || hour > 23) return NO_TIME;
  return marked(`${date}T${two(hour)}:${two(minute)}:${two(second)}`, (b0 & 0x40) !== 0, (b1 & 0x80) !== 0);
}

/** Type J: 24 bits, time of day. */
export function readTypeJ(bytes: Uint8Array, at: number): MeterTime {
  const second = (bytes[at] ?? 0) & 63;
  const minute = (bytes[at + 1] ?? 0) & 63;
  const hour = (bytes[at + 2] ?? 0) & 31;
  if (second > 59 || minute > 59 || hour > 23) return NO_TIME;
  return { iso: `${two(hour)}:${two(minute)}:${two(second)}` };
}

function marked(iso: string, summer: boolean, invalid: boolean): MeterTime {
  if (summer) return invalid ? { iso, season: 'summer', invalid } : { iso, season: 'summer' };
  return invalid ? { iso, invalid } : { iso };
}

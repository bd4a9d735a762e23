import type { MeterTime } from '../../common/reading.ts';

type Season = NonNullable<MeterTime['season']>;

/** Leading digit of VDEW time stamps: 0 normal, 1 summer, 2 UTC. */
const seasonDigits: Readonly<Record<string, Season>> = { '0': 'winter', '1': 'summer', '2': 'utc' };
/** Trailing letter of DSMR time stamps. */
const seasonLetters: Readonly<Record<string, Season>> = { S: 'summer', W: 'winter' };

/** Two-digit years from 70 on are of the last century: the zero of many clocks is 1970. */
const CENTURY_TURN = 70;

/** The order of a date of three two-digit numbers; the month stands between in all of them. */
export type DateOrder = 'YMD' | 'DMY';

export const DATE_ORDERS: readonly DateOrder[] = ['YMD', 'DMY'];

/** `[Z]hhmmss`, `hhmm`, `hh:mm[:ss]`; undefined for anything else. */
export function parseTimeOfDay(text: string): MeterTime | undefined {
  const match = /^([012])?(\d\d)(\d\d)(\d\d)$|^(\d\d)(\d\d)$|^(\d\d):(\d\d)(?::(\d\d))?$/.exec(text);
  if (!match) return undefined;
  const [, digit, h1, m1, s1, h2, m2, h3, m3, s3] = match;
  return withSeason(clock(h1 ?? h2 ?? h3 ?? '', m1 ?? m2 ?? m3 ?? '', s1 ?? s3), seasonDigits[digit ?? '']);
}

/**
 * A date or a date with time: `[Z]YYMMDD`, `[Z]YYMMDDhhmm`, `[Z]YYMMDDhhmmss`, the same with YYYY and without Z, DSMR's
 * `YYMMDDhhmmssS`, and ISO with `-`. Undefined where it is none of them, no real date, or not certain: twelve digits
 * that make a date both as YYMMDDhhmmss and as YYYYMMDDhhmm, and `24-03-21`, whose order meters disagree on.
 */
export function parseTimeStamp(text: string): MeterTime | undefined {
  const letter = /^(\d{12})([SW])$/.exec(text);
  if (letter) return withSeason(shortYear(letter[1] ?? ''), seasonLetters[letter[2] ?? '']);
  if (/^\d+$/.test(text)) return parseDigits(text);
  const iso = /^(\d{4})-(\d\d)-(\d\d)(?:[ T&](\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text);
  if (!iso) return undefined;
  const [, year = '', month = '', day = '', hour, minute, second] = iso;
  const dayOnly = date(year, month, day);
  return withSeason(hour === undefined ? dayOnly : join(dayOnly, clock(hour, minute ?? '', second)));
}

/** A clock that was never set, or a stamp that was never written: the zero of Unix, or nothing but zeros. */
export function isNoTime(text: string): boolean {
  return (
    /^[012]?700101\d{0,6}[SW]?$/.test(text) || /^(?=.*[-:.,])[0\-:., ]{6,}$/.test(text) || /^0{6,14}[SW]?$/.test(text)
  );
}

/** Such a date: one that could be another in another order. */
export const isUnorderedDate = (text: string): boolean =>
  ORDERED.test(text) && !isNoTime(text) && DATE_ORDERS.some((order) => parseOrderedDate(text, order) !== undefined);

/** `24-11-13`, also with a time before or behind: `24-11-05,17:00`, `(00:45:00,19-08-28)`. Undefined without an order. */
export function parseOrderedDate(text: string, order: DateOrder | undefined): MeterTime | undefined {
  const match = ORDERED.exec(text);
  if (!match || order === undefined) return undefined;
  const [, before, one = '', month = '', other = '', behind] = match;
  const [year, day] = order === 'YMD' ? [one, other] : [other, one];
  const iso = shortYear(year + month + day);
  const time = before ?? behind;
  if (time === undefined) return withSeason(iso);
  const [hour = '', minute = '', second] = time.split(':');
  return withSeason(join(iso, clock(hour, minute, second)));
}

const ORDERED = /^(?:(\d\d:\d\d(?::\d\d)?)[ ,])?(\d\d)[-.](\d\d)[-.](\d\d)(?:[ ,](\d\d:\d\d(?::\d\d)?))?$/;
function parseDigits(text: string): MeterTime | undefined {
  switch (text.length) {
    case 6:
    case 10:
      return withSeason(shortYear(text));
    case 7:
    case 11:
    case 13:
      return withSeason(seasonDigits[text.charAt(0)] && shortYear(text.slice(1)), seasonDigits[text.charAt(0)]);
    case 8:
    case 14:
      return withSeason(longYear(text));
    case 12: {
      const short = shortYear(text);
      const long = longYear(text);
      return short && long ? undefined : withSeason(short ?? long);
    }
    default:
      return undefined;
  }
}

/** DSMR 3 states YYMMDDhhmmss without a season; where the field is known to be one, twelve digits are certain. */
export function parseDsmrTime(text: string): MeterTime | undefined {
  return /^\d{12}$/.test(text) ? withSeason(shortYear(text)) : parseTimeStamp(text);
}

/** The time some minutes later, by the calendar: meter time has no jumps within a season. */
export function addMinutes(time: MeterTime, minutes: number): MeterTime {
  const later = new Date(Date.parse(`${time.iso}Z`) + minutes * 60_000).toISOString();
  return { ...time, iso: later.slice(0, time.iso.length) };
}

function shortYear(digits: string): string | undefined {
  const century = Number(digits.slice(0, 2)) < CENTURY_TURN ? '20' : '19';
  return longYear(century + digits);
}

/** YYYYMMDD[hhmm[ss]] */
function longYear(digits: string): string | undefined {
  const day = date(digits.slice(0, 4), digits.slice(4, 6), digits.slice(6, 8));
  if (digits.length === 8) return day;
  return join(day, clock(digits.slice(8, 10), digits.slice(10, 12), digits.slice(12) || undefined));
}

function date(year: string, month: string, day: string): string | undefined {
  const daysInMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const valid = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= daysInMonth;
  return valid && /^(?:19[789]|20)/.test(year) ? `${year}-${month}-${day}` : undefined;
}

function clock(hour: string, minute: string, second?: string): string | undefined {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) return undefined;
  return second === undefined ? `${hour}:${minute}` : `${hour}:${minute}:${second}`;
}

/** Date with time; undefined when a part is. */
function join(day: string | undefined, time: string | undefined): string | undefined {
  return day === undefined || time === undefined ? undefined : `${day}T${time}`;
}

function withSeason(iso: string | undefined, season?: Season): MeterTime | undefined {
  if (iso === undefined) return undefined;
  return season === undefined ? { iso } : { iso, season };
}

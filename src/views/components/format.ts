import { formatDecimal } from '../../common/decimal.ts';
import type { Decimal } from '../../common/decimal.ts';
import { toHex } from '../../common/bytes.ts';
import type { MeterBehind, MeterTime, ReadingValue } from '../../common/reading.ts';

/** A number cut at its decimal mark, so that a column can be aligned on it: "265" and ".057". */
export interface DecimalParts {
  readonly whole: string;
  /** With the mark; empty for an integer. */
  readonly fraction: string;
}

/** Intl takes at most a hundred fraction digits; no register comes near. */
const MOST_FRACTION_DIGITS = 100;

/**
 * A decimal in the locale's signs with every digit the meter sent: Intl reads the text, never a float, so
 * "123456789012.345" and the trailing zero of "0.50" survive.
 */
export function decimalParts(decimal: Decimal, locale?: string): DecimalParts {
  const plain = formatDecimal(decimal);
  const digits = plain.split('.')[1]?.length ?? 0;
  if (digits > MOST_FRACTION_DIGITS) return { whole: plain, fraction: '' };
  const format = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  let whole = '';
  let fraction = '';
  for (const part of format.formatToParts(plain as Intl.StringNumericLiteral)) {
    if (part.type === 'decimal' || part.type === 'fraction') fraction += part.value;
    else whole += part.value;
  }
  return { whole, fraction };
}

/** A reading's value as one line of text. */
export function valueText(value: ReadingValue, locale?: string): string {
  switch (value.type) {
    case 'number': {
      const { whole, fraction } = decimalParts(value.decimal, locale);
      return whole + fraction;
    }
    case 'time':
      return meterTimeText(value.time, locale);
    case 'text':
      return visibleText(value.text);
    case 'bytes':
      return toHex(value.bytes);
  }
}

/** Meter time as the meter meant it: no zone is added and none is converted. */
export function meterTimeText({ iso, season, invalid }: MeterTime, locale?: string): string {
  const marks = `${season ? ` ${season}` : ''}${invalid ? ' (invalid)' : ''}`;
  // Nothing to format is no date, whatever the defaults of a formatter make of it.
  if (iso === '') return 'no date';
  const match = /^(?:(\d{4})-(\d\d)-(\d\d))?T?(?:(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(iso);
  if (!match) return iso + marks;
  const [, year, month = '1', day = '1', hour, minute = '0', second] = match;
  const time = Date.UTC(
    Number(year ?? 1970),
    Number(month) - 1,
    Number(day),
    Number(hour ?? 0),
    Number(minute),
    Number(second ?? 0),
  );
  if (Number.isNaN(time)) return iso + marks;
  const shown = new Intl.DateTimeFormat(locale, {
    timeZone: 'UTC',
    ...(year === undefined ? {} : { year: 'numeric', month: 'short', day: 'numeric' }),
    ...(hour === undefined ? {} : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    ...(second === undefined ? {} : { second: '2-digit' }),
  });
  return shown.format(time) + marks;
}

/** "10:15" today, "Tue 10:15" this week, "3 Nov 10:15" this year, with the year before that. `seconds` since the epoch. */
export function recordTimeText(seconds: number, now: number, locale?: string): string {
  const time = new Date(seconds * 1000);
  const today = new Date(now);
  const clock: Intl.DateTimeFormatOptions = {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(comesTwice(time) ? { timeZoneName: 'short' } : {}),
  };
  const startOfToday = new Date(today.getFullYear(), today.getMonth(), today.getDate()).getTime();
  const age = startOfToday - time.getTime();
  const day: Intl.DateTimeFormatOptions =
    time.toDateString() === today.toDateString()
      ? {}
      : age > 0 && age < 6 * 86_400_000
        ? { weekday: 'short' }
        : {
            day: 'numeric',
            month: 'short',
            ...(time.getFullYear() === today.getFullYear() ? {} : { year: 'numeric' }),
          };
  return new Intl.DateTimeFormat(locale, { ...day, ...clock }).format(time);
}

/** Date and time in full, to the second. `seconds` since the epoch. */
export function fullTimeText(seconds: number, locale?: string): string {
  const time = new Date(seconds * 1000);
  // The long style names the zone.
  const timeStyle = comesTwice(time) ? 'long' : 'medium';
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle }).format(time);
}

/** By how much clocks are set back in autumn, minutes: an hour, on Lord Howe Island half of one. */
const SET_BACK_MIN = [60, 30];

/** Whether the clock on the wall shows this time twice, so that only the zone tells which it was. */
export function comesTwice(time: Date): boolean {
  const offset = time.getTimezoneOffset();
  const offsetAt = (minutes: number) => new Date(time.getTime() + minutes * 60_000).getTimezoneOffset();
  return SET_BACK_MIN.some((by) => offsetAt(by) - offset === by || offset - offsetAt(-by) === by);
}

/** "512 B", "1.9 kB", "3.2 MB". */
export function sizeText(bytes: number, locale?: string): string {
  const [scale, unit] = bytes < 1000 ? [1, 'B'] : bytes < 1e6 ? [1e3, 'kB'] : bytes < 1e9 ? [1e6, 'MB'] : [1e9, 'GB'];
  const shown = new Intl.NumberFormat(locale, { maximumFractionDigits: scale === 1 ? 0 : 1 }).format(bytes / scale);
  return `${shown} ${unit}`;
}

/** "0.4 s", "12.3 s", "2:05 min". */
export function durationText(ms: number, locale?: string): string {
  const seconds = ms / 1000;
  if (seconds < 60) {
    const one = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
    return `${new Intl.NumberFormat(locale, one).format(seconds)} s`;
  }
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`;
}

/** How long a period was, rounded: "45 s", "30 min", "1.5 h", "3 d". */
export function spanText(seconds: number, locale?: string): string {
  const [, length, unit] = spanUnits.find(([limit]) => seconds < limit) ?? days;
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(seconds / length)} ${unit}`;
}

const days = [Infinity, 86_400, 'd'] as const;
/** Below so many seconds, in steps of so many. */
const spanUnits = [
  [90, 1, 's'],
  [5400, 60, 'min'],
  [129_600, 3600, 'h'],
] as const;

export function countText(count: number, locale?: string): string {
  return new Intl.NumberFormat(locale).format(count);
}

/** "1 line", "41 lines". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/**
 * What no eye sees or what moves the text around it: controls, everything that is drawn as nothing unless it is known
 * (zero width spaces and joiners, all bidirectional controls, fillers, variation selectors, tags), the separators of
 * lines and paragraphs, the marks of annotations.
 */
const UNSEEN = /[\x80-\x9f\u2028\u2029\ufff9-\ufffb\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Control characters as their Unicode pictures and everything else that is unseen as a mark, so that what a meter sends
 * can neither hide nor reorder what stands beside it. Line ends stay line ends; as many characters out as in, except CR
 * before LF.
 */
export function visibleText(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(/[\0-\t\v-\x1f]/g, (character) => String.fromCharCode(0x2400 + character.charCodeAt(0)))
    .replace(/\x7f/g, '\u2421')
    .replace(UNSEEN, (character) => '\ufffd'.repeat(character.length));
}

/** "of the gas meter G0048…": the meter behind the one that was read. */
export function meterBehindText({ number, medium, channel }: MeterBehind): string {
  const what = `of the ${medium.toLowerCase()} meter`.replace('  ', ' ');
  return number === '' ? `${what} on channel ${channel ?? ''}`.trim() : `${what} ${number}`;
}

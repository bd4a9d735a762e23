import type { MeterTime } from '../../../common/reading.ts';

const ANY = 0xff;
const ANY_YEAR = 0xffff;
const INVALID = 0x01;
const SUMMER = 0x80;
const two = (value: number) => String(value).padStart(2, '0');

/**
 * The time that twelve bytes (date and time), five (date) or four (time) say, as far as they say it: what is left open is
 * left out. Undefined for bytes that are no time; an empty `iso` for one that says nothing, or "never".
 */
export function timeOf(bytes: Uint8Array): MeterTime | undefined {
  switch (bytes.length) {
    case 12: {
      const [date, time] = [dateOf(bytes), clockOf(bytes.subarray(5))];
      if (date === undefined || time === undefined) return undefined;
      const status = bytes[11] ?? ANY;
      const iso = date === '' ? '' : time === '' ? date : `${date}T${time}`;
      return {
        iso,
        ...(status !== ANY && (status & SUMMER) !== 0 ? { season: 'summer' as const } : {}),
        ...(status !== ANY && (status & INVALID) !== 0 ? { invalid: true } : {}),
      };
    }
    case 5: {
      const iso = dateOf(bytes);
      return iso === undefined ? undefined : { iso };
    }
    case 4: {
      const iso = clockOf(bytes);
      return iso === undefined ? undefined : { iso };
    }
    default:
      return undefined;
  }
}

function dateOf(bytes: Uint8Array): string | undefined {
  const [high = 0, low = 0, month = 0, day = 0, weekday = 0] = bytes;
  const year = (high << 8) | low;
  if (bytes.subarray(0, 5).every((byte) => byte === 0)) return '';
  if (weekday > 7 && weekday !== ANY) return undefined;
  if (year === ANY_YEAR || month >= 0xfd || day >= 0xfd) return '';
  if (year < 1900 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  return `${year}-${two(month)}-${two(day)}`;
}

function clockOf(bytes: Uint8Array): string | undefined {
  const [hour = 0, minute = 0, second = 0, hundredths = 0] = bytes;
  const fits = (value: number, most: number) => value <= most || value === ANY;
  if (!fits(hour, 23) || !fits(minute, 59) || !fits(second, 59) || !fits(hundredths, 99)) return undefined;
  if (hour === ANY) return '';
  return (
    [hour, minute, second]
      .filter((part) => part !== ANY)
      .map(two)
      .join(':') + (minute === ANY ? ':00' : '')
  );
}

/** Milliseconds as if the local time were UTC: to add periods to a stamp. Undefined where a part is left open. */
export function localMs({ iso }: MeterTime): number | undefined {
  const ms = Date.parse(`${iso.length === 10 ? `${iso}T00:00` : iso}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

export const localTime = (ms: number): MeterTime => ({ iso: new Date(ms).toISOString().slice(0, 19) });

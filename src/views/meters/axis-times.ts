import { comesTwice } from '../components/format.ts';

const DAY_S = 86_400;

/**
 * Labels of a time axis in the locale's words: the clock, with the day below it where a day begins; days, or months
 * where the steps are long.
 *
 * @param splits Unix seconds
 * @param step seconds from one to the next
 * @param timeZone 'UTC' where the times are those of a meter, whatever its zone
 */
export function axisTimes(splits: readonly number[], step: number, locale?: string, timeZone?: 'UTC'): string[] {
  const zone = timeZone === undefined ? {} : { timeZone };
  const day = new Intl.DateTimeFormat(locale, { ...zone, day: 'numeric', month: 'short' });
  if (step >= 28 * DAY_S) {
    const month = new Intl.DateTimeFormat(locale, { ...zone, month: 'short', year: 'numeric' });
    return splits.map((split) => month.format(split * 1000));
  }
  if (step >= DAY_S) return splits.map((split) => day.format(split * 1000));
  const wall = { ...zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const clock = new Intl.DateTimeFormat(locale, wall);
  const named = new Intl.DateTimeFormat(locale, { ...wall, timeZoneName: 'short' });
  return splits.map((split, i) => {
    const time = new Date(split * 1000);
    const begins =
      i === 0 || (zone.timeZone === undefined ? time.getHours() === 0 && time.getMinutes() === 0 : split % DAY_S === 0);
    const shown = (zone.timeZone === undefined && comesTwice(time) ? named : clock).format(time);
    return begins ? `${shown}\n${day.format(time)}` : shown;
  });
}

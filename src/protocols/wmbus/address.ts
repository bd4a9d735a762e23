import { wmbusError } from './errors.ts';

/** The number that a meter sends, the letters of its maker in front or not; empty: whoever speaks. Throws 4456450. */
export function radioNumber(text: string): string {
  const number = text.replaceAll(/\s/g, '').toUpperCase();
  if (number !== '' && !/^(?:[A-Z]{3})?[0-9A-F]{8}$/.test(number))
    throw wmbusError(
      'address',
      `“${text.slice(0, 80)}” is no number of a radio meter: eight digits, and in front of them the three letters of its maker or nothing.`,
    );
  return number;
}

import { wmbusError } from './errors.ts';

/** The number that a meter sends; empty: whoever speaks. Throws 4456450. */
export function radioNumber(text: string): string {
  const number = text.replaceAll(/\s/g, '').toUpperCase();
  if (number !== '' && !/^[0-9A-F]{8}$/.test(number))
    throw wmbusError('address', `“${text.slice(0, 80)}” is no number of a radio meter: eight digits.`);
  return number;
}

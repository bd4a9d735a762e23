/** Shorter ones are an index on a bus, not a number from a plate. */
const LEAST_DIGITS = 4;
/** So much of a number has to agree where one was written without the maker's part in front. */
const TELLING = 6;

/** Capitals and digits only. */
const plain = (number: string): string =>
  plateText(number.trim())
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '');

/** Without leading zeros: what two people write of one plate has this in common. */
const bare = (number: string): string => plain(number).replace(/^0+/, '');

/** Do both texts stand for the same meter? Leading zeros, blanks and a maker's part in front of the number do not count. */
export function isSameNumber(one: string, other: string): boolean {
  // Of two that are as long as each other, zeros in front are digits: 00123456 is not 34123456.
  if (plain(one).length === plain(other).length) return plain(one) === plain(other);
  const [short = '', long = ''] = [bare(one), bare(other)].sort((a, b) => a.length - b.length);
  return short === long || (short.length >= TELLING && long.endsWith(short));
}

/** Are they the numbers of two meters? One in common makes it one meter; where a side gives none, nobody can tell. */
export function areOfTwoMeters(ones: readonly string[], others: readonly string[]): boolean {
  if (ones.length === 0 || others.length === 0) return false;
  return !ones.some((one) => others.some((other) => isSameNumber(one, other)));
}

/**
 * The number of another meter than the one that was meant; undefined where it is the right one, or nobody can tell.
 *
 * @param found numbers the meter gives of itself
 * @param known the number on its plate, where that is known: it decides
 * @param asked the address it was asked with; a short one is an index, not a number
 */
export function otherMeter(
  found: readonly string[],
  { known = '', asked = '' }: { readonly known?: string | undefined; readonly asked?: string },
): string | undefined {
  const expected = isPlateNumber(known) ? known : isTelling(asked) ? asked : undefined;
  if (expected === undefined || found.some((number) => isPlateNumber(number) && isSameNumber(number, expected)))
    return undefined;
  const other = found.find((number) => isPlateNumber(number) && isTelling(number));
  return other === undefined ? undefined : plateText(other);
}

/** An index filled up with zeros (`00000001`) or a version (`V1.23`) contradicts no number. */
function isTelling(number: string): boolean {
  return bare(number).replace(/\D/g, '').length >= TELLING;
}

/**
 * "0", zeros, nines and "ER23" are no numbers: all meters that send them would be one. A whole number of equal digits, as
 * 22222222, is one like any other.
 */
export function isPlateNumber(text: string): boolean {
  const isFiller = /^(.)\1*$/.test(text) && !/^[1-8]{6,}$/.test(text);
  return text.length >= LEAST_DIGITS && !isFiller && !/^ER(?:R(?:OR)?)?[ -]?\d{0,3}$/i.test(text);
}

/** DSMR meters send their number as the hexadecimal codes of its characters: `4530303035…` is E0005… on the plate. */
export function plateText(text: string): string {
  if (text.length < 16 || !/^(?:3\d|4[1-9A-F]|5[0-9A])+$/i.test(text)) return text;
  const decoded = text.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));
  return /[A-Z]/.test(decoded) && /\d/.test(decoded) ? decoded : text;
}

import { smlError } from './errors.ts';

const DEFAULT_BAUD_RATE = 9600;
const MAX_LENGTH = 40;

export interface SmlAddress {
  /** Empty: whoever speaks is meant. */
  readonly number: string;
  readonly baudRate: number;
}

/** `[<number>][@<rate>]`; blanks within a number do not count, as plates have them. Throws 4390914. */
export function parseSmlAddress(text: string): SmlAddress {
  const [, before = '', rate] = /^([^@]*)(?:@(.*))?$/s.exec(text.trim()) ?? [];
  const number = before.replace(/\s/g, '').toUpperCase();
  if (number.length > MAX_LENGTH || /[^0-9A-Z]/.test(number))
    throw smlError('address', `“${before.slice(0, 80)}” is no number of a meter: letters and digits only.`);
  if (rate === undefined) return { number, baudRate: DEFAULT_BAUD_RATE };
  if (!/^[1-9]\d{2,5}$/.test(rate.trim())) throw smlError('address', `“${rate.slice(0, 80)}” is no rate.`);
  return { number, baudRate: Number(rate) };
}

/** The one form of an address. */
export const formatSmlAddress = ({ number, baudRate }: SmlAddress): string =>
  `${number}${baudRate === DEFAULT_BAUD_RATE ? '' : `@${baudRate}`}`;

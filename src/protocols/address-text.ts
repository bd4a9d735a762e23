import type { Values } from '../common/form.ts';
import type { AddressForm, Protocol } from './protocol.ts';

/** What every address form has in common: a number or place, and `@<rate>` behind it, which wins over a setting. */

/** Does it look like one? What it is in the end its dialogue decides. */
export function looksRight({ pattern, optional }: AddressForm, address: string): boolean {
  return address === '' ? optional : new RegExp(`^(?:${pattern})$`, 'u').test(address);
}

/** First rate in the address, Bd; undefined where it states none. */
export function rateIn(address: string): number | undefined {
  const rate = /@ *(\d+)/.exec(address)?.[1];
  return rate === undefined ? undefined : Number(rate);
}

/** The rate a meter is asked at first, Bd; undefined where there is no rate. */
export function rateOf({ address: form }: Protocol, address: string, settings: Values): number | undefined {
  const { baudRate } = settings;
  return rateIn(address) ?? (typeof baudRate === 'number' ? baudRate : form.rates.default);
}

/** The meter's own number or place, without rate and switches; empty where any meter is asked. */
export function numberIn({ number }: AddressForm, address: string): string {
  return new RegExp(number, 'u').exec(address)?.[1]?.trim() ?? '';
}

/** The address without the meter's number: rate and switches stay. */
export function withoutNumber({ number }: AddressForm, address: string): string {
  return address.replace(new RegExp(number, 'u'), '').trim();
}

/** The same address at another first rate; undefined where the rate is a setting. */
export function atRate({ rates }: AddressForm, address: string, rate: number): string | undefined {
  if (rateIn(address) !== undefined) {
    return address.replace(/ *@ *\d+/, rate === rates.default ? '' : `@${rate}`);
  }
  if (rates.default === undefined) return undefined;
  // What is read stands behind the rate.
  return rate === rates.default ? address : address.replace(/^[^[|]*/, (place) => `${place.trimEnd()}@${rate}`);
}

import type { Value, Values } from './form.ts';
import type { ErrorEntry } from './meter-error.ts';

/** A code means one thing in one row: the unit's text, what a technician would say, what to try, and whether to try again. */
export interface ErrorRow extends ErrorEntry {
  /** The first thing to read; `{rate}` stands for the rate that was asked at. */
  readonly headline: string;
  /** Buttons beside the explanation, the best first. */
  readonly remedies: readonly Remedy[];
  /** 'never': the same again can only end the same. */
  readonly repeat: 'never' | 'worth it';
  /** A person ended it: nothing is wrong. */
  readonly stopped?: true;
}

/** Something to do about a failed read. One that would change nothing is not offered. */
export interface Remedy {
  readonly label: string;
  /** Settings to read again with. */
  readonly set?: Values;
  /** Settings to raise to these figures. */
  readonly atLeast?: Readonly<Record<string, number>>;
  /** Only where a setting stands at one of these; '' stands for one that is not set. */
  readonly where?: Readonly<Record<string, readonly Value[]>>;
  /** Only where this was seen. */
  readonly seen?: 'ownCheck';
  /** Not where the address matches this pattern: it says so already. */
  readonly unless?: string;
  /** What is not simply reading again. */
  readonly go?: 'address' | 'any meter' | 'rates' | 'head check' | 'find';
}

export const again: Remedy = { label: 'Try again' };
export const headCheck: Remedy = { label: 'Head check', go: 'head check' };
export const otherRates: Remedy = { label: 'Other rates', go: 'rates' };
export const findMeters: Remedy = { label: 'Find meters', go: 'find' };
export const changeAddress: Remedy = { label: 'Change the address', go: 'address' };
/** Offered only where the address has a number. */
export const anyMeter: Remedy = { label: 'Without the address', go: 'any meter' };

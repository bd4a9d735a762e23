import type { Decimal } from './decimal.ts';

/** A point in meter time: what the meter wrote, without inventing a zone it did not state. */
export interface MeterTime {
  /** Local meter time as ISO 8601 without offset, as precise as the meter gave it: "2026-11-20T10:15:00", "2026-11-20", "10:15". */
  readonly iso: string;
  /** 'summer' or 'winter' or 'utc' where the meter says so. */
  readonly season?: 'summer' | 'winter' | 'utc';
  /** The meter itself marks the time as invalid. */
  readonly invalid?: boolean;
}

export type ReadingValue =
  | { readonly type: 'number'; readonly decimal: Decimal }
  | { readonly type: 'time'; readonly time: MeterTime }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array };

/** What kind of figure this is at the meter: the current one, an extreme, a stored one, an error state. */
export type ReadingKind = 'instantaneous' | 'maximum' | 'minimum' | 'stored' | 'error';

/**
 * How far a figure can be trusted. Only what is whole is ever bold, compared, summed or handed on without a mark.
 *
 * - `unchecked`: as received, but nothing vouches for it, or what should have vouched did not (a wrong check sum).
 * - `partial`: cut off; what is there may be the beginning of another value.
 * - `not available`: the meter itself says that it has no value, or marks it as invalid.
 * - `impossible`: it cannot be right, whatever vouches for it: a date of 2070.
 */
export type ReadingState = 'whole' | 'unchecked' | 'partial' | 'not available' | 'impossible';

/** A meter that another one reads: the gas meter on a channel of a DSMR meter, an input of a gateway. */
export interface MeterBehind {
  /** As on its plate; empty where the readout does not say it, or not beyond doubt. */
  readonly number: string;
  /** "Gas"; empty where the readout does not say it. */
  readonly medium: string;
  readonly channel?: number;
}

/** One decoded figure of a readout. Decoded from the log whenever it is looked at, never stored in place of the data. */
export interface Reading {
  /** Reduced OBIS code as far as the meter states it; missing parts are not invented. */
  readonly obis?: string;
  /** The meter's own text for it ("1.8.0", "C 13" …); always kept. */
  readonly label: string;
  /** What it is, in words: "Active energy import". Empty where it is not known. */
  readonly quantity: string;
  readonly value: ReadingValue;
  /** Unit as the meter or the standard states it ("kWh", "m³"); empty for a bare number or text. */
  readonly unit: string;
  readonly tariff?: number;
  readonly storage?: number;
  readonly subunit?: number;
  /** The meter behind the one that was read; absent: that one itself. */
  readonly of?: MeterBehind;
  /** When the figure was taken, where the meter says so (a maximum's time stamp). */
  readonly time?: MeterTime;
  readonly kind: ReadingKind;
  readonly state: ReadingState;
  /** Where in the data it stands, for showing raw and decoded side by side: half-open range in characters or bytes. */
  readonly source: { readonly start: number; readonly end: number };
  /** Something to show beside it: "decimal comma", "manufacturer-specific, unverified". */
  readonly note?: string;
}

import type { Decimal } from '../../common/decimal.ts';

/** What a value information block says of its value. */
export interface VifMeaning {
  /** In words; empty where the code is reserved. */
  readonly quantity: string;
  readonly unit: string;
  /** Power of ten from the number on the wire to `unit`. */
  readonly exponent: number;
  /** Power of ten of `unit` over the unit that the standard's table names: 3 for kWh where it says Wh. */
  readonly prefix: number;
  readonly coding: Coding;
  readonly register: Register;
  /** VIFEs behind FF, without bit 7, which only their maker can tell; and the register of what stands before them. */
  readonly own: { readonly codes: readonly number[]; readonly register: Register } | undefined;
  /** Added to the value, in `unit` (VIFE 78–7B). */
  readonly offset: Decimal | undefined;
  /** The meter says that the value is an error (VIFE 01–1C). */
  readonly failed: boolean;
  /** The data is a series of values, from its base value on or back (VIFE 1E, 1F and 13). */
  readonly series: '' | 'forward' | 'backward';
  /** Something to show beside the value; empty for most. */
  readonly note: string;
}

/**
 * How the data is to be read: 'number' signed (type B), 'unsigned' (type C and D: 80…00 is a value like any other),
 * 'identification' digits whose leading zeros count, 'time' a date or time by its length (types F, G, I, J),
 * 'manufacturer' the three letters, 'medium' the code of the fixed header.
 */
export type Coding = 'number' | 'unsigned' | 'identification' | 'time' | 'manufacturer' | 'medium';

/** Quantities that have an OBIS code; '' where the value is something else. */
export type Register =
  | ''
  | 'energy'
  | 'energy export'
  | 'reactive energy'
  | 'reactive energy export'
  | 'apparent energy'
  | 'power'
  | 'power export'
  | 'reactive power'
  | 'apparent power'
  | 'volume'
  | 'volume flow'
  | 'flow temperature'
  | 'return temperature'
  | 'temperature difference'
  | 'heat cost'
  | 'frequency'
  | 'voltage'
  | 'voltage L1'
  | 'voltage L2'
  | 'voltage L3'
  | 'current'
  | 'current L1'
  | 'current L2'
  | 'current L3';

export function meaning(quantity: string, unit = '', details: Partial<VifMeaning> = {}): VifMeaning {
  return {
    quantity,
    unit,
    exponent: details.exponent ?? 0,
    prefix: details.prefix ?? 0,
    coding: details.coding ?? 'number',
    register: details.register ?? '',
    own: details.own,
    offset: details.offset,
    failed: details.failed ?? false,
    series: details.series ?? '',
    note: details.note ?? '',
  };
}

/** A table of 128 codes under construction; codes nobody sets are reserved. */
export interface VifTable {
  readonly rows: VifMeaning[];
  /** One code. */
  set(code: number, row: VifMeaning): void;
  /** Codes from `first` on whose exponents count up from `row.exponent`. */
  scale(first: number, count: number, row: VifMeaning): void;
  /** Four codes: seconds, minutes, hours, days. */
  durations(first: number, quantity: string): void;
}

export const DURATION_UNITS = ['s', 'min', 'h', 'd'] as const;

export function vifTable(name: string): VifTable {
  const rows = Array.from({ length: 128 }, (_, code) =>
    meaning('', '', { note: `reserved VIF ${name}${code.toString(16).padStart(2, '0').toUpperCase()}` }),
  );
  const set = (code: number, row: VifMeaning) => {
    rows[code] = row;
  };
  return {
    rows,
    set,
    scale(first, count, row) {
      for (let n = 0; n < count; n++) set(first + n, { ...row, exponent: row.exponent + n });
    },
    durations(first, quantity) {
      for (const [n, unit] of DURATION_UNITS.entries()) set(first + n, meaning(quantity, unit));
    },
  };
}

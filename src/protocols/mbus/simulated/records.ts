import { littleEndianBcd } from '../../../common/bcd.ts';
import { concatBytes, fromLatin1 } from '../../../common/bytes.ts';
import { METER_ZONE } from '../../../simulator/load.ts';

/** Data records as M-Bus meters send them (EN 13757-3, 6): DIF and DIFE, VIF and VIFE, data. */

export interface RecordPlace {
  /** 0: now; 1: at the last due date; … */
  readonly storage?: number;
  readonly tariff?: number;
  readonly subunit?: number;
  /** 0 instantaneous, 1 maximum, 2 minimum, 3 during an error. */
  readonly function?: 0 | 1 | 2 | 3;
}

/** DIF with as many DIFE as the place needs; `coding` is the low nibble. */
function dataInformation(coding: number, place: RecordPlace): number[] {
  let { storage = 0, tariff = 0, subunit = 0 } = place;
  const bytes = [coding | ((place.function ?? 0) << 4) | ((storage & 1) << 6)];
  storage >>= 1;
  while (storage > 0 || tariff > 0 || subunit > 0) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push((storage & 15) | ((tariff & 3) << 4) | ((subunit & 1) << 6));
    storage >>= 4;
    tariff >>= 2;
    subunit >>= 1;
  }
  return bytes;
}

const BCD_CODING = { 4: 0x0a, 6: 0x0b, 8: 0x0c, 12: 0x0e } as const;

/** A decimal register: `units` in the unit that `vif` stands for, cut to whole ones, rolling over as a counter does. */
export function bcdRecord(
  vif: readonly number[],
  units: number,
  place: RecordPlace = {},
  digits: keyof typeof BCD_CODING = 8,
): Uint8Array {
  const text = (Math.floor(Math.max(0, units) + 1e-6) % 10 ** digits).toFixed(0);
  const data = littleEndianBcd(text, digits / 2) ?? new Uint8Array(digits / 2);
  return concatBytes(Uint8Array.of(...dataInformation(BCD_CODING[digits], place), ...vif), data);
}

/** A binary register of 2 or 4 bytes, signed. */
export function integerRecord(
  vif: readonly number[],
  units: number,
  bytes: 2 | 4,
  place: RecordPlace = {},
): Uint8Array {
  const head = dataInformation(bytes, place);
  const data = new DataView(new ArrayBuffer(bytes));
  if (bytes === 2) data.setInt16(0, Math.floor(units), true);
  else data.setInt32(0, Math.floor(units), true);
  return concatBytes(Uint8Array.of(...head, ...vif), new Uint8Array(data.buffer));
}

const yearBits = (year: number) => [(year & 7) << 5, (year & 0x78) << 1] as const;

/** Type G: the meter's date at a wall clock time. */
export function dateRecord(time: number, place: RecordPlace = {}): Uint8Array {
  const date = new Date(time + METER_ZONE);
  const [low, high] = yearBits(date.getUTCFullYear() % 100);
  return Uint8Array.of(...dataInformation(2, place), 0x6c, date.getUTCDate() | low, (date.getUTCMonth() + 1) | high);
}

/** Type F: the meter's date and time, minutes. */
export function dateTimeRecord(time: number, place: RecordPlace = {}): Uint8Array {
  const date = new Date(time + METER_ZONE);
  const [low, high] = yearBits(date.getUTCFullYear() % 100);
  return Uint8Array.of(
    ...dataInformation(4, place),
    0x6d,
    date.getUTCMinutes(),
    date.getUTCHours() | (1 << 5),
    date.getUTCDate() | low,
    (date.getUTCMonth() + 1) | high,
  );
}

/** Text as LVAR, last character first. */
export function textRecord(vif: readonly number[], text: string, place: RecordPlace = {}): Uint8Array {
  const characters = fromLatin1(text).reverse();
  return concatBytes(Uint8Array.of(...dataInformation(0x0d, place), ...vif, characters.length), characters);
}

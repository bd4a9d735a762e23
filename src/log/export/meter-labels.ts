import type { Reading } from '../../common/reading.ts';
import { serialNumberOf } from '../../common/telling-readings.ts';
import type { AmsRecord, LogRecord } from '../record.ts';

/** What people call a meter of the list, for the columns of an export. */
export interface MeterLabel {
  /** Number of the meter in OpenHHU, as records have it. */
  readonly meter: number;
  readonly name?: string;
  readonly place?: string;
  readonly serialNumber?: string;
}

/** What an export says of the meter beside the record. */
export interface MeterWords {
  /** As the data has it; else as the list has it, unless the record is known to be of another meter. */
  readonly number?: string;
  readonly name?: string;
  readonly place?: string;
}

export type LabelOf = (record: LogRecord) => MeterLabel | undefined;

export function labelFinder(labels: readonly MeterLabel[]): LabelOf {
  const byMeter = new Map(labels.map((label) => [label.meter, label]));
  return (record) => (record.type === 'AMS' && record.meter !== undefined ? byMeter.get(record.meter) : undefined);
}

/** `label` is what the list has of the meter that was meant; the record may be of another one. */
export function meterWords(record: LogRecord, readings: readonly Reading[], label?: MeterLabel): MeterWords {
  const number = serialNumberOf(readings) ?? otherMeterOf(record) ?? label?.serialNumber;
  return {
    ...(number ? { number } : {}),
    ...(label?.name ? { name: label.name } : {}),
    ...(label?.place ? { place: label.place } : {}),
  };
}

/** The number of the meter that answered in the place of the one that was meant; undefined where it was the right one. */
export function otherMeterOf(record: LogRecord): string | undefined {
  return record.type === 'AMS' ? record.circumstances?.otherMeter : undefined;
}

/** Which meter a record is of: equal keys, one meter. `name` is for people. */
export interface MeterKey {
  readonly key: string;
  readonly name: string;
}

/**
 * A meter of the list is itself, whatever its data says. Of others the number in the data tells, with its maker where
 * the protocol gives one; without it the address on its port; and without that nothing: an identification message is of
 * a type of meters, of which a house has many. Undefined for a record of no meter.
 */
export function meterKeyOf(record: LogRecord, readings: readonly Reading[], label?: MeterLabel): MeterKey | undefined {
  switch (record.type) {
    case 'AMS': {
      const number = serialNumberOf(readings) ?? numberInAddress(record);
      const address = bareAddress(record);
      const named =
        [number, label?.serialNumber, address, record.identification].find((text) => text) ?? record.protocol;
      if (record.meter !== undefined) return { key: `meter ${record.meter}`, name: named };
      if (number !== undefined) {
        const maker = readings.find(({ label: code }) => code === 'ID')?.note ?? '';
        return { key: `${record.protocol} number ${number.replace(/^0+(?=\d)/, '')} ${maker}`, name: number };
      }
      if (address !== '') return { key: `${record.protocol} at ${record.port ?? ''} ${address}`, name: address };
      const type = record.identification || record.protocol;
      return { key: `${record.protocol} without number ${type}`, name: `${type}-without-number` };
    }
    case 'WMBUS':
      return { key: `WMBUS ${record.data.slice(2, 18)}`, name: numberInAddress(record) ?? '' };
    case 'SYSTART':
      return undefined;
  }
}

/** The number a meter is asked by, or sends in its link header; undefined where an address is only a place on a line. */
export function numberInAddress(record: LogRecord): string | undefined {
  if (record.type === 'SYSTART') return undefined;
  // Behind C field and manufacturer: the identification number, four bytes BCD, lowest first (EN 13757-4).
  if (record.type === 'WMBUS') return record.data.slice(6, 14).match(/../g)?.reverse().join('');
  // The device address of IEC 62056-21 is its number (6.3.2); a secondary address of M-Bus begins with it.
  const secondary = /^\*(\d{8})/.exec(record.address ?? '')?.[1];
  if (secondary !== undefined) return secondary;
  const address = bareAddress(record);
  return record.protocol === 'IEC62056-21' && /^\d{4,}$/.test(address) ? address : undefined;
}

/** Without rate, switches and the mark of a secondary address. */
function bareAddress({ address = '' }: AmsRecord): string {
  return address.replace(/[@%].*$/s, '').replace(/^\*/, '');
}

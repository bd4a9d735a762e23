import type { Reading } from '../../common/reading.ts';
import { serialNumberOf } from '../../common/telling-readings.ts';
import { meterRecord, otherMeterOf } from '../meter-record.ts';
import type { MeterRecord } from '../meter-record.ts';
import type { LogRecord } from '../record.ts';

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
  return (record) => {
    const { meter } = meterRecord(record) ?? {};
    return meter === undefined ? undefined : byMeter.get(meter);
  };
}

/** `label` is what the list has of the meter that was meant; the record may be of another one. */
export function meterWords(record: LogRecord, readings: readonly Reading[], label?: MeterLabel): MeterWords {
  const heard = record.type === 'WMBUS' ? meterRecord(record)?.identification : undefined;
  const number = serialNumberOf(readings) ?? (heard || otherMeterOf(record)) ?? label?.serialNumber;
  return {
    ...(number ? { number } : {}),
    ...(label?.name ? { name: label.name } : {}),
    ...(label?.place ? { place: label.place } : {}),
  };
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
  const meter = meterRecord(record);
  if (!meter) return undefined;
  const { protocol, identification, port = '', data } = meter;
  const number = serialNumberOf(readings) ?? numberInAddress(meter);
  const address = bareAddress(meter);
  const named = [number, label?.serialNumber, address, identification].find((text) => text) ?? protocol;
  if (meter.meter !== undefined) return { key: `meter ${meter.meter}`, name: named };
  // Maker, number, version and medium of the link header.
  if (meter.type === 'WMBUS') return { key: `WMBUS ${data.slice(2, 18)}`, name: named };
  if (number !== undefined) {
    const maker = readings.find(({ label: code }) => code === 'ID')?.note ?? '';
    return { key: `${protocol} number ${number.replace(/^0+(?=\d)/, '')} ${maker}`, name: number };
  }
  if (address !== '') return { key: `${protocol} at ${port} ${address}`, name: address };
  const type = identification || protocol;
  return { key: `${protocol} without number ${type}`, name: `${type}-without-number` };
}

/** The number a meter is asked by, or sends in its link header; undefined where an address is only a place on a line. */
export function numberInAddress(meter: MeterRecord): string | undefined {
  if (meter.type === 'WMBUS') return meter.identification || undefined;
  // The device address of IEC 62056-21 is its number (6.3.2); a secondary address of M-Bus begins with it.
  const secondary = /^\*(\d{8})/.exec(meter.address ?? '')?.[1];
  if (secondary !== undefined) return secondary;
  // A place on a line has three digits at most.
  const address = bareAddress(meter);
  return /^\d{4,}$/.test(address) ? address : undefined;
}

/** Without rate, switches and the mark of a secondary address. */
function bareAddress({ address = '' }: MeterRecord): string {
  return address.replace(/[@%].*$/s, '').replace(/^\*/, '');
}

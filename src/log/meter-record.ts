import type { AmsRecord, LogRecord } from './record.ts';

/** What every record of a meter tells, however it came. */
export interface MeterRecord extends Omit<AmsRecord, 'type'> {
  readonly type: 'AMS' | 'WMBUS';
}

/**
 * The record of a meter, asked or heard; undefined for one of no meter. Which meter it is, where it comes from, over which
 * protocol and whether the read failed is asked here, so that what was heard is found, shown and exported like what was
 * asked for.
 */
export function meterRecord(record: LogRecord | MeterRecord): MeterRecord | undefined {
  switch (record.type) {
    case 'AMS':
      return record;
    case 'WMBUS':
      return { protocol: 'WMBUS', index: 0, errorCode: 0, identification: numberInLink(record.data), ...record };
    case 'SYSTART':
      return undefined;
  }
}

/** The number of another meter that answered in the place of the one that was meant; undefined where it was the right one. */
export function otherMeterOf(record: LogRecord | MeterRecord): string | undefined {
  return meterRecord(record)?.circumstances?.otherMeter;
}

/** The record of a good reading of the meter that was meant. */
export function goodReading(record: LogRecord): MeterRecord | undefined {
  const meter = meterRecord(record);
  return meter?.errorCode === 0 && otherMeterOf(meter) === undefined ? meter : undefined;
}

/** Behind C field and manufacturer: the identification number, four bytes BCD, lowest first (EN 13757-4). Empty where it was cut off. */
function numberInLink(data: string): string {
  return /^.{6}(..)(..)(..)(..)/.exec(data)?.slice(1).reverse().join('') ?? '';
}

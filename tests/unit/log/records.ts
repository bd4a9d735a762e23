import fc from 'fast-check';
import type { RecordDraft } from '../../../src/log/ring.ts';
import type { LogRecord } from '../../../src/log/record.ts';

const protocol = fc.constantFrom('IEC62056-21', 'MBUS', 'MODBUS', 'AIN_DIN', 'Unknown');
const identification = fc.oneof(
  fc.constantFrom('', 'OHU5.v10_001', 'OHU5.v10_002', 'a;b', 'sta*r', 'quo"te'),
  fc.string({ maxLength: 8 }),
);
const errorCode = fc.oneof(fc.constantFrom(0, 0, 65541, 0xffff_ffff), fc.nat(4));

const amsDraft: fc.Arbitrary<RecordDraft> = fc.record(
  {
    type: fc.constant('AMS' as const),
    protocol,
    index: fc.oneof(fc.nat(5), fc.constant(0xffff)),
    meter: fc.integer({ min: 1, max: 20 }),
    errorCode,
    identification,
    data: fc.string({ maxLength: 60 }),
  },
  { requiredKeys: ['type', 'protocol', 'index', 'errorCode', 'identification', 'data'] },
);
const wmbusDraft: fc.Arbitrary<RecordDraft> = fc.record(
  {
    type: fc.constant('WMBUS' as const),
    rssi: fc.integer({ min: -120, max: 0 }),
    length: fc.nat(255),
    data: fc
      .uint8Array({ maxLength: 20 })
      .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('')),
    meter: fc.integer({ min: 1, max: 20 }),
    index: fc.nat(5),
  },
  { requiredKeys: ['type', 'rssi', 'length', 'data'] },
);

/** Any record, without time and sequence number. */
export const anyDraft: fc.Arbitrary<RecordDraft> = fc.oneof(
  { weight: 4, arbitrary: amsDraft },
  { weight: 1, arbitrary: wmbusDraft },
  { weight: 1, arbitrary: fc.constant({ type: 'SYSTART' as const }) },
);

/** Any record as the log would hold it, with a sequence number below `maxSeq`. */
export const anyRecord = (maxSeq = 20_000): fc.Arbitrary<LogRecord> =>
  fc
    .tuple(anyDraft, fc.nat(maxSeq), fc.oneof(fc.nat(20), fc.nat(0xffff_ffff)))
    .map(([draft, seq, time]) => ({ ...draft, seq, time }));

export function amsRecord(members: Partial<Extract<LogRecord, { type: 'AMS' }>> = {}): LogRecord {
  return {
    type: 'AMS',
    time: 1_700_000_000,
    seq: 1,
    protocol: 'IEC62056-21',
    index: 1,
    errorCode: 0,
    identification: 'OHU5.v10_001',
    data: '1.8.0(0000005*kWh)\r\n',
    ...members,
  };
}

/** The beginning of a telegram of the meter 54001477, as the manual of the SmartCOM shows one. */
export function wmbusRecord(members: Partial<Extract<LogRecord, { type: 'WMBUS' }>> = {}): LogRecord {
  const data = '44A2057714005401377277140054A2050137E7000000';
  return { type: 'WMBUS', time: 1_700_000_000, seq: 1, rssi: -68, length: data.length / 2, data, ...members };
}

/** What a listing tells of a record: nothing of the meter in OpenHHU, and of what was heard no place in the list. */
export function asListed(record: LogRecord): LogRecord {
  switch (record.type) {
    case 'AMS': {
      const { meter: _meter, ...listed } = record;
      return listed;
    }
    case 'WMBUS': {
      const { meter: _meter, index: _index, ...listed } = record;
      const isCut = listed.data.length !== 2 * listed.length;
      return isCut ? { ...listed, circumstances: { partial: true } } : listed;
    }
    case 'SYSTART':
      return record;
  }
}

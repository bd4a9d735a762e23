import { meterRecord } from '../log/meter-record.ts';
import type { LogRecord } from '../log/record.ts';
import type { RecordLog } from '../log/ring.ts';
import type { MeterState } from './ams-api.ts';
import type { ListReads } from './list-reads.ts';
import { traceOfRecord } from './trace-names.ts';

/** The newest record of each meter of the list since the program was started. */
export interface NewestRecords {
  of(id: string): MeterState['last'];
  /** A record is in the log: it shows in the list, and keeps what was on the wire. */
  note(record: LogRecord): void;
}

export function createNewestRecords(
  log: RecordLog,
  traceOf: (id: string) => ReturnType<ListReads['traceOf']>,
  onChange: () => void,
): NewestRecords {
  const last = new Map<string, NonNullable<MeterState['last']>>();
  let { generation } = log;
  // Another log has begun: what was known of the records of the one before is true for nothing in it.
  log.subscribe((state) => {
    if (state.generation !== generation) last.clear();
    ({ generation } = state);
  });

  /** A record of slots that were missed has no trace, and one that could not be kept in time not that of a later reading. */
  function keepTrace(id: string, record: LogRecord): void {
    const trace = traceOf(id);
    const isOfReading = record.type === 'AMS' && record.circumstances?.attempts !== undefined;
    if (!trace || !isOfReading || record.time < Math.floor(trace.startedAt / 1000)) return;
    trace.keepAs(traceOfRecord(log.generation, record.seq));
  }

  return {
    of: (id) => last.get(id),
    note(record) {
      const read = meterRecord(record);
      if (read?.meter === undefined) return;
      const { meter, seq, time, errorCode } = read;
      last.set(meter.toString(), { seq, time, errorCode });
      keepTrace(meter.toString(), record);
      onChange();
    },
  };
}

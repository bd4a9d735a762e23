import type { NewestOfMeter } from '../log/log-index.ts';
import type { LogReader } from '../log/reader.ts';
import type { LogRecord } from '../log/record.ts';
import type { CallContext } from '../rpc/rpc.ts';
import type { RecentReadings, RecentRequest } from './api.ts';
import type { RecordDecoder } from './decoded-records.ts';
import { recentOf } from './series.ts';

/** Rows read at once at most, bytes: records may be load profiles of megabytes. */
const GROUP_BYTES = 8 * 1024 * 1024;

export interface RecentKeeper {
  /** Of each meter the newest record, and the newest figures of its most telling register. */
  read(request: RecentRequest, context: Pick<CallContext<never>, 'signal'>): Promise<readonly RecentReadings[]>;
}

interface Kept {
  /** Which records it was made of, and of how many points. */
  readonly key: string;
  readonly readings: RecentReadings;
}

/**
 * Keeps the answer for each meter: after a reading only the meter that was read has to be looked at, and which
 * records are the newest is told by the index.
 */
export function createRecentKeeper(reader: LogReader, decoder: RecordDecoder): RecentKeeper {
  const kept = new Map<number, Kept>();
  return {
    async read({ meters, points }, { signal }) {
      const newest = await reader.newest({ meters, good: points });
      const stale = newest.filter((one) => kept.get(one.meter)?.key !== keyOf(one, points));
      for (const group of groupsOf(stale)) {
        signal.throwIfAborted();
        const rows = await reader.rows(group.flatMap(seqsOf));
        const bySeq = new Map(rows.map((row) => [row.seq, row]));
        for (const one of group) kept.set(one.meter, keep(one, points, bySeq, decoder));
      }
      return newest.map(({ meter }) => kept.get(meter)?.readings ?? { meter, seqs: [] });
    },
  };
}

function keep(
  newest: NewestOfMeter,
  points: number,
  rows: ReadonlyMap<number, LogRecord>,
  decoder: RecordDecoder,
): Kept {
  const row = (seq: number | undefined) => (seq === undefined ? undefined : rows.get(seq));
  const good = newest.good.map(({ seq }) => row(seq)).filter((record) => record !== undefined);
  return {
    key: keyOf(newest, points),
    readings: { ...recentOf(newest.meter, row(newest.last?.seq), good, decoder), seqs: seqsOf(newest) },
  };
}

/** Time and size too: a sequence number alone could be that of a record of a log that is gone. */
function keyOf({ last, good }: NewestOfMeter, points: number): string {
  return [
    points,
    ...[...(last ? [last] : []), ...good].map(({ seq, time, bytes }) => `${seq} ${time} ${bytes}`),
  ].join();
}

function seqsOf({ last, good }: NewestOfMeter): readonly number[] {
  return [...new Set([...(last ? [last.seq] : []), ...good.map(({ seq }) => seq)])];
}

function* groupsOf(all: readonly NewestOfMeter[]): Generator<readonly NewestOfMeter[]> {
  let group: NewestOfMeter[] = [];
  let size = 0;
  for (const one of all) {
    group.push(one);
    for (const { bytes } of one.good) size += bytes;
    if (size < GROUP_BYTES) continue;
    yield group;
    group = [];
    size = 0;
  }
  if (group.length > 0) yield group;
}

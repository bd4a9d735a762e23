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
  /** Which records of which log it was made of, and for how many points. */
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
      const { life, newest } = await reader.newest({ meters, good: points });
      const keyOf = (one: NewestOfMeter) => [life, points, one.last?.seq, ...seqsOf(one)].join();
      const stale = newest.filter((one) => kept.get(one.meter)?.key !== keyOf(one));
      for (const group of groupsOf(stale)) {
        signal.throwIfAborted();
        const rows = await reader.rows(group.flatMap(seqsOf), life);
        const bySeq = new Map(rows.map((row) => [row.seq, row]));
        for (const one of group) {
          const readings = await readingsOf(one, bySeq, decoder);
          signal.throwIfAborted();
          kept.set(one.meter, { key: keyOf(one), readings });
        }
      }
      return newest.map(({ meter }) => kept.get(meter)?.readings ?? { meter, seqs: [] });
    },
  };
}

async function readingsOf(
  newest: NewestOfMeter,
  rows: ReadonlyMap<number, LogRecord>,
  decoder: RecordDecoder,
): Promise<RecentReadings> {
  const row = (seq: number | undefined) => (seq === undefined ? undefined : rows.get(seq));
  const good = newest.good.map(({ seq }) => row(seq)).filter((record) => record !== undefined);
  return { ...(await recentOf(newest.meter, row(newest.last?.seq), good, decoder)), seqs: seqsOf(newest) };
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

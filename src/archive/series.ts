import type { Filter } from '../log/filter/filter.ts';
import { goodReading, meterRecord } from '../log/meter-record.ts';
import type { LogReader } from '../log/reader.ts';
import type { LogRecord } from '../log/record.ts';
import { areOfTwoMeters } from '../common/meter-identity.ts';
import type { ReadingState } from '../common/reading.ts';
import { decimalToNumber, formatDecimal, type Decimal } from '../common/decimal.ts';
import type { CallContext } from '../rpc/rpc.ts';
import type { Extent, Progress, RecentReadings, Register, Series, SeriesRequest } from './api.ts';
import type { DecodedRecord, RecordDecoder } from './decoded-records.ts';
import { evenRows, thinRows } from './thin.ts';

/** One record that counts, as far as it was asked for. */
interface Row {
  readonly time: number;
  readonly seq: number;
  /** In step with the codes asked for. */
  readonly values: readonly (Figure | undefined)[];
}

interface Figure {
  readonly value: Decimal;
  readonly state: ReadingState;
  /** Of its meter, as the data has them. */
  readonly numbers: readonly string[];
}

/** What a meter's registers showed over time; of failed readings only where they were. */
export async function readSeries(
  reader: LogReader,
  decoder: RecordDecoder,
  request: SeriesRequest,
  { signal, emit }: CallContext<Progress>,
): Promise<Series> {
  const { meter, codes, from = 0, to = Infinity } = request;
  const { total, chunks } = await reader.select(readingsOf(meter, from, to));
  const found = new Map<string, Register>();
  const rows: Row[] = [];
  const failures: number[] = [];
  let done = 0;
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    for (const record of chunk) {
      // Another meter's reading is none of this one.
      if (!goodReading(record)) {
        failures.push(record.time);
        continue;
      }
      const decoded = await decoder.decode(record);
      signal.throwIfAborted();
      if (!decoded) continue;
      const { layout } = decoded;
      // The newest unit and name of a register hold.
      for (const register of layout.registers) found.set(register.code, register);
      const row = codes.map((code) => figureAt(decoded, code));
      rows.push({ time: record.time, seq: record.seq, values: row });
    }
    done += chunk.length;
    emit({ done, total });
  }
  // A clock that was set back leaves records out of order.
  rows.sort((a, b) => a.time - b.time || a.seq - b.seq);
  failures.sort((a, b) => a - b);
  return seriesOf(rows, failures, request, found);
}

function figureAt({ layout, values }: DecodedRecord, code: string): Figure | undefined {
  const index = layout.indexByCode.get(code) ?? -1;
  const value = values[index];
  const state = layout.states[index];
  const numbers = layout.numbers[index];
  return value && state && numbers ? { value, state, numbers } : undefined;
}

/** A read by hand that failed between two of the schedule makes no interval longer. */
const LONG_STEP = 1.5;

/** The step between rows that is usual here, seconds; 0 where there are too few to tell. */
function usualStep(rows: readonly Row[]): number {
  if (rows.length < 4) return 0;
  const steps = Float64Array.from(rows.slice(1), ({ time }, i) => time - (rows[i]?.time ?? time)).sort();
  return steps[steps.length >> 1] ?? 0;
}

/** How many of the failures came since the row before each of the kept rows, and whether most of that time was theirs. */
function gapsOf(rows: readonly Row[], failures: readonly number[], kept: Uint32Array) {
  const failed = new Uint32Array(kept.length);
  const gaps = new Uint8Array(kept.length);
  const long = LONG_STEP * usualStep(rows);
  let next = 0;
  let before: number | undefined;
  let since = 0;
  kept.forEach((end, i) => {
    let lost = 0;
    for (let row = i === 0 ? 0 : (kept[i - 1] ?? 0) + 1; row <= end; row++) {
      const time = rows[row]?.time ?? 0;
      const first = next;
      while ((failures[next] ?? Infinity) <= time) next++;
      // What failed before the first reading lies between no two of them.
      if (before !== undefined && next > first) {
        failed[i] = (failed[i] ?? 0) + next - first;
        if (time - before > long) lost += time - before;
      }
      before = time;
    }
    const now = rows[end]?.time ?? 0;
    if (lost > (now - since) / 2) gaps[i] = 1;
    since = now;
  });
  return { failed, gaps };
}

/** Tells of one readout after another, oldest first, whether it is of another meter than those before. */
function exchangeFinder(): (numbers: readonly string[]) => boolean {
  let known: readonly string[] = [];
  return (numbers) => {
    if (numbers === known || numbers.length === 0) return false;
    const exchanged = areOfTwoMeters(known, numbers);
    known = numbers;
    return exchanged;
  };
}

/** 1 for each of the kept rows before which the meter of a column was exchanged since the one kept before it. */
function exchangesOf(rows: readonly Row[], kept: Uint32Array, column: number): Uint8Array {
  const exchangedAt = exchangeFinder();
  const exchanged = rows.map(({ values }) => exchangedAt(values[column]?.numbers ?? []));
  return Uint8Array.from(kept, (end, i) => {
    const first = i === 0 ? end + 1 : (kept[i - 1] ?? 0) + 1;
    return exchanged.slice(first, end + 1).includes(true) ? 1 : 0;
  });
}

function seriesOf(
  rows: readonly Row[],
  failures: readonly number[],
  { codes, maxPoints, thinning }: SeriesRequest,
  found: ReadonlyMap<string, Register>,
): Series {
  const columns = codes.map((_, column) => Float64Array.from(rows, ({ values }) => numberOf(values[column])));
  const kept = thinning === 'even' ? evenRows(rows.length, maxPoints) : thinRows(columns, rows.length, maxPoints);
  const shown = Array.from(kept, (row) => rows[row]).filter((row) => row !== undefined);
  return {
    total: rows.length,
    times: Float64Array.from(shown, ({ time }) => time),
    seqs: Float64Array.from(shown, ({ seq }) => seq),
    ...gapsOf(rows, failures, kept),
    registers: codes.map((code, column) => ({
      ...(found.get(code) ?? { code, quantity: '', unit: '' }),
      values: Float64Array.from(kept, (row) => columns[column]?.[row] ?? Number.NaN),
      texts: shown.map(({ values }) => textOf(values[column])),
      states: shown.map(({ values }) => values[column]?.state ?? 'not available'),
      exchanged: exchangesOf(rows, kept, column),
    })),
    found: [...found.values()],
  };
}

const numberOf = (figure: Figure | undefined) => (figure ? decimalToNumber(figure.value) : Number.NaN);
const textOf = (figure: Figure | undefined) => (figure ? formatDecimal(figure.value) : '');

/** Records stand in the order of writing; a clock that was set back can make one in between the first or the last. */
export async function readExtent(reader: LogReader, meter: number): Promise<Extent | undefined> {
  const filter = goodReadings(meter);
  const newest = await reader.page({ filter, limit: 1 });
  const { chunks } = await reader.select(filter);
  for await (const [oldest] of chunks) {
    const times = [oldest, newest.records[0]].flatMap((record) => record?.time ?? []);
    if (times.length > 0) return { first: Math.min(...times), last: Math.max(...times) };
  }
  return undefined;
}

/** The newest figures of a meter's most telling register. `good`: its newest good readings, newest first. */
export async function recentOf(
  meter: number,
  newest: LogRecord | undefined,
  good: readonly LogRecord[],
  decoder: RecordDecoder,
): Promise<Omit<RecentReadings, 'seqs'>> {
  const newestOne = newest && meterRecord(newest);
  const own = good.filter(goodReading);
  const newestGood = own[0] && meterRecord(own[0]);
  const last = { ...(newestOne ? { last: newestOne } : {}), ...(newestGood ? { good: newestGood } : {}) };
  const decodedOnes: (readonly [LogRecord, DecodedRecord | undefined])[] = [];
  for (const record of own) decodedOnes.push([record, await decoder.decode(record)]);
  const layout = decodedOnes[0]?.[1]?.layout;
  const register = layout?.registers.find(({ code }) => code === layout.main?.code);
  if (!layout?.main || !register) return { meter, ...last };
  const exchangedAt = exchangeFinder();
  let exchanged = false;
  const points = decodedOnes.toReversed().flatMap(([record, decoded]) => {
    const figure = decoded && figureAt(decoded, register.code);
    if (figure && exchangedAt(figure.numbers)) exchanged = true;
    const unit = decoded?.layout.registers.find(({ code }) => code === register.code)?.unit;
    if (!figure || unit !== register.unit) return [];
    const point = { time: record.time, text: formatDecimal(figure.value), state: figure.state };
    const since = exchanged ? { exchanged } : {};
    exchanged = false;
    return [{ ...point, ...since }];
  });
  return { meter, ...last, main: { register, counts: layout.main.counts, points } };
}

function ofMeter(meter: number): Filter {
  return { conditions: [{ parameter: 'METER', relation: '==', value: meter }] };
}

function goodReadings(meter: number): Filter {
  return {
    conditions: [...ofMeter(meter).conditions, { parameter: 'ERROR_CODE', relation: '==', value: 0 }],
  };
}

/** Failed ones too. `from` and `to` in Unix seconds, both included. */
function readingsOf(meter: number, from: number, to: number): Filter {
  return {
    conditions: [
      ...ofMeter(meter).conditions,
      { parameter: 'TIME', relation: '>=', value: from },
      { parameter: 'TIME', relation: '<=', value: to },
    ],
  };
}

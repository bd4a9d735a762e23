import type { Filter } from '../log/filter/filter.ts';
import type { LogReader } from '../log/reader.ts';
import type { LogRecord } from '../log/record.ts';
import { decimalToNumber, formatDecimal, type Decimal } from '../protocols/common/decimal.ts';
import type { CallContext } from '../rpc/rpc.ts';
import type { Extent, Progress, RecentReadings, Register, Series, SeriesRequest } from './api.ts';
import type { RecordDecoder } from './decoded-records.ts';
import { evenRows, thinRows } from './thin.ts';

/** One record that counts, as far as it was asked for. */
interface Row {
  readonly time: number;
  readonly seq: number;
  /** In step with the codes asked for. */
  readonly values: readonly (Decimal | undefined)[];
}

/** What a meter's registers showed over time; failed readings are left out. */
export async function readSeries(
  reader: LogReader,
  decoder: RecordDecoder,
  request: SeriesRequest,
  { signal, emit }: CallContext<Progress>,
): Promise<Series> {
  const { meter, codes, from = 0, to = Infinity } = request;
  const { total, chunks } = await reader.select(goodReadings(meter, from, to));
  const found = new Map<string, Register>();
  const rows: Row[] = [];
  let done = 0;
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    for (const record of chunk) {
      const decoded = decoder.decode(record);
      if (!decoded) continue;
      const { layout, values } = decoded;
      // The newest unit and name of a register hold.
      for (const register of layout.registers) found.set(register.code, register);
      const row = codes.map((code) => valueAt(values, layout.indexByCode.get(code)));
      rows.push({ time: record.time, seq: record.seq, values: row });
    }
    done += chunk.length;
    emit({ done, total });
  }
  // A clock that was set back leaves records out of order.
  rows.sort((a, b) => a.time - b.time || a.seq - b.seq);
  return seriesOf(rows, request, found);
}

function valueAt(values: readonly Decimal[], index: number | undefined): Decimal | undefined {
  return index === undefined ? undefined : values[index];
}

function seriesOf(
  rows: readonly Row[],
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
    registers: codes.map((code, column) => ({
      ...(found.get(code) ?? { code, quantity: '', unit: '' }),
      values: Float64Array.from(kept, (row) => columns[column]?.[row] ?? Number.NaN),
      texts: shown.map(({ values }) => textOf(values[column])),
    })),
    found: [...found.values()],
  };
}

const numberOf = (value: Decimal | undefined) => (value ? decimalToNumber(value) : Number.NaN);
const textOf = (value: Decimal | undefined) => (value ? formatDecimal(value) : '');

/** Records stand in the order of writing; a clock that was set back can make one in between the first or the last. */
export async function readExtent(reader: LogReader, meter: number): Promise<Extent | undefined> {
  const filter = goodReadings(meter, 0, Infinity);
  const newest = await reader.page({ filter, limit: 1 });
  const { chunks } = await reader.select(filter);
  for await (const [oldest] of chunks) {
    const times = [oldest, newest.records[0]].flatMap((record) => record?.time ?? []);
    if (times.length > 0) return { first: Math.min(...times), last: Math.max(...times) };
  }
  return undefined;
}

/** The newest figures of a meter's most telling register. `good`: its newest good readings, newest first. */
export function recentOf(
  meter: number,
  newest: LogRecord | undefined,
  good: readonly LogRecord[],
  decoder: RecordDecoder,
): Omit<RecentReadings, 'seqs'> {
  const last = newest?.type === 'AMS' ? { last: newest } : {};
  const layout = good[0] && decoder.decode(good[0])?.layout;
  const register = layout?.registers.find(({ code }) => code === layout.main?.code);
  if (!layout?.main || !register) return { meter, ...last };
  const points = good.toReversed().flatMap((record) => {
    const decoded = decoder.decode(record);
    const value = decoded && valueAt(decoded.values, decoded.layout.indexByCode.get(register.code));
    const unit = decoded?.layout.registers.find(({ code }) => code === register.code)?.unit;
    return value && unit === register.unit ? [{ time: record.time, text: formatDecimal(value) }] : [];
  });
  return { meter, ...last, main: { register, counts: layout.main.counts, points } };
}

function ofMeter(meter: number): Filter {
  return { conditions: [{ parameter: 'METER', relation: '==', value: meter }] };
}

/** `from` and `to` in Unix seconds, both included. */
function goodReadings(meter: number, from: number, to: number): Filter {
  return {
    conditions: [
      ...ofMeter(meter).conditions,
      { parameter: 'ERROR_CODE', relation: '==', value: 0 },
      { parameter: 'TIME', relation: '>=', value: from },
      { parameter: 'TIME', relation: '<=', value: to },
    ],
  };
}

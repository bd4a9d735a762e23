/** What the tests and the bench call in the page: `globalThis.logHarness`. */
import { Dexie } from 'dexie';
import type { ExportFormat } from '../../../src/log/export/exporter.ts';
import { connectArchive } from '../../../src/archive/client.ts';
import { connect } from '../../../src/rpc/rpc.ts';
import type { Client } from '../../../src/rpc/rpc.ts';
import type { LogWorkerApi } from './log-worker.ts';
import { connectDatabase } from '../../../src/log/database.ts';
import { evaluateFilter } from '../../unit/log/filter/evaluate.ts';
import { parseFilter } from '../../../src/log/filter/parse.ts';
import type { LogState } from '../../../src/log/log-state.ts';
import { sizeOfRecord } from '../../../src/log/record-size.ts';
import type { RecordDraft } from '../../../src/log/ring.ts';
import type { LogRecord } from '../../../src/log/record.ts';
import { openLog } from '../../../src/log/ring.ts';
import { systemClock } from '../../../src/common/clock.ts';

const archive = connectArchive(new Worker('/archive.js', { type: 'module' }));
/** The log as the engine has it, with its second copy; made at first use. */
let worker: Client<LogWorkerApi> | undefined;
const copied = () => (worker ??= connect<LogWorkerApi>(new Worker('/log.js', { type: 'module' })));

/** A reading of an invented meter, about 300 bytes in the log. */
function reading(i: number, data = `0.0.0(${i})\r\n1.8.0(${i}.125*kWh)\r\n2.8.0(0.000*kWh)\r\n`): RecordDraft {
  return {
    type: 'AMS',
    protocol: i % 4 === 3 ? 'MBUS' : 'IEC62056-21',
    index: 1 + (i % 64),
    meter: 1 + (i % 64),
    errorCode: i % 50 === 0 ? 65_541 : 0,
    identification: `OHU5.v10_${i % 64}`,
    data,
    address: `${10_000 + (i % 64)}`,
    port: 'IR head',
  };
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function median(times: number, work: (i: number) => Promise<unknown>): Promise<number> {
  const all: number[] = [];
  for (let i = 0; i < times; i++) all.push(await time(() => work(i)));
  return all.sort((a, b) => a - b)[Math.floor(times / 2)] ?? NaN;
}

const logHarness = {
  archive,

  openCopied: () => copied().call('open', undefined),
  appendCopied: (count: number, tag: string): Promise<readonly number[]> =>
    copied().call('append', { drafts: Array.from({ length: count }, (_, i) => reading(i, tag)) }),
  deleteCopied: (count: number): Promise<number> => copied().call('deleteOldest', { count }),
  deleteAllCopied: () => copied().call('deleteAll', undefined),
  putCopied: (key: string, value: unknown) => copied().call('putSetting', { key, value }),
  setCapacityCopied: (bytes: number) => copied().call('setCapacity', { bytes }),
  /** Two workers of one origin want the same copy. */
  async openTwice(): Promise<readonly unknown[]> {
    const second = connect<LogWorkerApi>(new Worker('/log.js', { type: 'module' }));
    const first = await copied().call('open', undefined);
    const states = [first, await second.call('open', undefined)];
    await second.call('append', { drafts: [reading(1, 'second')] });
    await copied().call('append', { drafts: [reading(2, 'first')] });
    return states.map(({ copy }) => copy.state);
  },
  async setting(key: string): Promise<unknown> {
    const database = connectDatabase();
    const row = await database.use((db) => db.get('settings', key));
    database.close();
    return row?.value;
  },
  /** Writes one record or a batch at a time, and tells the console what was confirmed. */
  writeCopied: (tag: string): Promise<undefined> =>
    copied().call(
      'writeForEver',
      {
        drafts: Array.from({ length: 20_000 }, (_, i) =>
          Array.from({ length: i % 5 === 4 ? 100 : 1 }, (__, k) => reading(i, `${tag}-${i}-${k}`)),
        ),
      },
      { onEvent: (confirmed) => console.log(`confirmed ${JSON.stringify(confirmed)}`) },
    ),

  async setCapacity(bytes: number): Promise<void> {
    const log = await openLog({ clock: systemClock, capacityBytes: bytes });
    log.close();
  },

  /** What opening the log makes the database tell. */
  async notices(): Promise<string[]> {
    const notices: string[] = [];
    const log = await openLog({ clock: systemClock, onNotice: (notice) => notices.push(notice) });
    log.close();
    return notices;
  },

  async append(count: number, tag: string): Promise<number[]> {
    const log = await openLog({ clock: systemClock });
    const seqs: number[] = [];
    for (let i = 0; i < count; i++) seqs.push((await log.append(reading(i, tag))).seq);
    log.close();
    return seqs;
  },

  async fill(records: number): Promise<void> {
    const log = await openLog({ clock: systemClock });
    const batch = 4096;
    for (let i = 0; i < records; i += batch) {
      await log.appendMany(Array.from({ length: Math.min(batch, records - i) }, (_, k) => reading(i + k)));
    }
    log.close();
  },

  /** Everything the database holds, as it is, and what the archive makes of it. */
  async inspect(): Promise<{
    rows: [number, string][];
    bytes: number;
    state: LogState | undefined;
    indexed: number;
    failed: number;
    indexedFailed: number;
  }> {
    const database = connectDatabase();
    const db = await database.use((db) => Promise.resolve(db));
    const records = await db.getAll('records');
    const state = await db.get('meta', 'log');
    database.close();
    const text = 'ERROR_CODE!=0;IDENT==OHU5*';
    const { filter } = parseFilter(text);
    return {
      rows: records.map((record) => [record.seq, 'data' in record ? record.data : '']),
      bytes: records.reduce((sum, record) => sum + sizeOfRecord(record), 0),
      state,
      indexed: await archive.call('count', { filter: 'SEQ>=0' }),
      failed: records.filter((record) => filter && evaluateFilter(filter, record)).length,
      indexedFailed: await archive.call('count', { filter: text }),
    };
  },

  /** Milliseconds: the index in a fresh worker, then answers as a view would see them. */
  async measure(filters: readonly string[]): Promise<Record<string, number>> {
    const fresh = connectArchive(new Worker('/archive.js', { type: 'module' }));
    await fresh.call('get', { seq: 1 });
    const figures: Record<string, number> = {};
    figures['index load'] = await time(() => fresh.call('load', undefined));
    figures['newest page (100)'] = await median(9, () => fresh.call('page', { limit: 100 }));
    for (const filter of filters) {
      figures[`first page and count: ${filter}`] = await median(9, () => fresh.call('page', { filter, limit: 100 }));
    }
    figures['count only'] = await median(9, () => fresh.call('count', { filter: 'ERROR_CODE!=0' }));
    const log = await openLog({ clock: systemClock });
    figures['append, strict'] = await median(101, (i) => log.append(reading(i)));
    figures['append, then newest page'] = await median(9, async (i) => {
      await log.append(reading(i));
      await fresh.call('page', { limit: 100 });
    });
    figures['delete one, then newest page'] = await median(5, async () => {
      await log.delete([log.newestSeq - 5]);
      await fresh.call('page', { limit: 100 });
    });
    await log.setCapacity(log.usedBytes);
    figures['append to a full log'] = await median(101, (i) => log.append(reading(i)));
    figures['drop the 4096 oldest'] = await time(() => log.deleteOldest(4096));
    await log.setCapacity(2 ** 31);
    log.close();
    return figures;
  },

  /** Milliseconds an export takes, and what appends beside it wait: in the middle and at most. */
  async measureExport(format: ExportFormat): Promise<{ took: number; append: number; longest: number; bytes: number }> {
    const log = await openLog({ clock: systemClock });
    const waits: number[] = [];
    let running = true;
    let bytes = 0;
    const exporting = time(async () => {
      const { files } = await archive.call('export', { format });
      for (const { content } of files) bytes += content.size;
      running = false;
    });
    while (running) {
      waits.push(await time(() => log.append(reading(waits.length))));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const took = await exporting;
    log.close();
    waits.sort((a, b) => a - b);
    return { took, append: waits[waits.length >> 1] ?? NaN, longest: waits.at(-1) ?? NaN, bytes };
  },

  /** Milliseconds: the newest readings of 64 meters, at first and after a reading of one of them. */
  async measureRecent(): Promise<Record<string, number>> {
    const fresh = connectArchive(new Worker('/archive.js', { type: 'module' }));
    await fresh.call('load', undefined);
    const meters = Array.from({ length: 64 }, (_, i) => i + 1);
    const ask = () => fresh.call('recent', { meters, points: 13 });
    const log = await openLog({ clock: systemClock });
    const figures = {
      'newest of 64 meters, first': await time(ask),
      'newest of 64 meters, after an append': await median(9, async (i) => {
        await log.append(reading(i));
        await ask();
      }),
    };
    log.close();
    return figures;
  },

  /**
   * A Dexie table as somebody would build it who knows Dexie: an index for each number the filter language asks for,
   * conditions answered by sets of keys and only the page read as rows, and writes as durable as ours. Milliseconds.
   */
  async measureDexie(records: number): Promise<Record<string, number>> {
    const dexie = new Dexie('dexie-table', { chromeTransactionDurability: 'strict' });
    dexie.version(1).stores({ records: 'seq, time, type, index, errorCode, meter' });
    const table = dexie.table<LogRecord, number>('records');
    const figures: Record<string, number> = {};
    const batch = 4096;
    const row = (i: number): LogRecord => ({ ...reading(i), seq: i, time: 1_700_000_000 + i });
    figures['Dexie: fill'] = await time(async () => {
      for (let i = 0; i < records; i += batch) {
        await table.bulkAdd(Array.from({ length: Math.min(batch, records - i) }, (_, k) => row(i + k)));
      }
    });
    figures['Dexie: append, strict'] = await median(101, (i) => table.add(row(records + i)));
    figures['Dexie: newest page (100)'] = await median(9, () => table.reverse().limit(100).toArray());

    /** First page and exact count of what is in all of these sets; the smallest of them is gone through. */
    const pageOf = async (...asked: Promise<readonly number[]>[]) => {
      const sets = (await Promise.all(asked)).toSorted((a, b) => a.length - b.length);
      const [smallest = [], ...others] = sets;
      const lookups = others.map((keys) => new Set(keys));
      const matching = smallest.filter((key) => lookups.every((lookup) => lookup.has(key))).toSorted((a, b) => b - a);
      return { total: matching.length, rows: await table.bulkGet(matching.slice(0, 100)) };
    };
    figures['Dexie: first page and count: ERROR_CODE!=0'] = await median(5, () =>
      pageOf(table.where('errorCode').notEqual(0).primaryKeys()),
    );
    figures['Dexie: first page and count: RECORD_TYPE==AMS;TIME>1388665085;TABLE_ID==1'] = await median(3, () =>
      pageOf(
        table.where('type').equals('AMS').primaryKeys(),
        table.where('time').above(1_388_665_085).primaryKeys(),
        table.where('index').equals(1).primaryKeys(),
      ),
    );
    figures['Dexie: count only'] = await median(5, () => table.where('errorCode').notEqual(0).count());
    dexie.close();
    await Dexie.delete('dexie-table');
    return figures;
  },

  /** The same question to the rows, as one would without an index. */
  async measureCursor(text: string): Promise<number> {
    const { filter } = parseFilter(text);
    const database = connectDatabase();
    const db = await database.use((db) => Promise.resolve(db));
    const elapsed = await time(async () => {
      let count = 0;
      let cursor = await db.transaction('records').store.openCursor(null, 'prev');
      for (; cursor; cursor = await cursor.continue()) if (filter && evaluateFilter(filter, cursor.value)) count++;
      return count;
    });
    database.close();
    return elapsed;
  },
};

export type LogHarnessPage = typeof logHarness;
Object.assign(globalThis, { logHarness });

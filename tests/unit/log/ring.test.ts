import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { connectDatabase } from '../../../src/log/database.ts';
import { parseFilter } from '../../../src/log/filter/parse.ts';
import { evaluateFilter } from './filter/evaluate.ts';
import { BLOCK_ENTRIES } from '../../../src/log/packed-index.ts';
import { openReader } from '../../../src/log/reader.ts';
import type { LogReader } from '../../../src/log/reader.ts';
import { sizeOfRecord } from '../../../src/log/record-size.ts';
import type { LogRecord } from '../../../src/log/record.ts';
import { openLog } from '../../../src/log/ring.ts';
import type { LogOptions, RecordDraft, RecordLog } from '../../../src/log/ring.ts';
import { DEFAULT_CAPACITY_BYTES } from '../../../src/log/log-state.ts';
import { anyDraft } from './records.ts';
import { full, withRefusingStore } from './refusing-store.ts';

let names = 0;
const freshName = () => `ring-${names++}`;
const clock = { now: () => 1_700_000_000_500 };
const open: { close(): void }[] = [];

async function openTestLog(options: Partial<LogOptions> = {}): Promise<RecordLog> {
  const log = await openLog({ clock, name: freshName(), ...options });
  open.push(log);
  return log;
}

function openTestReader(name: string): LogReader {
  const reader = openReader({ name });
  open.push(reader);
  return reader;
}

afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

const reading = (data: string): RecordDraft => ({
  type: 'AMS',
  protocol: 'IEC62056-21',
  index: 1,
  errorCode: 0,
  identification: 'OHU5.v10_001',
  data,
});

test('a record gets its sequence number and time, and is there after reopening', async () => {
  const name = freshName();
  const log = await openTestLog({ name });
  const record = await log.append(reading('1.8.0(1)'));
  expect(record).toMatchObject({ seq: 1, time: 1_700_000_000, data: '1.8.0(1)' });
  log.close();
  const again = await openTestLog({ name });
  expect(await again.get(1)).toEqual(record);
  expect([again.count, again.newestSeq, again.usedBytes]).toEqual([1, 1, sizeOfRecord(record)]);
  expect(again.freeBytes).toBe(16 * 1024 * 1024 - sizeOfRecord(record));
});

test('sequence numbers go on after everything was deleted and the log reopened', async () => {
  const name = freshName();
  const log = await openTestLog({ name });
  await log.appendMany([reading('a'), reading('b')]);
  await log.deleteAll();
  expect([log.count, log.usedBytes, log.newestSeq]).toEqual([0, 0, 2]);
  log.close();
  const again = await openTestLog({ name });
  expect((await again.append(reading('c'))).seq).toBe(3);
});

test('an import keeps its own time', async () => {
  const log = await openTestLog();
  const record = await log.append({ ...reading('x'), time: 1_412_698_863, importedSeq: 472 });
  expect(record).toMatchObject({ seq: 1, time: 1_412_698_863, importedSeq: 472 });
});

test('what cannot be indexed or does not fit is refused and changes nothing', async () => {
  const log = await openTestLog({ capacityBytes: 500 });
  await log.append(reading('kept'));
  await expect(log.append({ ...reading('x'), index: 70_000 } as RecordDraft)).rejects.toThrow(RangeError);
  await expect(log.append({ ...reading('x'), time: -1 })).rejects.toThrow(RangeError);
  await expect(log.append({ ...reading('x'), errorCode: 2 ** 32 } as RecordDraft)).rejects.toThrow(RangeError);
  await expect(log.append(reading('x'.repeat(600)))).rejects.toThrow(/does not fit/);
  await expect(log.setCapacity(0)).rejects.toThrow(RangeError);
  expect([log.count, log.newestSeq]).toEqual([1, 1]);
  expect((await log.append(reading('next'))).seq).toBe(2);
});

test('the capacity is kept in the database and less of it trims at once', async () => {
  const name = freshName();
  const log = await openTestLog({ name });
  const records = await log.appendMany(Array.from({ length: 10 }, (_, i) => reading(`${i}`)));
  const size = sizeOfRecord(records[9] as LogRecord);
  log.close();
  const smaller = await openTestLog({ name, capacityBytes: size * 3 });
  expect((await smaller.oldest(100)).map(({ seq }) => seq)).toEqual([8, 9, 10]);
  smaller.close();
  expect((await openTestLog({ name })).capacityBytes).toBe(size * 3);
});

test('pages go from the newest down, oldest goes up, deleteOldest tells how many went', async () => {
  const log = await openTestLog();
  await log.appendMany(Array.from({ length: 7 }, (_, i) => reading(`${i}`)));
  const seqs = (records: readonly LogRecord[]) => records.map(({ seq }) => seq);
  expect(seqs(await log.page({ limit: 3 }))).toEqual([7, 6, 5]);
  expect(seqs(await log.page({ before: 5, limit: 2 }))).toEqual([4, 3]);
  expect(seqs(await log.oldest(2))).toEqual([1, 2]);
  expect(seqs(await log.oldest(2, 4))).toEqual([5, 6]);
  expect(await log.oldest(0)).toEqual([]);
  expect(await log.delete([3, 3, 99])).toBe(1);
  expect(await log.deleteOldest(3)).toBe(3);
  expect(seqs(await log.page({ limit: 99 }))).toEqual([7, 6, 5]);
  expect(await log.deleteOldest(99)).toBe(3);
  expect(log.count).toBe(0);
});

test('what is changed alongside a record is there with it or not at all', async () => {
  const name = freshName();
  const log = await openTestLog({ name });
  const database = connectDatabase(name);
  open.push(database);
  const db = await database.use((db) => Promise.resolve(db));
  const claim = (slot: number) => ({ meterId: '1', slot });
  await log.append(reading('a'), async (tx) => {
    await tx.objectStore('claims').put(claim(60));
  });
  const failing = log.append(reading('b'), async (tx) => {
    await tx.objectStore('claims').put(claim(120));
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await db.getAll('claims')).toEqual([claim(60)]);
  expect((await log.append(reading('c'))).seq).toBe(2);
});

test('two writers share one sequence, and each hears of the other', async () => {
  const name = freshName();
  const a = await openTestLog({ name });
  const b = await openTestLog({ name });
  const heard = new Promise<number>((resolve) => b.subscribe(({ count }) => count === 3 && resolve(b.count)));
  await a.append(reading('a1'));
  await a.append(reading('a2'));
  await a.delete([1]);
  expect((await b.append(reading('b'))).seq).toBe(3);
  expect((await a.append(reading('a3'))).seq).toBe(4);
  expect(await heard).toBe(3);
  const reader = openTestReader(name);
  expect((await reader.page({ limit: 9 })).records.map(({ seq }) => seq)).toEqual([4, 3, 2]);
});

test('the highest number of a meter is found in a short log and in a long one, asked or heard', async () => {
  const log = await openTestLog();
  expect(await log.highestMeter()).toBe(0);
  await log.appendMany([
    { ...reading(''), meter: 3 } as RecordDraft,
    { type: 'WMBUS', rssi: -68, length: 2, data: '44B4', meter: 9 },
    reading(''),
  ]);
  expect(await log.highestMeter()).toBe(9);
  await log.appendMany(Array.from({ length: BLOCK_ENTRIES }, () => ({ ...reading(''), meter: 5 }) as RecordDraft));
  expect(await log.highestMeter()).toBe(9);
  await log.deleteOldest(BLOCK_ENTRIES);
  expect(await log.highestMeter()).toBe(5);
});

test('sealed blocks, a lost block and holes in the middle give the same index', async () => {
  const name = freshName();
  const log = await openTestLog({ name });
  const total = 2 * BLOCK_ENTRIES + 100;
  await log.appendMany(Array.from({ length: total }, (_, i) => ({ ...reading(''), index: i % 7 }) as RecordDraft));
  await log.delete([5, BLOCK_ENTRIES + 1, total]);
  const { filter } = parseFilter('TABLE_ID==3');
  if (!filter) throw new Error('filter');
  const expected = (await log.oldest(total)).filter((record) => evaluateFilter(filter, record)).length;
  expect(await openTestReader(name).count(filter)).toBe(expected);

  const database = connectDatabase(name);
  const db = await database.use((db) => Promise.resolve(db));
  expect(await db.count('blocks')).toBe(2);
  await db.delete('blocks', 0);
  database.close();
  const reader = openTestReader(name);
  expect(await reader.count(filter)).toBe(expected);
  expect(await reader.count()).toBe(total - 3);
  // Trimming drops the second block whole and leaves nothing behind.
  await log.deleteOldest(BLOCK_ENTRIES * 2 - 10);
  expect((await reader.page({ limit: 1000 })).records.at(-1)?.seq).toBe(BLOCK_ENTRIES * 2 - 10 + 3);
  expect(await reader.count()).toBe(107);
});

test('what is deleted step by step in a full store is gone for the reader, too', async () => {
  const name = freshName();
  const log = await openLog({ clock, name });
  const reader = openReader({ name });
  await log.appendMany([1, 2, 3].map((data): RecordDraft => ({ type: 'WMBUS', rssi: 0, length: 1, data: `0${data}` })));
  const seen = async () => {
    const { records, total } = await reader.page({ limit: 9 });
    return [total, ...records.map(({ seq }) => seq)];
  };
  await withRefusingStore(full, async () => {
    await log.deleteOldest(1);
    expect(await seen()).toEqual([2, 3, 2]);
    await log.deleteOldest(1);
    expect(await seen()).toEqual([1, 3]);
  });
  log.close();
  reader.close();
});

test('the database reports a newer version and lets it through', async () => {
  const name = freshName();
  const notices: string[] = [];
  const log = await openTestLog({ name, onNotice: (notice) => notices.push(notice) });
  await log.append(reading('x'));
  const newer = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name, 99);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error('open failed'));
  });
  newer.close();
  expect(notices).toEqual(['superseded']);
  await expect(log.append(reading('y'))).rejects.toThrow(/Reload/);
});

test('after the database was deleted the log starts afresh', async () => {
  const name = freshName();
  const notices: string[] = [];
  const log = await openTestLog({ name, onNotice: (notice) => notices.push(notice) });
  await log.append(reading('x'));
  await new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = resolve;
    request.onerror = reject;
  });
  expect(notices).toEqual(['lost']);
  expect((await log.append(reading('y'))).seq).toBe(1);
  expect(log.count).toBe(1);
});

/** The log as a plain array. */
interface Model {
  records: LogRecord[];
  nextSeq: number;
  capacity: number;
  /** Records were deleted while the store took nothing: the rows alone tell the counters until it takes something. */
  owes: boolean;
}

const sum = (records: readonly LogRecord[]) => records.reduce((bytes, record) => bytes + sizeOfRecord(record), 0);
const used = (model: Model) => sum(model.records);

function trimModel(model: Model, capacity = model.capacity): LogRecord[] {
  let gone = 0;
  for (let left = used(model); left > capacity && gone < model.records.length; gone++)
    left -= sum(model.records.slice(gone, gone + 1));
  return model.records.splice(0, gone);
}

type Step = {
  /** How the store behaves meanwhile: it takes all, refuses the first write, or takes nothing. */
  readonly store: 'well' | 'refuses once' | 'full';
} & (
  | { readonly kind: 'append'; readonly drafts: readonly RecordDraft[] }
  | { readonly kind: 'import'; readonly drafts: readonly RecordDraft[]; readonly mayPushOut: boolean }
  | { readonly kind: 'deleteOldest'; readonly count: number }
  | { readonly kind: 'delete'; readonly picks: readonly number[] }
  | { readonly kind: 'deleteAll' | 'reopen' }
  | { readonly kind: 'setCapacity'; readonly bytes: number }
);

const store = fc.oneof(
  { weight: 6, arbitrary: fc.constant('well' as const) },
  { weight: 1, arbitrary: fc.constantFrom('refuses once' as const, 'full' as const) },
);
const someDrafts = fc.oneof(
  { weight: 5, arbitrary: fc.array(anyDraft, { minLength: 1, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.array(anyDraft, { minLength: 20, maxLength: 60 }) },
);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ store, kind: fc.constant('append' as const), drafts: someDrafts }) },
  {
    weight: 3,
    arbitrary: fc.record({
      store,
      kind: fc.constant('import' as const),
      drafts: someDrafts.map((drafts) => drafts.map((draft, i) => ({ ...draft, time: i, importedSeq: i }))),
      mayPushOut: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ store, kind: fc.constant('deleteOldest' as const), count: fc.nat(8) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      store,
      kind: fc.constant('delete' as const),
      picks: fc.array(fc.nat(60), { maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ store, kind: fc.constantFrom('deleteAll' as const, 'reopen' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      store,
      kind: fc.constant('setCapacity' as const),
      bytes: fc.integer({ min: 1500, max: 5000 }),
    }),
  },
);

/** What appending makes of the model; undefined where the log has to refuse it. */
function appendToModel(model: Model, step: Step & { readonly kind: 'append' | 'import' }): Model | undefined {
  if (step.store === 'full') return undefined;
  const now = Math.floor(clock.now() / 1000);
  const records = step.drafts.map((draft, i): LogRecord => ({ time: now, ...draft, seq: model.nextSeq + i }));
  const next: Model = { ...model, records: [...model.records], nextSeq: model.nextSeq + records.length, owes: false };
  if (records.some((record) => sizeOfRecord(record) > model.capacity)) return undefined;
  // A store that said full counts as one that holds no more than it does.
  const pressed = step.store === 'refuses once';
  const gone = pressed ? trimModel(next, used(model) - sum(records)) : [];
  for (const record of records) {
    next.records.push(record);
    gone.push(...trimModel(next));
  }
  const pushedOut = gone.filter(({ seq, importedSeq }) => seq < model.nextSeq && importedSeq === undefined);
  return step.kind === 'import' && !step.mayPushOut && pushedOut.length > 0 ? undefined : next;
}

const FILTERS = ['', 'ERROR_CODE!=0', 'RECORD_TYPE==AMS;TABLE_ID<=2', 'SEQ>10;PROTOCOL==mbus', 'IDENT!=OHU5*'].map(
  (text) => {
    const { filter } = parseFilter(text);
    if (!filter) throw new Error(text);
    return filter;
  },
);

/** Takes the step in the log and the model. */
async function take(step: Step, log: RecordLog, model: Model): Promise<Model> {
  const next: Model = { ...model, records: [...model.records], owes: step.store === 'full' };
  switch (step.kind) {
    case 'append':
    case 'import': {
      const appended = appendToModel(model, step);
      const adding =
        step.kind === 'append' ? log.appendMany(step.drafts) : log.importMany(step.drafts, step.mayPushOut);
      if (!appended) {
        await expect(adding).rejects.toThrow();
        return model;
      }
      expect((await adding).map(({ seq }) => seq)).toEqual(step.drafts.map((_, i) => model.nextSeq + i));
      return appended;
    }
    case 'deleteOldest':
      expect(await log.deleteOldest(step.count)).toBe(next.records.splice(0, step.count).length);
      return next;
    case 'delete':
      next.records = model.records.filter(({ seq }) => !step.picks.includes(seq));
      expect(await log.delete(step.picks)).toBe(model.records.length - next.records.length);
      return next;
    case 'deleteAll':
      await log.deleteAll();
      return { ...next, records: [] };
    case 'setCapacity': {
      if (step.store === 'full') {
        await expect(log.setCapacity(step.bytes)).rejects.toThrow();
        return model;
      }
      await log.setCapacity(step.bytes);
      next.capacity = step.bytes;
      trimModel(next);
      return next;
    }
    case 'reopen':
      return model;
  }
}

/** After a restart a state that could not be written is what the rows tell. */
function reopenModel(model: Model): Model {
  if (!model.owes) return model;
  return { ...model, nextSeq: (model.records.at(-1)?.seq ?? 0) + 1, capacity: DEFAULT_CAPACITY_BYTES };
}

test('the ring behaves as an array with a capacity, over imports, failures and reopening, and the reader sees the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
      const name = freshName();
      let log = await openLog({ clock, name, capacityBytes: 3000 });
      const reader = openReader({ name });
      let model: Model = { records: [], nextSeq: 1, capacity: 3000, owes: false };
      try {
        for (const step of steps) {
          let refusals = { well: 0, 'refuses once': 1, full: Infinity }[step.store];
          model = await withRefusingStore(
            () => (refusals-- > 0 ? full() : undefined),
            () => take(step, log, model),
          );
          if (step.kind === 'reopen') {
            log.close();
            log = await openLog({ clock, name });
            model = reopenModel(model);
          }
          expect([log.count, log.usedBytes, log.freeBytes, log.newestSeq]).toEqual([
            model.records.length,
            used(model),
            model.capacity - used(model),
            model.nextSeq - 1,
          ]);
          expect(await log.oldest(1000)).toEqual(model.records);
          for (const filter of FILTERS) {
            const matches = model.records.filter((record) => evaluateFilter(filter, record)).reverse();
            const page = await reader.page({ filter, limit: 3 });
            expect(page).toMatchObject({ records: matches.slice(0, 3), total: matches.length });
            const before = page.records.at(-1)?.seq ?? 0;
            expect((await reader.page({ filter, before, limit: 4 })).records).toEqual(
              matches.filter(({ seq }) => seq < before).slice(0, 4),
            );
          }
        }
        const selected: LogRecord[] = [];
        for await (const chunk of (await reader.select()).chunks) selected.push(...chunk);
        expect(selected).toEqual(model.records);
      } finally {
        log.close();
        reader.close();
      }
    }),
    { numRuns: 60 },
  );
}, 300_000);

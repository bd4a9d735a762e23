import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { importText } from '../../../src/archive/import-text.ts';
import { openReader } from '../../../src/log/reader.ts';
import type { LogReader } from '../../../src/log/reader.ts';
import { openLog } from '../../../src/log/ring.ts';
import type { RecordLog } from '../../../src/log/ring.ts';

const clock = { now: () => 1_700_000_000_500 };
let names = 0;
let name: string;
let log: RecordLog;
let reader: LogReader;

beforeEach(async () => {
  name = `import-${names++}`;
  log = await openLog({ clock, name });
  reader = openReader({ name });
});

afterEach(() => {
  log.close();
  reader.close();
});

const reading = (i: number) => ({
  type: 'AMS' as const,
  protocol: 'IEC62056-21',
  index: 1,
  errorCode: 0,
  identification: 'OHU5.v10_001',
  data: `1.8.0(${i}*kWh)\r\n`,
});
const listing = (count: number) =>
  Array.from({ length: count }, (_, i) => `^SCDATA: "AMS",${i},${i},"IEC62056-21",1,0,"OLD","1.8.0(1*kWh)"`).join(
    '\r\n',
  );
const run = (request: { text: string; store: boolean; mayPushOut?: boolean }) =>
  importText(reader, () => openLog({ clock, name }), request, {
    signal: new AbortController().signal,
    emit: () => undefined,
  });

test('an import into a full log says what would go, and lets nothing of this device go without a yes', async () => {
  const own = await log.appendMany(Array.from({ length: 20 }, (_, i) => reading(i)));
  await log.setCapacity(log.usedBytes);
  const text = listing(5);
  const look = await run({ text, store: false });
  expect(look.displaced.own).toBeGreaterThan(0);
  expect(look.displaced).toMatchObject({ imported: 0, unfit: 0 });
  await expect(run({ text, store: true })).rejects.toThrow(/own records would have to go/);
  expect(await log.oldest(99)).toEqual(own);

  expect((await run({ text, store: true, mayPushOut: true })).stored).toBe(5);
  expect((await log.oldest(99)).map(({ seq }) => seq)).toEqual([
    ...own.slice(look.displaced.own).map(({ seq }) => seq),
    ...[21, 22, 23, 24, 25],
  ]);
});

test('a record of another log that bears number and time of one of this is no copy of it', async () => {
  await log.append(reading(1));
  const own = '^SCDATA: "AMS",1700000000,1,"IEC62056-21",1,0,"OHU5.v10_001","1.8.0(1*kWh)"';
  expect((await run({ text: own, store: true })).stored).toBe(0);
  const another = own.replace('OHU5.v10_001', 'ABC4');
  expect((await run({ text: another, store: true })).stored).toBe(1);
  expect((await run({ text: `${own}\r\n${another}`, store: true })).stored).toBe(0);
  expect(await log.oldest(9)).toMatchObject([
    { identification: 'OHU5.v10_001' },
    { identification: 'ABC4', importedSeq: 1 },
  ]);
});

test('a record whose end was lost in one listing comes in whole with the next, once', async () => {
  const whole = '^SCDATA: "AMS",5,5,"IEC62056-21",1,0,"OLD","1.8.0(12345.6*kWh)"';
  const texts = async () => (await log.oldest(9)).map((record) => (record.type === 'AMS' ? record.data : ''));
  expect((await run({ text: whole.slice(0, -8), store: true })).stored).toBe(1);
  expect((await run({ text: whole.slice(0, -8), store: true })).stored).toBe(0);
  expect((await run({ text: whole, store: true })).stored).toBe(1);
  expect((await run({ text: whole, store: true })).stored).toBe(0);
  expect(await texts()).toEqual(['1.8.0(12345', '1.8.0(12345.6*kWh)']);
});

test('what this log read in part is no other record in its own listing', async () => {
  await log.append({ ...reading(1), data: '1.8.0(1234', circumstances: { partial: true } });
  const own = '^SCDATA: "AMS",1700000000,1,"IEC62056-21",1,0,"OHU5.v10_001","1.8.0(1234"';
  expect((await run({ text: own, store: true })).stored).toBe(0);
});

test('an import larger than the log leaves its oldest out and the ring whole', async () => {
  await log.setCapacity(2000);
  await log.append(reading(1));
  const text = listing(50);
  const { displaced, stored } = await run({ text, store: true, mayPushOut: true });
  expect(displaced.unfit + stored).toBe(50);
  expect(stored).toBeGreaterThan(5);
  const kept = await log.oldest(99);
  expect(kept.at(-1)).toMatchObject({ importedSeq: 49 });
  expect(kept).toHaveLength(log.count);
  expect(await log.deleteOldest(3)).toBe(3);
  await log.setCapacity(1000);
  expect(log.usedBytes).toBeLessThanOrEqual(1000);
  expect((await log.append(reading(2))).seq).toBe(2 + stored);
});

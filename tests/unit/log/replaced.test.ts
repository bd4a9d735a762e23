import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { lifeOf } from '../../../src/log/log-state.ts';
import { openReader } from '../../../src/log/reader.ts';
import { openLog } from '../../../src/log/ring.ts';
import type { RecordDraft } from '../../../src/log/ring.ts';

const clock = { now: () => 1_700_000_000_500 };
const reading = (data: string): RecordDraft => ({
  type: 'AMS',
  protocol: 'IEC62056-21',
  index: 1,
  errorCode: 0,
  identification: 'x',
  data,
});

test('numbers of a log that is gone are never answered with records of the one that came after it', async () => {
  const name = 'replaced';
  const log = await openLog({ clock, name });
  const reader = openReader({ name });
  await log.appendMany(Array.from({ length: 30 }, (_, i) => reading(`old ${i}`)));
  const { generation } = log;
  const { chunks } = await reader.select();
  const life = lifeOf(await reader.load());
  await new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = resolve;
    request.onerror = reject;
  });
  await log.appendMany(Array.from({ length: 40 }, (_, i) => reading(`new ${i}`)));

  expect(log.generation).not.toBe(generation);
  const read = async () => {
    for await (const chunk of chunks) expect(chunk).toEqual([]);
  };
  await expect(read()).rejects.toThrow(/replaced/);
  await expect(reader.rows([1, 2], life)).rejects.toThrow(/replaced/);
  // The index is of the new log, though its revision and numbers had come further than the old one's.
  const page = await reader.page({ limit: 100 });
  expect(page.records.map((record) => 'data' in record && record.data)).toEqual(
    Array.from({ length: 40 }, (_, i) => `new ${39 - i}`),
  );
  log.close();
  reader.close();
});

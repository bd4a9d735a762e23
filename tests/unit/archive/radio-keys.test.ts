/** A radio telegram that was kept while nobody had its key is read with the key that came later. */
import 'fake-indexeddb/auto';
import { expect, test, vi } from 'vitest';
import { keyHandlers } from '../../../src/archive/keys.ts';
import { createRecordDecoder } from '../../../src/archive/decoded-records.ts';
import { toHex } from '../../../src/common/bytes.ts';
import { shown } from '../protocols/mbus/samples.ts';
import { KEY, mode5 } from '../protocols/wmbus/radio.ts';
import { openArchive } from './rig.ts';

const context = { signal: new AbortController().signal, emit: () => undefined, messages: (async function* () {})() };

test('with the key from the key store', async () => {
  const { log, archive, close } = await openArchive();
  const data = toHex(mode5('0C13 45230100'));
  await log.appendMany([{ type: 'WMBUS', rssi: -68, length: data.length / 2, data, time: 100 }]);
  const { fields } = await keyHandlers.keys(undefined, context);
  expect(fields.map(({ name }) => name)).toContain('radioKey');
  await keyHandlers.setKey({ of: '12345678', name: 'radioKey', text: toHex(KEY) }, context);
  const record = await archive.call('get', { seq: 1 });
  const readings = await archive.call('readings', { protocol: 'WMBUS', stored: { identification: '', data } });
  expect(readings.map(shown)).toContain('12.345 m³');
  // What is kept stays as it was received.
  expect(record).toMatchObject({ type: 'WMBUS', data });
  const found = await archive.call('meterNumber', { seq: 1 });
  expect(found).toBe('12345678');
  close();
});

test('a chart of what was partly plain has the rest once the key is there', async () => {
  const data = toHex(mode5('0C13 45230100', { tail: '03FD0C050100', sender: { number: '87654321' } }));
  const record = { type: 'WMBUS', rssi: -68, length: data.length / 2, data, time: 100, seq: 1 } as const;
  const records = createRecordDecoder();
  const codes = async () => (await records.decode(record))?.layout.registers.map(({ code }) => code);
  expect(await codes()).toEqual(['03FD0C']);
  await keyHandlers.setKey({ of: '87654321', name: 'radioKey', text: toHex(KEY) }, context);
  const later = performance.now() + 60_000;
  vi.spyOn(performance, 'now').mockReturnValue(later);
  expect(await codes()).toEqual(['0C13', '03FD0C']);
  vi.restoreAllMocks();
});

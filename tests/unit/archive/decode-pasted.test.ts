import { expect, test } from 'vitest';
import type { DecodeEvent } from '../../../src/archive/api.ts';
import { decodePasted, exportPasted } from '../../../src/archive/decode-pasted.ts';
import { formatScdata } from '../../../src/log/export/scdata.ts';
import type { LogRecord } from '../../../src/log/record.ts';
import { toHex } from '../../../src/common/bytes.ts';
import { csvRows } from '../../../src/common/csv.ts';
import { encodeFrame } from '../../../src/protocols/mbus/frame.ts';

/** A meter without header that says one volume, in liters. */
function frameOf(liters: number): string {
  const digits = String(liters).padStart(8, '0').match(/../g) ?? [];
  const data = Uint8Array.from([0x0c, 0x13, ...digits.reverse().map((pair) => Number.parseInt(pair, 16))]);
  return toHex(encodeFrame({ kind: 'long', control: 8, address: 1, controlInformation: 0x78, data }));
}

function listener() {
  const events: DecodeEvent[] = [];
  const abort = new AbortController();
  return { events, abort, context: { signal: abort.signal, emit: (event: DecodeEvent) => events.push(event) } };
}

test('what is found comes in portions with the progress, in the order of the text', async () => {
  const { events, context } = listener();
  const text = Array.from({ length: 1000 }, (_, i) => frameOf(i)).join('\n');
  expect(await decodePasted(text, context)).toEqual({ found: 1000, problems: [] });
  const items = events.flatMap((event) => event.items);
  expect(items.map(({ data }) => data).join('\n')).toBe(text);
  expect(items.every(({ readings }) => readings === 1)).toBe(true);
  expect(events.length).toBeGreaterThan(4);
  const progress = events.map((event) => event.progress);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  expect(progress.at(-1)).toBe(1);
});

test('aborting ends it early', async () => {
  const { events, abort, context } = listener();
  const running = decodePasted(Array.from({ length: 1000 }, (_, i) => frameOf(i)).join('\n'), context);
  abort.abort();
  await expect(running).rejects.toThrow();
  expect(events.flatMap(({ items }) => items).length).toBeLessThan(1000);
});

test('records of a listing come with what the unit noted', async () => {
  const base = { time: Date.UTC(2026, 10, 20, 10, 15) / 1000, index: 1, errorCode: 0, identification: '' };
  const records: LogRecord[] = [
    { type: 'SYSTART', time: base.time, seq: 1 },
    { type: 'AMS', ...base, seq: 2, protocol: 'MBUS', data: frameOf(7) },
    {
      type: 'AMS',
      ...base,
      seq: 3,
      protocol: 'IEC62056-21',
      identification: 'SIM1',
      errorCode: 66053,
      data: '1.8.0(1*kWh)',
    },
    { type: 'WMBUS', time: base.time, seq: 4, rssi: -71, length: 3, data: '44153D' },
  ];
  const { events, context } = listener();
  const text = `AT^SCDATA="GET_OLDEST",4\r\n${records.map(formatScdata).join('\r\n')}\r\n\r\nOK\r\nwhat is this`;
  const { found, problems } = await decodePasted(text, context);
  const items = events.flatMap((event) => event.items);
  expect([found, items.length]).toEqual([3, 3]);
  expect(problems).toEqual([expect.stringContaining('what is this')]);
  expect(items.map(({ record, protocol, readings }) => [record, protocol, readings])).toEqual([
    [2, 'MBUS', 1],
    [3, 'IEC62056-21', 1],
    [4, 'WMBUS', 1],
  ]);
  expect(items[1]?.problems).toEqual(['The read ended with error 66053.']);
  expect(items[0]?.facts).toContainEqual(['Recorded', '2026-11-20 10:15:00 UTC']);
});

test('lines without a frame are counted, and the first of them named', async () => {
  const { context } = listener();
  const { problems } = await decodePasted(`the bus\n${frameOf(1)}\nnothing\nhere\nat all`, context);
  expect(problems).toEqual(['4 lines hold no frame and were left out: 1, 3, 4, ….']);
});

test('the export has a row for every reading, and one for what has none', async () => {
  const { context } = listener();
  const text = [frameOf(1234), frameOf(9).replace(/..16$/, '0016'), '01 02 03 04 05'].join('\n');
  const { name, content } = await exportPasted({ text }, new Date(Date.UTC(2026, 10, 20)), context);
  expect(name).toBe('decoded_20261120000000.csv');
  const rows = Array.from(csvRows(await content.text(), ';'), ({ cells }) => cells);
  expect(new Set(rows.map((row) => row.length))).toEqual(new Set([17]));
  expect(rows.slice(1).map((row) => [row[0], row[2], row[6], row[7], row[8]])).toEqual([
    ['1', 'MBUS', 'Volume', '1.234', 'm³'],
    ['2', 'MBUS', 'Volume', '0.009', 'm³'],
    ['2', 'MBUS', 'Frame', 'wrong checksum', ''],
    ['3', '', '', '', ''],
  ]);
  expect(rows.slice(1).map((row) => row[13])).toEqual(['whole', 'unchecked', 'unchecked', '']);
  expect(rows[2]?.[16]).toMatch(/^The checksum is 00/);
});

test('what a meter sends is no formula in the export', async () => {
  const { context } = listener();
  const { content } = await exportPasted({ text: 'F.F(=HYPERLINK("http://x"))' }, new Date(0), context);
  expect(await content.text()).not.toMatch(/(^|[;"])=/m);
});

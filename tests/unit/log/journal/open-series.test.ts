import { expect, test } from 'vitest';
import { createOpenSeries } from '../../../../src/log/journal/open-series.ts';
import { memoryFiles } from './memory-files.ts';

const bytes = (length: number) => new Uint8Array(length);
const segment = (number: number, fromSeq: number) => ({ series: 3, number, fromSeq });

function open() {
  const files = memoryFiles();
  return { files, series: createOpenSeries(() => Promise.resolve(files)) };
}

/** Three segments of 10, 20 and 30 bytes, with a head of 2. */
async function threeSegments() {
  const { files, series } = open();
  for (const number of [1, 2, 3]) {
    await series.begin(segment(number, number * 100), bytes(2));
    series.append(bytes(number * 10 - 2));
  }
  return { files, series };
}

test('nothing is written before it begins, nor after it is closed', async () => {
  const { series } = open();
  expect(series).toMatchObject({ last: undefined, bytes: 0, lastBytes: 0, fromSeq: Infinity });
  expect(() => series.append(bytes(1))).toThrow('closed');
  await series.begin(segment(1, 7), bytes(2));
  expect(series).toMatchObject({ last: segment(1, 7), bytes: 2, lastBytes: 2, fromSeq: 7 });
  series.close();
  expect(series).toMatchObject({ last: undefined, bytes: 0, fromSeq: Infinity });
  expect(() => series.append(bytes(1))).toThrow('closed');
});

test('the oldest goes where the next begins no later than what is still needed, and never the last', async () => {
  const { files, series } = await threeSegments();
  expect(series).toMatchObject({ bytes: 60, lastBytes: 30, fromSeq: 100 });
  await series.dropBefore(199);
  expect(series).toMatchObject({ bytes: 60, fromSeq: 100 });
  await series.dropBefore(200);
  expect(series).toMatchObject({ bytes: 50, fromSeq: 200 });
  await series.dropBefore(1000);
  expect(series).toMatchObject({ bytes: 30, fromSeq: 300 });
  expect(await series.dropOldest()).toBe(false);
  expect([...files.contents.keys()]).toEqual(['000003-000003-0000000300.journal']);
});

test('it is gone on with behind the last whole entry; a frozen window that has the last open keeps it', async () => {
  const { files, series: frozen } = await threeSegments();
  const series = createOpenSeries(() => Promise.resolve(files));
  const listed = [1, 2, 3].map((number) => segment(number, number * 100));
  expect(await series.resume(listed, 25)).toBe(false);
  expect(series).toMatchObject({ last: undefined, bytes: 30, fromSeq: 100 });
  frozen.close();
  expect(await series.resume(listed, 25)).toBe(true);
  expect(series).toMatchObject({ last: segment(3, 300), bytes: 55, lastBytes: 25 });
});

test('files that are gone, or another window’s newer series, are not ours to go on with', async () => {
  const { files, series } = await threeSegments();
  await expect(series.checkOwn()).resolves.toBeUndefined();
  files.contents.set('000004-000001-0000000300.journal', bytes(0));
  await expect(series.checkOwn()).rejects.toThrow(DOMException);
  files.contents.delete('000004-000001-0000000300.journal');
  files.contents.delete('000003-000003-0000000300.journal');
  await expect(series.checkOwn()).rejects.toThrow(DOMException);
});

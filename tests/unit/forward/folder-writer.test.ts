import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeNewRecords, type FolderWriterParts } from '../../../src/forward/folder-writer.ts';
import { createExporter } from '../../../src/log/export/formats.ts';
import { parseFilter } from '../../../src/log/filter/parse.ts';
import { EMPTY_LOG } from '../../../src/log/log-state.ts';
import type { LogRecord } from '../../../src/log/record.ts';
import type { FolderFormat, FolderProgress } from '../../../src/forward/day-files.ts';

/** A log of these records, as a writer reads it. */
function logOf(records: readonly LogRecord[], firstSeq: number): Pick<FolderWriterParts, 'page'> & PieceMaker {
  const select = (filter: string) => {
    const [low, high] = (parseFilter(filter).filter?.conditions ?? []).map(({ value }) => Number(value));
    return records.filter(({ seq }) => seq > (low ?? 0) && seq <= (high ?? Infinity));
  };
  const nextSeq = (records.at(-1)?.seq ?? firstSeq - 1) + 1;
  return {
    page: (filter, limit) =>
      Promise.resolve({
        records: select(filter).toReversed().slice(0, limit),
        state: { ...EMPTY_LOG, firstSeq, nextSeq },
      }),
    pieceOf: (format) => (filter) => {
      const exporter = createExporter(format, { unit: 'x', generation: '', now: new Date(0) });
      const pieces = [
        ...exporter.open(),
        ...select(filter).flatMap((record) => exporter.write(record, [])),
        ...exporter.close(),
      ];
      return Promise.resolve(new Blob(pieces.map(({ text }) => text)));
    },
  };
}

interface PieceMaker {
  pieceOf(format: FolderFormat): FolderWriterParts['piece'];
}

class Killed extends Error {}

/** A folder in memory whose files change when a writable is closed. `step` is called before everything that can break off. */
function folderOf(files: Map<string, string>, step: () => void): FileSystemDirectoryHandle {
  const handle = (name: string) => ({
    getFile: () => Promise.resolve(new Blob([files.get(name) ?? ''])),
    createWritable: () => {
      let text = files.get(name) ?? '';
      return Promise.resolve({
        write: async ({ position, data }: { position: number; data: Blob }) => {
          text = text.slice(0, position) + (await data.text());
        },
        close: () => {
          step();
          files.set(name, text);
          step();
          return Promise.resolve();
        },
      });
    },
  });
  return {
    getFileHandle: (name: string, { create = false } = {}) =>
      create || files.has(name)
        ? Promise.resolve(handle(name))
        : Promise.reject(new DOMException('not there', 'NotFoundError')),
  } as unknown as FileSystemDirectoryHandle;
}

const DAY = 86_400;
const record = (seq: number, day: number): LogRecord => ({ type: 'SYSTART', time: day * DAY + (seq % DAY), seq });

async function exportAll(
  files: Map<string, string>,
  records: readonly LogRecord[],
  format: FolderFormat,
  killAt: readonly number[],
) {
  const { page, pieceOf } = logOf(records, records[0]?.seq ?? 1);
  let stored: FolderProgress = { lastSeq: 0 };
  for (const moment of [...killAt, Infinity]) {
    let steps = 0;
    const step = () => {
      if (++steps > moment) throw new Killed();
    };
    const save = async (progress: FolderProgress) => {
      step();
      stored = progress;
      step();
    };
    try {
      await writeNewRecords(
        { page, piece: pieceOf(format), folder: folderOf(files, step), format, save },
        stored,
        new AbortController().signal,
      );
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
  }
  return stored;
}

test('ended at any moment and resumed, every record is in the folder once and in its day’s file', async () => {
  const days = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 8 });
  const kills = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(days, kills, async (dayOf, killAt) => {
      const records = dayOf.map((day, i) => record(i * 3 + 1, day));
      const files = new Map<string, string>();
      const { lastSeq } = await exportAll(files, records, 'jsonl', killAt);
      expect(lastSeq).toBe(records.at(-1)?.seq);
      for (const day of new Set(dayOf)) {
        const wanted = records.filter(({ time }) => Math.floor(time / DAY) === day);
        const text = files.get(`OpenHHU_records_1970-01-0${day + 1}.jsonl`) ?? '';
        expect(
          text
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as LogRecord),
        ).toEqual(wanted);
      }
      expect(files.size).toBe(new Set(dayOf).size);
    }),
  );
});

test('a CSV file has its titles once', async () => {
  const files = new Map<string, string>();
  await exportAll(files, [record(1, 0), record(2, 1), record(3, 0)], 'csv', []);
  const rows = files.get('OpenHHU_records_1970-01-01.csv')?.trimEnd().split('\r\n') ?? [];
  expect(rows.map((row) => row.split(';')[0])).toEqual(['sequence_number', '1', '3']);
});

test('what the ring has let go of is passed over without reading through it', async () => {
  const files = new Map<string, string>();
  const { lastSeq } = await exportAll(files, [record(5_000_001, 0), record(5_000_900, 0)], 'jsonl', []);
  expect(lastSeq).toBe(5_000_900);
  expect(files.get('OpenHHU_records_1970-01-01.jsonl')?.trimEnd().split('\n')).toHaveLength(2);
});

test('a full file is followed by another of the same day', async () => {
  const full = 'x'.repeat(8 * 1024 * 1024);
  const files = new Map([['OpenHHU_records_1970-01-01.csv', full]]);
  await exportAll(files, [record(1, 0)], 'csv', []);
  expect(files.get('OpenHHU_records_1970-01-01.csv')).toHaveLength(full.length);
  expect(files.get('OpenHHU_records_1970-01-01_2.csv')).toMatch(/^sequence_number.*\r\n1;/);
});

test('a folder that fails is told', async () => {
  const folder = { getFileHandle: () => Promise.reject(new DOMException('gone', 'NotAllowedError')) };
  const { page, pieceOf } = logOf([record(1, 0)], 1);
  const parts = {
    page,
    piece: pieceOf('csv'),
    folder: folder as unknown as FileSystemDirectoryHandle,
    format: 'csv' as const,
    save: () => Promise.resolve(),
  };
  await expect(writeNewRecords(parts, { lastSeq: 0 }, new AbortController().signal)).rejects.toThrow('gone');
});

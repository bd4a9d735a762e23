import { expect, test } from 'vitest';
import { EMPTY_LOG } from '../../../src/log/log-state.ts';
import type { LogRecord } from '../../../src/log/record.ts';
import { cursorIn } from '../../../src/forward/cursor.ts';
import {
  dayFileName,
  firstDayRun,
  isFolderProgress,
  settlePending,
  withoutTitles,
} from '../../../src/forward/day-files.ts';

const at = (iso: string, seq: number): LogRecord => ({ type: 'SYSTART', time: Date.parse(iso) / 1000, seq });

test('progress is true for one log: another is written from its beginning, numbers given anew are written again', () => {
  const state = { ...EMPTY_LOG, generation: 'b', nextSeq: 90 };
  const log = { generation: 'b', rebuilt: 0 };
  expect(cursorIn(state, { lastSeq: 80 })).toEqual({ lastSeq: 80, log });
  expect(cursorIn(state, { lastSeq: 80, log })).toEqual({ lastSeq: 80, log });
  expect(cursorIn(state, { lastSeq: 80, log: { generation: 'a', rebuilt: 0 } })).toEqual({ lastSeq: 0, log });
  const rebuilt = { ...state, rebuilt: { times: 1, nextSeq: 71 } };
  expect(cursorIn(rebuilt, { lastSeq: 80, log })).toEqual({ lastSeq: 70, log: { generation: 'b', rebuilt: 1 } });
  expect(cursorIn(rebuilt, { lastSeq: 60, log })).toEqual({ lastSeq: 60, log: { generation: 'b', rebuilt: 1 } });
});

test('a run ends where the day does, in UTC, and where the clock was set back', () => {
  const records = [at('2026-11-20T23:59:59Z', 5), at('2026-11-20T10:00:00Z', 6), at('2026-11-21T00:00:00Z', 8)];
  expect(firstDayRun(records)).toEqual({ day: '2026-11-20', lastSeq: 6, count: 2 });
  expect(firstDayRun(records.slice(2))).toEqual({ day: '2026-11-21', lastSeq: 8, count: 1 });
  expect(firstDayRun([])).toBeUndefined();
});

test('a piece counts as written when the file has its size', () => {
  const pending = { fileName: 'a.csv', from: 100, to: 150, lastSeq: 9 };
  expect(settlePending({ lastSeq: 4, pending }, 150)).toEqual({ lastSeq: 9 });
  expect(settlePending({ lastSeq: 4, pending }, 100)).toEqual({ lastSeq: 4 });
  expect(settlePending({ lastSeq: 4, pending }, 0)).toEqual({ lastSeq: 4 });
  expect(settlePending({ lastSeq: 4 }, 0)).toEqual({ lastSeq: 4 });
});

test('file names are plain', () => {
  expect(dayFileName('2026-11-20', 1, 'csv')).toBe('OpenHHU_records_2026-11-20.csv');
  expect(dayFileName('2026-11-20', 3, 'jsonl')).toBe('OpenHHU_records_2026-11-20_3.jsonl');
});

test('only CSV has titles to leave out', () => {
  expect(withoutTitles('a;b\r\n1;2\r\n', 'csv')).toBe('1;2\r\n');
  expect(withoutTitles('{}\n', 'jsonl')).toBe('{}\n');
});

test('what is stored is checked', () => {
  expect(isFolderProgress({ lastSeq: 3 })).toBe(true);
  for (const wrong of [undefined, null, {}, { lastSeq: '3' }, { lastSeq: 1.5 }])
    expect(isFolderProgress(wrong)).toBe(false);
});

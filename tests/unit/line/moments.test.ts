import { expect, it } from 'vitest';
import type { Line } from '../../../src/line/line.ts';
import { momentOf } from '../../../src/line/moments.ts';
import type { TraceEntry } from '../../../src/line/trace.ts';

/** At 10 000 Bd and ten bits a character takes one millisecond. */
const entry = (time: number, direction: TraceEntry['direction'], count: number): TraceEntry => ({
  time,
  direction,
  baudRate: 10_000,
  bytes: new Uint8Array(count),
  text: '',
});

const lineWith = (...entries: readonly TraceEntry[]): Pick<Line, 'trace' | 'echo' | 'framing'> => ({
  trace: {
    entries,
    startedAt: 1000,
    sent: () => undefined,
    received: () => undefined,
    event: () => undefined,
  },
  echo: 'silent',
  framing: '8N1',
});

it('an answer was made between the end of its question and its own beginning', () => {
  const line = lineWith(entry(0, 'sent', 5), entry(100, 'sent', 10), entry(210, 'received', 10));
  expect(momentOf(line, 1)).toEqual({ from: 1110, to: 1200 });
});

it('one that was asked for again may have been made behind the first question already', () => {
  const spoilt = [entry(0, 'sent', 10), entry(110, 'received', 10)];
  const line = lineWith(...spoilt, entry(2000, 'sent', 1), entry(2110, 'received', 10));
  expect(momentOf(line, 0)).toEqual({ from: 1010, to: 3100 });
});

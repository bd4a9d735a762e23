import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SlotState } from '../../../src/archive/api.ts';
import { readCompleteness } from '../../../src/archive/completeness.ts';
import { EMPTY_LOG } from '../../../src/log/log-state.ts';
import type { LogReader } from '../../../src/log/reader.ts';
import { wmbusRecord } from '../log/records.ts';
import type { AmsRecord, LogRecord } from '../../../src/log/record.ts';

const START = Date.UTC(2026, 10, 20);
const MINUTE = 60_000;
const slot = (minute: number) => START + minute * MINUTE;
const span = (first: number, last = first, step = 1) => ({
  count: (last - first) / step + 1,
  first: slot(first),
  last: slot(last),
});

let seqs = 0;
function outcome(meter: number, state: 'read' | 'failed' | 'missed', slots: AmsRecord['slots']): AmsRecord {
  return {
    type: 'AMS',
    protocol: 'IEC62056-21',
    index: 1,
    meter,
    time: START / 1000,
    seq: ++seqs,
    errorCode: state === 'read' ? 0 : 4,
    identification: '',
    data: '',
    circumstances: state === 'missed' ? {} : { attempts: 1 },
    ...(slots ? { slots } : {}),
  };
}

async function check(records: readonly LogRecord[], to: number, owedFrom?: number, now = slot(to)) {
  const reader: Pick<LogReader, 'load' | 'select'> = {
    load: () => Promise.resolve({ ...EMPTY_LOG, generation: 'this log' }),
    select: () =>
      Promise.resolve({
        total: records.length,
        chunks: (async function* () {
          yield records;
        })(),
      }),
  };
  const owed = owedFrom === undefined ? {} : { owedFrom };
  const meters = [{ meter: 1, name: '=Main', place: 'Cellar', number: '00770041', interval: '1M' as const, ...owed }];
  const request = { from: START, to: slot(to), meters };
  const context = { signal: new AbortController().signal, emit: () => undefined };
  return await readCompleteness(reader as LogReader, request, now, context);
}

describe('completeness', () => {
  test('what was heard answers for its slot like what was asked for', async () => {
    const heard = wmbusRecord({ meter: 1, slots: span(1) });
    const { meters } = await check([outcome(1, 'read', span(0)), heard, wmbusRecord({ slots: span(2) })], 3, START);
    expect(meters[0]?.counts).toEqual({ read: 2, failed: 0, missed: 0, 'without record': 1 });
  });

  test('says of every slot whether it was read, failed, missed or has no record', async () => {
    const { meters, file, logFrom } = await check(
      [
        outcome(1, 'read', span(0)),
        outcome(1, 'read', span(1)),
        outcome(1, 'missed', span(2, 5)),
        outcome(1, 'failed', span(6)),
        outcome(1, 'read', undefined),
      ],
      10,
      START,
    );
    expect(logFrom).toBe(START);
    expect(meters).toEqual([
      {
        meter: 1,
        name: '=Main',
        counts: { read: 2, failed: 1, missed: 4, 'without record': 3 },
        again: 0,
        runs: [
          { state: 'read', slots: span(0, 1) },
          { state: 'missed', slots: span(2, 5) },
          { state: 'failed', slots: span(6) },
          { state: 'without record', slots: span(7, 9) },
        ],
      },
    ]);
    expect((await file.content.text()).split('\r\n').slice(0, 3)).toEqual([
      'meter,name,place,meter_number,state,slots,first_utc,last_utc,log',
      "1,'=Main,Cellar,00770041,read,2,2026-11-20 00:00:00,2026-11-20 00:01:00,this log",
      "1,'=Main,Cellar,00770041,missed,4,2026-11-20 00:02:00,2026-11-20 00:05:00,this log",
    ]);
  });

  test('what another meter said is no reading of this one', async () => {
    const other = { ...outcome(1, 'read', span(0)), circumstances: { attempts: 1, otherMeter: '47110815' } };
    const { meters } = await check([other, outcome(1, 'read', span(1))], 2, START);
    expect(meters[0]?.counts).toEqual({ read: 1, failed: 1, missed: 0, 'without record': 0 });
  });

  test('a schedule that is off owes nothing, and a slot that is due now is not called lost', async () => {
    expect((await check([outcome(1, 'read', span(0))], 10)).meters[0]?.counts['without record']).toBe(0);
    const { meters } = await check([outcome(1, 'read', span(0))], 60, START, slot(1) + 5000);
    expect(meters[0]?.counts).toMatchObject({ read: 1, 'without record': 0 });
  });

  test('a slot that came again after the clock was set back is read, and told', async () => {
    const { meters } = await check(
      [outcome(1, 'missed', span(0, 3)), outcome(1, 'read', span(2)), outcome(1, 'read', span(2))],
      4,
    );
    expect(meters[0]).toMatchObject({ counts: { read: 1, missed: 3 }, again: 1 });
  });

  test('what counts more is what it says of a slot that came again, in whatever order', async () => {
    const { meters } = await check(
      [
        outcome(1, 'read', span(0)),
        outcome(1, 'failed', span(0)),
        outcome(1, 'failed', span(1)),
        outcome(1, 'missed', span(0, 2)),
      ],
      3,
    );
    expect(meters[0]).toMatchObject({ counts: { read: 1, failed: 1, missed: 1 }, again: 0 });
  });

  test('a meter that is gone from the list is found by its records', async () => {
    const { meters } = await check([outcome(7, 'read', span(3))], 10);
    expect(meters.map(({ meter, name }) => [meter, name])).toEqual([
      [1, '=Main'],
      [7, 'Meter 7, no longer in the list'],
    ]);
  });

  test('whatever the records say, every slot of the period is counted once', async () => {
    const anyRecord = fc
      .tuple(fc.constantFrom('read' as const, 'failed' as const, 'missed' as const), fc.nat(80), fc.nat(40))
      .map(([state, first, more]) => outcome(1, state, span(first, state === 'missed' ? first + more : first)));
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { maxLength: 40 }), async (records) => {
        const { meters } = await check(records, 60, START, slot(60));
        const [found] = meters;
        const states: SlotState[] = ['read', 'failed', 'missed', 'without record'];
        expect(states.reduce((sum, state) => sum + (found?.counts[state] ?? 0), 0)).toBe(60);
        expect(found?.runs.reduce((sum, { slots }) => sum + slots.count, 0)).toBe(60);
      }),
    );
  });

  test('a span out of an imported record that makes no sense is passed over; a period too long is refused', async () => {
    const huge = { count: 2 ** 40, first: START, last: START + 1 };
    expect((await check([outcome(1, 'missed', huge)], 5)).meters[0]?.counts.missed).toBe(0);
    await expect(check([], 367 * 24 * 60)).rejects.toThrow(/at most a year/);
  });
});

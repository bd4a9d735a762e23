import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  describeMissed,
  type DueMeter,
  dueOf,
  dueSlot,
  firstSlotFrom,
  nextDue,
  oneSlot,
} from '../../../src/ams/due.ts';
import { describeInterval, intervalMs, intervals, parseInterval } from '../../../src/ams/intervals.ts';

const interval = fc.constantFrom(...intervals);
const moment = fc.integer({ min: Date.UTC(1980, 0), max: Date.UTC(2100, 0) });
const utc = (text: string) => Date.parse(`${text}Z`);

describe('intervals', () => {
  test('there are nineteen, each divides a day', () => {
    expect(intervals).toHaveLength(19);
    for (const symbol of intervals) expect(86_400_000 % intervalMs(symbol)).toBe(0);
    expect(intervals.map(intervalMs)).toEqual(intervals.map(intervalMs).toSorted((a, b) => a - b));
    expect([intervalMs('1M'), intervalMs('1H'), intervalMs('1D')]).toEqual([60_000, 3_600_000, 86_400_000]);
  });

  test('symbols in either case, nothing else', () => {
    expect(parseInterval('2h')).toBe('2H');
    expect(parseInterval('1m')).toBe('1M');
    expect(parseInterval(' 12h ')).toBe('12H');
    for (const text of ['', '7M', '24H', '01M', '1', 'M', '1MM', '2D']) expect(parseInterval(text)).toBeUndefined();
  });

  test('words', () => {
    expect(describeInterval('1D')).toBe('1 day');
    expect(describeInterval('1M')).toBe('1 minute');
    expect(describeInterval('12H')).toBe('12 hours');
    expect(describeInterval('15M')).toBe('15 minutes');
  });
});

describe('slots', () => {
  test('the time stamps of 2N’s FAQ belong to multiples of three minutes', () => {
    for (const stamp of [1412698863, 1412699043, 1412699223, 1412699403]) {
      expect(stamp * 1000 - dueSlot('3M', stamp * 1000)).toBe(3000);
    }
  });

  test('a slot is a multiple of the interval, at most one interval old, and the next one follows', () => {
    fc.assert(
      fc.property(interval, moment, (symbol, now) => {
        const slot = dueSlot(symbol, now);
        expect(slot % intervalMs(symbol)).toBe(0);
        expect(slot).toBeLessThanOrEqual(now);
        expect(nextDue(symbol, now)).toBeGreaterThan(now);
        expect(nextDue(symbol, now) - slot).toBe(intervalMs(symbol));
      }),
    );
  });

  test('daylight saving does not matter: 24 slots of 1H on the day Europe changes its clocks', () => {
    for (const day of ['2026-03-29', '2026-10-25']) {
      const seen = new Set<number>();
      for (let now = utc(`${day}T00:00`); now < utc(`${day}T00:00`) + 86_400_000; now += 60_000)
        seen.add(dueSlot('1H', now));
      expect(seen.size).toBe(24);
    }
  });

  test('missed slots against counting them one by one', () => {
    fc.assert(
      fc.property(interval, moment, fc.integer({ min: 0, max: 500 }), (symbol, start, steps) => {
        const last = dueSlot(symbol, start);
        const now = last + steps * intervalMs(symbol) + 1;
        const slots: number[] = [];
        for (let slot = last + intervalMs(symbol); slot < dueSlot(symbol, now); slot += intervalMs(symbol))
          slots.push(slot);
        const missed = dueOf({ id: 'a', interval: symbol, enabled: true, since: 0 }, 0, last, now)?.missed;
        expect(missed?.count ?? 0).toBe(slots.length);
        expect(missed?.first).toBe(slots[0]);
        expect(missed?.last).toBe(slots.at(-1));
      }),
    );
  });
});

describe('what a meter owes', () => {
  const since = utc('2026-11-20T10:07');
  const meter: DueMeter = { id: 'a', interval: '15M', enabled: true, since };

  test('nothing for slots before it was added', () => {
    expect(dueOf(meter, 0, undefined, utc('2026-11-20T10:08'))).toBeUndefined();
    expect(dueOf(meter, 0, undefined, utc('2026-11-20T10:15'))).toEqual({ slot: utc('2026-11-20T10:15') });
    expect(dueOf({ ...meter, enabled: false }, 0, undefined, utc('2026-11-20T10:15'))).toBeUndefined();
    expect(dueOf(meter, utc('2026-11-20T10:16'), undefined, utc('2026-11-20T10:15'))).toBeUndefined();
  });

  test('the slot that begins at the moment from which it is owed', () => {
    const slot = utc('2026-11-20T10:15');
    expect(dueOf({ ...meter, since: slot }, 0, undefined, slot)).toEqual({ slot });
    expect(dueOf({ ...meter, since: slot + 1 }, 0, undefined, slot + 2)).toBeUndefined();
    expect(firstSlotFrom('15M', slot)).toBe(slot);
    expect(firstSlotFrom('15M', slot + 1)).toBe(slot + 900_000);
  });

  test('no later than a minute ahead is a beginning still to come', () => {
    const now = utc('2026-11-20T12:00');
    expect(dueOf({ ...meter, since: now + 60_000 }, 0, undefined, now)).toBeUndefined();
    expect(dueOf({ ...meter, since: now + 60_001 }, now + 60_001, undefined, now)).toEqual({ slot: now });
  });

  test('a slot stays due until the next one; then it is missed', () => {
    const last = utc('2026-11-20T10:15');
    expect(dueOf(meter, 0, last, utc('2026-11-20T10:29'))).toBeUndefined();
    expect(dueOf(meter, 0, last, utc('2026-11-20T10:44'))).toEqual({ slot: utc('2026-11-20T10:30') });
    expect(dueOf(meter, 0, last, utc('2026-11-20T11:01'))).toEqual({
      slot: utc('2026-11-20T11:00'),
      missed: { count: 2, first: utc('2026-11-20T10:30'), last: utc('2026-11-20T10:45') },
    });
  });

  test('a clock put right by less than a minute, or a leap second that repeats one, waits for a slot it has not had', () => {
    const last = utc('2026-11-20T12:00');
    expect(dueOf(meter, 0, last, last - 1)).toBeUndefined();
    expect(dueOf(meter, 0, last, last - 60_000)).toBeUndefined();
    expect(dueOf(meter, 0, last, last)).toBeUndefined();
  });

  test('a clock set back further owes the slot it shows, and nothing before it', () => {
    const now = utc('2026-11-20T12:01');
    for (const ahead of [61_000, 3_600_000, 86_400_000 * 3650]) {
      expect(dueOf(meter, 0, now + ahead, now)).toEqual({ slot: utc('2026-11-20T12:00') });
      expect(dueOf({ ...meter, since: now + ahead }, now + ahead, undefined, now)).toEqual({
        slot: utc('2026-11-20T12:00'),
      });
    }
  });

  test('a beginning that is still to come, written down by a clock that ran ahead, hides no missed slot', () => {
    const now = utc('2026-11-20T12:01');
    expect(dueOf(meter, now + 3_600_000, utc('2026-11-20T11:30'), now)).toEqual({
      slot: utc('2026-11-20T12:00'),
      missed: { count: 1, first: utc('2026-11-20T11:45'), last: utc('2026-11-20T11:45') },
    });
  });

  test('an outage in words', () => {
    const first = utc('2026-11-20T10:00');
    expect(describeMissed({ count: 5, first, last: first + 1_200_000 })).toBe(
      '5 readings missed, from 2026-11-20T10:00Z to 2026-11-20T10:20Z',
    );
    expect(oneSlot(first)).toEqual({ count: 1, first, last: first });
    expect(describeMissed({ count: 2, first: -8.64e15, last: 8.65e15 })).toBe(
      '2 readings missed, from -271821-04-20T00:00Z to 8650000000000000',
    );
    expect(describeMissed({ count: 1, first, last: first })).toBe('1 reading missed, due 2026-11-20T10:00Z');
  });
});

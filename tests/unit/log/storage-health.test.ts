import { describe, expect, test } from 'vitest';
import { DatabaseEnded, NewerDatabase } from '../../../src/log/database.ts';
import { createHealthRecord, faultOf } from '../../../src/log/storage-health.ts';

const full = () => new DOMException('The quota has been exceeded.', 'QuotaExceededError');

function bench() {
  let now = 1000;
  let changes = 0;
  const health = createHealthRecord({ now: () => now }, () => changes++);
  return { health, changes: () => changes, wait: (ms: number) => (now += ms) };
}

describe('the health of the storage', () => {
  test('is told once: since when it is full, until nothing has to go before its time', () => {
    const { health, changes, wait } = bench();
    health.succeeded(false);
    expect([health.now, changes()]).toEqual([{}, 0]);
    health.succeeded(true);
    wait(500);
    health.succeeded(true);
    expect([health.now, changes()]).toEqual([{ fullSince: 1000 }, 1]);
    health.succeeded(false);
    expect([health.now, changes()]).toEqual([{}, 2]);
  });

  test('says since when nothing is kept, and why now, until something is', () => {
    const { health, changes, wait } = bench();
    health.succeeded(true);
    wait(500);
    health.failed(full());
    health.failed(full());
    expect(changes()).toBe(2);
    wait(500);
    health.failed(new DOMException('gone', 'InvalidStateError'));
    expect([health.now, changes()]).toEqual([
      { fullSince: 1000, notRecording: { since: 1500, fault: 'closed', message: 'gone' } },
      3,
    ]);
    wait(500);
    health.succeeded(true);
    expect([health.now, changes()]).toEqual([{ fullSince: 1000 }, 4]);
    health.failed(new Error('no record'));
    expect([health.now, changes()]).toEqual([{ fullSince: 1000 }, 4]);
  });

  test.each([
    [full(), 'full'],
    [new DOMException('', 'SecurityError'), 'denied'],
    [new DOMException('', 'NotAllowedError'), 'denied'],
    [new DOMException('The user denied permission to access the database.', 'UnknownError'), 'denied'],
    [new DOMException('Internal error opening backing store.', 'UnknownError'), 'failed'],
    [new DOMException('', 'InvalidStateError'), 'closed'],
    [new DOMException('', 'AbortError'), 'closed'],
    [new DOMException('', 'DataError'), 'failed'],
    [new NewerDatabase(), 'newer'],
    [new DatabaseEnded(), 'closed'],
    [new Error('QuotaExceededError'), undefined],
  ] as const)('%s is the fault %s', (error, fault) => {
    expect(faultOf(error)).toBe(fault);
  });
});

import { describe, expect, test } from 'vitest';
import type { Meter } from '../../../src/ams/meter.ts';
import type { Readout } from '../../../src/common/readout.ts';
import { meterHeard, type Candidate } from '../../../src/engine/meter-heard.ts';
import { createThinning } from '../../../src/engine/thinning.ts';
import { iec62056 } from '../../../src/protocols/iec62056-21/index.ts';

const MINUTE = 60_000;

function thinning() {
  let now = Date.UTC(2026, 10, 20);
  let monotonic = 0;
  const { judge, notKept } = createThinning({ now: () => now, monotonic: () => monotonic });
  return {
    judge: (data: string, everyMs: number, borneOut?: boolean, meter = 'one', essence?: string) => {
      const circumstances = borneOut === undefined ? {} : { borneOut };
      const readout: Readout = { errorCode: 0, identification: 'X', data, circumstances };
      return judge(meter, readout, everyMs, essence);
    },
    notKept,
    pass(ms: number) {
      now += ms;
      monotonic += ms;
    },
    setClock: (byMs: number) => (now += byMs),
    sleepDevice: (ms: number) => (now += ms),
  };
}

describe('what is heard', () => {
  test('is kept at once, and then once in its time, of each meter', () => {
    const { judge, pass } = thinning();
    expect(judge('1', 15 * MINUTE)).toBe('keep');
    expect(judge('1', 15 * MINUTE, undefined, 'other')).toBe('keep');
    pass(MINUTE);
    expect(judge('2', 15 * MINUTE)).toBe('heard');
    pass(14 * MINUTE);
    expect(judge('3', 15 * MINUTE)).toBe('keep');
  });

  test('with the same bytes within ten seconds is one telegram, later a new one, however often it comes', () => {
    const { judge, pass } = thinning();
    const verdicts = Array.from({ length: 21 }, () => {
      const verdict = judge('night', 0);
      pass(1000);
      return verdict;
    });
    expect(verdicts.flatMap((verdict, i) => (verdict === 'keep' ? i : []))).toEqual([0, 10, 20]);
    expect(new Set(verdicts)).toEqual(new Set(['keep', 'same']));
  });

  test('again by way of a repeater is one telegram, also where the next one overtook it', () => {
    const { judge, pass } = thinning();
    const by = (data: string, essence: string) => judge(data, 0, undefined, 'one', essence);
    expect(by('44 1', '1')).toBe('keep');
    expect(by('C4 1', '1')).toBe('same');
    pass(2000);
    expect(by('44 2', '2')).toBe('keep');
    pass(1000);
    expect(by('C4 1', '1')).toBe('same');
  });

  test('and vouched for is kept behind one that was not', () => {
    const { judge, pass } = thinning();
    expect(judge('1', 15 * MINUTE, false)).toBe('keep');
    pass(1000);
    expect(judge('2', 15 * MINUTE, false)).toBe('heard');
    expect(judge('3', 15 * MINUTE, true)).toBe('keep');
    expect(judge('4', 15 * MINUTE, true)).toBe('heard');
  });

  test('and not taken by the log counts as not kept', () => {
    const { judge, notKept, pass } = thinning();
    expect(judge('1', 15 * MINUTE)).toBe('keep');
    notKept('one');
    pass(1000);
    expect(judge('2', 15 * MINUTE)).toBe('keep');
  });

  test('is kept in time when the clock is set back, and after a sleep of the device', () => {
    const { judge, pass, setClock, sleepDevice } = thinning();
    expect(judge('1', 15 * MINUTE)).toBe('keep');
    setClock(-60 * MINUTE);
    pass(15 * MINUTE);
    expect(judge('2', 15 * MINUTE)).toBe('keep');
    sleepDevice(60 * MINUTE);
    expect(judge('3', 15 * MINUTE)).toBe('keep');
  });
});

describe('the meter of the list that spoke', () => {
  const one = (id: string, change: Partial<Meter> = {}, isHeard = true, heardAs?: string): Candidate => ({
    meter: { id, port: 1, protocol: iec62056.name, address: '', interval: '1D', enabled: true, since: 0, ...change },
    isHeard,
    heardAs,
  });
  const heard = (candidates: readonly Candidate[], ...from: string[]) =>
    meterHeard(iec62056.address, candidates, from).meter?.id;
  const doubtful = (candidates: readonly Candidate[], ...from: string[]) =>
    meterHeard(iec62056.address, candidates, from).doubtful.map(({ id }) => id);

  test('is the one with its number, by list or address, however it is read', () => {
    const two = [one('1', { serialNumber: '12345678' }, false), one('2', { address: '87654321@9600' })];
    expect(heard(two, '12345678')).toBe('1');
    expect(heard(two, '0087654321')).toBe('2');
    expect(heard(two, '11112222')).toBeUndefined();
  });

  test('without a number is the only one that is read by listening', () => {
    expect(heard([one('1'), one('2', {}, false)], '12345678')).toBe('1');
    expect(heard([one('1')])).toBe('1');
    expect(heard([one('1', { serialNumber: '12345678' })])).toBe('1');
    expect(heard([one('1'), one('2')], '12345678')).toBeUndefined();
    expect(doubtful([one('1'), one('2')], '12345678')).toEqual(['1', '2']);
    expect(doubtful([one('1')], '12345678')).toEqual([]);
  });

  test('is none with another number, also where the list does not have it yet', () => {
    expect(heard([one('1', { serialNumber: '99887766' })], '12345678')).toBeUndefined();
    expect(heard([one('1', {}, true, '99887766')], '12345678')).toBeUndefined();
    expect(heard([one('1', {}, true, '12345678')], '12345678')).toBe('1');
  });

  test('is not found by elimination: a meter that is not in the list may speak, too', () => {
    const known = one('1', { serialNumber: '99887766' });
    expect(heard([known, one('2')], '12345678')).toBeUndefined();
    expect(doubtful([known, one('2')], '12345678')).toEqual(['2']);
  });

  test('is none of another maker that gave the same number', () => {
    const from = ['12345678', 'TCH12345678'];
    expect(heard([one('1', { serialNumber: 'KAM12345678' })], ...from)).toBeUndefined();
    expect(heard([one('1', { serialNumber: 'KAM 12345678' }), one('2', {}, false)], ...from)).toBeUndefined();
    const both = [one('1', { serialNumber: 'KAM12345678' }), one('2', { serialNumber: 'TCH12345678' })];
    expect(heard(both, ...from)).toBe('2');
    expect(heard([one('1', { serialNumber: '12345678' })], ...from)).toBe('1');
  });

  test('is nobody where two have its number', () => {
    const number = { serialNumber: '12345678' };
    expect(heard([one('1', number), one('2', number)], '12345678')).toBeUndefined();
    expect(doubtful([one('1', number), one('2', number), one('3')], '12345678')).toEqual(['1', '2']);
  });
});

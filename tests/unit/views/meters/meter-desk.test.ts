import { describe, expect, test, vi } from 'vitest';
import type { Meter } from '../../../../src/ams/meter.ts';
import type { Circumstances } from '../../../../src/common/readout.ts';
import type { ArchiveClient } from '../../../../src/archive/client.ts';
import type { MeterState } from '../../../../src/engine/ams-api.ts';
import type { EngineClient } from '../../../../src/engine/client.ts';
import { MeterDesk } from '../../../../src/views/meters/meter-desk.svelte.ts';
import { MeterHistory } from '../../../../src/views/meters/meter-history.svelte.ts';
import { RecentList } from '../../../../src/views/meters/recent-list.svelte.ts';
import { Announcer } from '../../../../src/views/shell/announcer.svelte.ts';

function state(id: number, port: number, seq?: number): MeterState {
  const meter: Meter = {
    id: String(id),
    port,
    protocol: 'IEC62056-21',
    address: '',
    interval: '15M',
    enabled: true,
    since: 0,
  };
  return { meter, index: id, state: 'waiting', ...(seq === undefined ? {} : { last: { seq, time: 0, errorCode: 0 } }) };
}

// A browser that cannot keep its screen on.
vi.stubGlobal('navigator', {});

const settle = () => new Promise((resolve) => setTimeout(resolve));

/** An engine whose readings end when the test says so. */
function createDesk() {
  const open = new Map<
    string,
    {
      finish: (errorCode: number, fault?: string, circumstances?: Circumstances) => void;
      signal: AbortSignal | undefined;
    }
  >();
  const call = (_method: string, { id }: { id: string }, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise((resolve, reject) => {
      const finish = (errorCode: number, fault?: string, circumstances?: Circumstances) => {
        open.delete(id);
        const record = { type: 'AMS', seq: 1, errorCode, circumstances };
        resolve(fault === undefined ? { kept: true, record } : { kept: false, unkept: { record, fault, message: '' } });
      };
      open.set(id, { finish, signal });
      signal?.addEventListener('abort', () => {
        open.delete(id);
        reject(new DOMException('stopped', 'AbortError'));
      });
    });
  const desk = new MeterDesk(
    { call } as unknown as EngineClient,
    { call } as unknown as ArchiveClient,
    new Announcer(),
  );
  return { desk, open, running: () => [...open.keys()] };
}

describe('reading the whole list', () => {
  test('one after the other on a port, ports side by side, failures counted', async () => {
    const { desk, open, running } = createDesk();
    const all = desk.readAll([state(1, 1), state(2, 2), state(3, 1)]);
    expect(running()).toEqual(['1', '2']);
    expect(desk.busy).toBe(true);
    open.get('1')?.finish(0);
    open.get('2')?.finish(65_541);
    await settle();
    expect(running()).toEqual(['3']);
    expect(desk.campaign).toMatchObject({ total: 3, done: 2, failed: 1, running: true });
    open.get('3')?.finish(0);
    await all;
    expect(desk.campaign).toMatchObject({ done: 3, failed: 1, running: false });
    expect(desk.busy).toBe(false);
    desk.dismissCampaign();
    expect(desk.campaign).toBeUndefined();
  });

  test('the reading of another meter is none of this one', async () => {
    const { desk, open } = createDesk();
    const all = desk.readAll([state(1, 1)]);
    open.get('1')?.finish(0, undefined, { otherMeter: '47110815' });
    await all;
    expect(desk.campaign).toMatchObject({ done: 1, failed: 1 });
  });

  test('stopped: what runs is aborted and nothing more begins', async () => {
    const { desk, running } = createDesk();
    const all = desk.readAll([state(1, 1), state(2, 1)]);
    desk.cancelAll();
    expect(desk.campaign?.cancelling).toBe(true);
    await all;
    expect(running()).toEqual([]);
    expect(desk.campaign).toMatchObject({ done: 0, failed: 0, running: false });
    expect(desk.problemOf('1')).toBeUndefined();
  });
});

test('a reading that the log did not take is shown until the meter has been read again, and counts as failed', async () => {
  const { desk, open } = createDesk();
  const all = desk.readAll([state(1, 1), state(2, 2)]);
  open.get('1')?.finish(0, 'full');
  open.get('2')?.finish(0);
  await all;
  expect(desk.campaign).toMatchObject({ done: 2, failed: 1 });
  expect(desk.unkeptOf('1')).toMatchObject({ fault: 'full', record: { errorCode: 0 } });
  expect(desk.unkeptOf('2')).toBeUndefined();
  const stopped = desk.read(state(1, 1));
  desk.cancel('1');
  await stopped;
  expect(desk.unkeptOf('1')).toBeDefined();
  const again = desk.read(state(1, 1));
  open.get('1')?.finish(0);
  await again;
  expect(desk.unkeptOf('1')).toBeUndefined();
});

describe('the newest readings', () => {
  test('are asked for once, and again when the engine tells of a newer record', async () => {
    const asked: number[][] = [];
    const call = (_method: string, { meters }: { meters: number[] }) => {
      asked.push(meters);
      return Promise.resolve(meters.map((meter) => ({ meter })));
    };
    const recent = new RecentList({ call } as unknown as ArchiveClient);
    await recent.follow([state(1, 1), state(2, 1)]);
    await recent.follow([state(1, 1), state(2, 1)]);
    await recent.follow([state(1, 1), state(2, 1, 7)]);
    expect(asked).toEqual([[1, 2], [2]]);
    expect(recent.of(state(2, 1))).toEqual({ meter: 2 });
  });

  test('a failure is told, and asked again next time', async () => {
    let failing = true;
    const call = () => (failing ? Promise.reject(new Error('gone')) : Promise.resolve([{ meter: 1, seqs: [] }]));
    const recent = new RecentList({ call });
    await recent.follow([state(1, 1)]);
    expect(recent.problem?.seen).toBe('gone');
    failing = false;
    await recent.follow([state(1, 1)]);
    expect(recent.problem).toBeUndefined();
    expect(recent.loaded).toBe(true);
  });
});

describe('history', () => {
  function createHistory(total: number) {
    const asked: { from: number; to: number; thinning: string }[] = [];
    const call = (method: string, request: { from: number; to: number; thinning: string }) => {
      if (method === 'extent') return Promise.resolve({ first: 0, last: 1_000_000 });
      asked.push(request);
      const times = Float64Array.of(request.from, request.to);
      return Promise.resolve({ total, times, seqs: times, registers: [], found: [] });
    };
    return { asked, history: new MeterHistory({ call } as unknown as ArchiveClient, 1, 'day') };
  }

  test('begins with the last span there is, and goes on from it', async () => {
    const { asked, history } = createHistory(2);
    await history.follow(['1.8.0'], 'readings');
    expect(history.range).toEqual({ min: 1_000_000 - 86_400, max: 1_000_000 });
    history.choose('all');
    await settle();
    expect(asked.map(({ from, to }) => [from, to])).toEqual([
      [913_600, 1_000_000],
      [0, 1_000_000],
    ]);
    await history.follow(['1.8.0'], 'used');
    expect(asked[2]?.thinning).toBe('even');
    expect(history.seriesShown).toBe('used');
  });

  test('asks for more where the chart is zoomed into thinned readings, once the fingers rest', async () => {
    vi.useFakeTimers();
    try {
      const whole = createHistory(2);
      await whole.history.follow([], 'readings');
      const thinned = createHistory(5000);
      await thinned.history.follow([], 'readings');
      for (const { history } of [whole, thinned]) {
        history.show({ min: 960_000, max: 970_000 });
        history.show({ min: 960_000, max: 965_000 });
        await vi.advanceTimersByTimeAsync(1000);
        expect(history.span).toBeUndefined();
      }
      expect(whole.asked).toHaveLength(1);
      expect(thinned.asked.map(({ to }) => to)).toEqual([1_000_000, 965_000]);
    } finally {
      vi.useRealTimers();
    }
  });
});

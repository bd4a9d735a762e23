import { expect, test } from 'vitest';
import type { Accept, ReadEnd } from '../../../src/line/line.ts';
import { PortError } from '../../../src/line/port.ts';
import { readUntil, type ReadDeadlines } from '../../../src/line/read-until.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';

const DEADLINES: ReadDeadlines = { firstByteMs: 1500, interByteMs: 200, quietMs: 60 };

interface Ends {
  /** When the port tells that it is lost. */
  readonly lostAt?: number;
  /** Since when a look finds nothing. */
  readonly goneAt?: number;
}

/** A reader that only says how far it is each time something came in, at the given milliseconds. */
function read(
  said: readonly [atMs: number, ReturnType<Accept>][],
  deadlines: ReadDeadlines,
  { lostAt = Infinity, goneAt = Infinity }: Ends = {},
) {
  const clock = virtualClock();
  const left = [...said];
  const ear = {
    lastReceivedAt: 0,
    wake: () => undefined,
    giveTo() {
      if ((left[0]?.[0] ?? Infinity) > clock.monotonic()) return undefined;
      ear.lastReceivedAt = clock.monotonic();
      return left.shift()?.[1];
    },
    arrival: (ms: number) => clock.sleep(Math.min(ms, (left[0]?.[0] ?? Infinity) - clock.monotonic())),
  };
  const requirePort = () => {
    if (clock.monotonic() >= lostAt) throw new PortError('lost', 'gone');
  };
  const look = () => (clock.monotonic() >= goneAt ? Promise.reject(new PortError('lost', 'gone')) : Promise.resolve());
  const end = readUntil(() => 'more', deadlines, { ear, clock, requirePort, look }, new AbortController().signal);
  return clock.run(end.then((reached): [ReadEnd, number] => [reached, clock.monotonic()]));
}

test('each silence has its own limit: before the first character, between two, and after enough', async () => {
  expect(await read([], DEADLINES)).toEqual(['no answer', 1500]);
  expect(await read([[1499, 'more']], DEADLINES)).toEqual(['gap', 1699]);
  expect(await read([[10, 'more'], [200, 'enough']], DEADLINES)).toEqual(['done', 260]); // prettier-ignore
  expect(await read([[10, 'enough'], [69, 'more']], DEADLINES)).toEqual(['gap', 269]); // prettier-ignore
  expect(await read([[10, 'more'], [20, 'done']], DEADLINES)).toEqual(['done', 20]); // prettier-ignore
});

test('the whole has a limit too, where there is one', async () => {
  const endless = Array.from({ length: 50 }, (_, i): [number, 'more'] => [i * 100, 'more']);
  expect(await read(endless, { ...DEADLINES, totalMs: 2000 })).toEqual(['too long', 2000]);
  expect(await read([], { ...DEADLINES, totalMs: 2000 })).toEqual(['no answer', 1500]);
});

test('of a port that is gone nobody hears that it does not answer', async () => {
  await expect(read([], DEADLINES, { goneAt: 700 })).rejects.toThrow(PortError);
  expect(await read([[10, 'more']], DEADLINES, { goneAt: 700 })).toEqual(['gap', 210]);
  expect(await read([], { ...DEADLINES, firstByteMs: 0 }, { goneAt: 0 })).toEqual(['no answer', 0]);
});

test('what came in before the port was lost is read first', async () => {
  expect(await read([[10, 'done']], DEADLINES, { lostAt: 10 })).toEqual(['done', 10]);
  await expect(read([[10, 'more']], DEADLINES, { lostAt: 10 })).rejects.toThrow(PortError);
});

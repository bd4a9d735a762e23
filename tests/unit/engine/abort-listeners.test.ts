/** Whoever asks keeps one signal for many calls: nothing may be left on it once a call is over, however it ended. */
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/common/clock.ts';
import { createBusHandlers } from '../../../src/engine/bus.ts';
import { createDesk } from '../../../src/engine/desk.ts';
import { createPortRegistry } from '../../../src/engine/port-registry.ts';
import type { Turn } from '../../../src/engine/seat.ts';
import { createTraceBook } from '../../../src/engine/traces.ts';
import { openLine } from '../../../src/line/open-line.ts';
import { PortError } from '../../../src/line/port.ts';
import { protocols } from '../../../src/protocols/registry.ts';
import { connect, type Endpoint, type Method } from '../../../src/rpc/rpc.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { scriptedPort } from '../line/scripted-port.ts';
import { changeBook } from './change-book.ts';
import './loaded.ts';

const PORT = 'serial:1';
const left = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

function world() {
  const time = virtualClock();
  const desk = createDesk({ clock: time, portOf: () => time, onChange: () => undefined });
  const { signal } = new AbortController();
  const turn = (more: Partial<Turn> = {}): Turn => ({ rank: 'person', text: 'reading', signal, ...more });
  const sleeps = (ms: number) => () => time.sleep(ms, signal);
  return { time, desk, signal, turn, sleeps };
}

const fails = () => Promise.reject(new Error('no such mode'));
const settled = (...promises: readonly Promise<unknown>[]) => Promise.allSettled(promises);

describe('nothing is left on the signal', () => {
  test('of a turn that ended, failed, waited or was lent', async () => {
    const { time, desk, signal, turn, sleeps } = world();
    const lends = desk.use(PORT, turn({ rank: 'schedule' }), async (seat) => {
      await time.sleep(20, seat.signal);
      await seat.rest();
    });
    await time.run(settled(lends, desk.use(PORT, turn(), sleeps(10)), desk.use(PORT, turn(), fails)));
    expect(left(signal)).toBe(0);
  });

  test('of one that was refused or gave up', async () => {
    const { time, desk, signal, turn, sleeps } = world();
    const gone = new AbortController();
    const waits = desk.use(PORT, turn(), sleeps(100));
    const givenUp = desk.use(PORT, turn({ signal: gone.signal }), sleeps(1));
    const holds = desk.use(PORT, turn({ holds: true }), sleeps(100));
    const refused = desk.use(PORT, turn({ rank: 'schedule' }), sleeps(1));
    gone.abort();
    const results = await time.run(settled(waits, givenUp, holds, refused));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    expect([left(signal), left(gone.signal)]).toEqual([0, 0]);
  });

  test.each([
    ['fails', fails],
    ['is refused', undefined],
  ])('of listening that %s', async (_, job) => {
    const { time, desk } = world();
    const first = new AbortController();
    const hears = (stop: AbortSignal) => () => time.sleep(10_000, stop);
    if (!job) void desk.listen(PORT, 'listening', first.signal, hears(first.signal)).catch(() => undefined);
    const { signal } = new AbortController();
    await time.run(settled(desk.listen(PORT, 'listening', signal, job ?? hears(signal))));
    expect(left(signal)).toBe(0);
  });

  test('of a line that could not be opened, or was closed', async () => {
    const { time, signal } = world();
    const settings = { baudRate: 300, framing: '7E1', clock: time, signal } as const;
    const broken = scriptedPort(time, { open: () => Promise.reject(new PortError('failed', 'in use')) });
    await time.run(settled(openLine(broken, settings)));
    expect(left(signal)).toBe(0);
    const line = await time.run(openLine(scriptedPort(time), settings));
    await time.run(
      settled(
        line.pause(5),
        line.read(() => 'done', { firstByteMs: 5, interByteMs: 5 }),
      ),
    );
    await time.run(line.close());
    expect(left(signal)).toBe(0);
  });

  test('of a wait', async () => {
    const { time, signal } = world();
    await Promise.all([systemClock.sleep(0, signal), time.run(time.sleep(5, signal))]);
    expect(left(signal)).toBe(0);
  });

  test('of a change whose port is not there', async () => {
    const { time, signal } = world();
    const registry = createPortRegistry({ clock: time, present: () => [], lost: () => [], onChange: () => undefined });
    const { changeMeterItself } = createBusHandlers({
      registry,
      protocols,
      traces: createTraceBook(time),
      changes: changeBook(time),
      settings: { get: () => Promise.resolve(undefined) },
    });
    const request = { portId: PORT, protocol: 'MBUS', id: 'application reset', address: '1', values: {}, settings: {} };
    await settled(Promise.resolve(changeMeterItself(request, { signal, emit: () => undefined })));
    expect(left(signal)).toBe(0);
  });

  test('of a call that was answered, or failed', async () => {
    let answer: (event: MessageEvent) => void = () => undefined;
    const endpoint: Endpoint = { postMessage: () => undefined, addEventListener: (_, listener) => (answer = listener) };
    const client = connect<{ read: Method<undefined, string> }>(endpoint);
    const { signal } = new AbortController();
    const calls = [1, 2].map(() => client.call('read', undefined, { signal }));
    expect(left(signal)).toBe(2);
    answer(new MessageEvent('message', { data: { rpc: 'result', id: 1, result: 'read' } }));
    answer(
      new MessageEvent('message', {
        data: { rpc: 'error', id: 2, error: { name: 'Error', message: '', members: {} } },
      }),
    );
    await settled(...calls);
    expect(left(signal)).toBe(0);
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { createPortRegistry, type PortRegistry } from '../../../src/engine/port-registry.ts';
import { readMeter } from '../../../src/engine/read-meter.ts';
import type { Line } from '../../../src/line/line.ts';
import type { Driver } from '../../../src/line/port-over.ts';
import type { Protocol } from '../../../src/protocols/protocol.ts';
import { protocols } from '../../../src/protocols/registry.ts';
import { virtualClock, type VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { hangs, scriptedPort } from '../line/scripted-port.ts';
import './loaded.ts';

let clock: VirtualClock;
let registry: PortRegistry;
/** When the port was closed, milliseconds. */
let closedAt: number | undefined;

beforeEach(() => {
  clock = virtualClock();
  closedAt = undefined;
});

/** Of a meter that says something after a while. */
function protocolThat(read: (line: Line) => Promise<void>): Protocol {
  const [protocol] = protocols.all;
  if (!protocol) throw new Error('no protocol');
  return {
    ...protocol,
    parts: {
      ...protocol.parts,
      dialogue: async () => ({
        normal: (address) => address,
        lineOf: () => ({ baudRate: 300, framing: '7E1' }),
        async read(line) {
          try {
            await read(line);
            return { errorCode: 0, identification: '', data: 'read' };
          } catch (error) {
            if (!line.signal.aborted) throw error;
            return { errorCode: 9, identification: '', data: '' };
          }
        },
      }),
    },
  };
}

interface Attempt {
  readonly driver?: Partial<Driver>;
  readonly closeDelayMs?: number;
  readonly stopAfterMs?: number;
  readonly read?: (line: Line) => Promise<void>;
}

function attempt({ driver, closeDelayMs = 0, stopAfterMs, read = (line) => line.pause(1000) }: Attempt) {
  const stop = new AbortController();
  if (stopAfterMs !== undefined) void clock.sleep(stopAfterMs).then(() => stop.abort(new Error('stopped')));
  const port = scriptedPort(clock, {
    close: async () => {
      closedAt = clock.monotonic();
    },
    ...driver,
  });
  registry = createPortRegistry({
    clock,
    present: () => [{ port, clock }],
    lost: () => [],
    onChange: () => undefined,
  });
  const turn = { rank: 'person', text: 'reading', signal: stop.signal } as const;
  return clock.run(
    registry.use(port.info.id, turn, (seat) =>
      readMeter({
        protocol: protocolThat(read),
        seat,
        target: { address: '', settings: { closeDelayMs } },
        onTrace: () => undefined,
      }),
    ),
  );
}

describe('the port', () => {
  test('stays open for the close delay, and no longer', async () => {
    await attempt({ closeDelayMs: 700 });
    expect(closedAt).toBe(1700);
    await attempt({});
    expect(closedAt).toBe(2700);
  });

  test('is closed at once after Stop, in the read or in the delay', async () => {
    expect(await attempt({ closeDelayMs: 700, stopAfterMs: 300 })).toMatchObject({ errorCode: 9 });
    expect(closedAt).toBe(300);
    expect(await attempt({ closeDelayMs: 700, stopAfterMs: 1200 })).toMatchObject({ errorCode: 0, data: 'read' });
    expect(closedAt).toBe(1500);
  });

  test('that does not let go costs no reading, and counts as stuck until it is another', async () => {
    expect(await attempt({ driver: { close: hangs } })).toMatchObject({ errorCode: 0, data: 'read' });
    await clock.run(clock.sleep(20_000));
    expect(registry.wireState('scripted')).toMatchObject({ kind: 'stuck' });
  });

  test('that refuses to be closed likewise', async () => {
    const close = () => Promise.reject(new Error('not now'));
    expect(await attempt({ driver: { close } })).toMatchObject({ errorCode: 0, data: 'read' });
    await clock.run(clock.sleep(20_000));
    expect(registry.wireState('scripted')).toMatchObject({ kind: 'stuck' });
  });

  test('whose opening is stopped is a read that a person ended, not a port that did not open', async () => {
    const readout = await attempt({
      driver: { open: (_settings, _signals, _tell, stop) => clock.sleep(5000, stop) },
      stopAfterMs: 200,
    });
    expect(readout).toMatchObject({ errorCode: 65537, data: '' });
    expect(readout.circumstances?.message).toMatch(/stopped/);
    expect(clock.monotonic()).toBe(200);
  });

  test('is closed after a fault of the program too', async () => {
    await expect(attempt({ read: () => Promise.reject(new RangeError('ours')) })).rejects.toThrow('ours');
    expect(closedAt).toBe(0);
  });
});

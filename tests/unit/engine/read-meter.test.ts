import { beforeEach, describe, expect, test } from 'vitest';
import { createPortRegistry, type PortRegistry } from '../../../src/engine/port-registry.ts';
import { type MeterRead, readMeter } from '../../../src/engine/read-meter.ts';
import type { Line } from '../../../src/line/line.ts';
import { createTries } from '../../../src/common/tries.ts';
import { MeterError } from '../../../src/common/meter-error.ts';
import { settingsOf } from '../../../src/common/form.ts';
import { PortError, type PortEvent } from '../../../src/line/port.ts';
import type { Driver } from '../../../src/line/port-over.ts';
import type { Protocol, ReadOptions } from '../../../src/protocols/protocol.ts';
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

describe('a line that is held low', () => {
  const [iec] = protocols.all;
  if (!iec) throw new Error('no protocol');

  /** The read of a meter whose line does this, every 100 ms. */
  async function readOver(disturb: (tell: (event: PortEvent) => void) => void) {
    const port = scriptedPort(clock);
    const over = new AbortController();
    const storm = async () => {
      for (;;) {
        await clock.sleep(100, over.signal);
        disturb(port.arrive);
      }
    };
    registry = createPortRegistry({
      clock,
      present: () => [{ port, clock }],
      lost: () => [],
      onChange: () => undefined,
    });
    const signal = new AbortController().signal;
    const read = registry.use(port.info.id, { rank: 'person', text: 'reading', signal }, (seat) => {
      void storm().catch(() => undefined);
      const settings = settingsOf(iec?.settings ?? [], { set: {} });
      return readMeter({
        protocol: iec as Protocol,
        seat,
        target: { address: '', settings },
        onTrace: () => undefined,
      });
    });
    return await clock.run(read.finally(() => over.abort()));
  }

  test.each([
    ['breaks without end', { kind: 'line-error', error: 'break' }],
    ['framing errors without end', { kind: 'line-error', error: 'framing' }],
    ['zeros without end', { kind: 'data', bytes: new Uint8Array(3) }],
  ] as const)('is named so, with what to try: %s', async (_what, event) => {
    const { errorCode, circumstances } = await readOver((tell) => tell(event));
    expect(errorCode).not.toBe(0);
    expect(circumstances?.message).toMatch(/^The line is held low: \d+ breaks or zeros came, and no character\.$/);
    expect(circumstances?.hint).toContain('power');
  });

  test('is none where characters come through', async () => {
    const { circumstances } = await readOver((tell) => {
      tell({ kind: 'line-error', error: 'break' });
      tell({ kind: 'data', bytes: Uint8Array.of(0x55) });
    });
    expect(circumstances?.message).not.toContain('held low');
  });

  test('nor is it one where nothing comes', async () => {
    const { circumstances } = await readOver(() => undefined);
    expect(circumstances?.message).toContain('nothing came back');
  });
});

describe('the meter', () => {
  type Dialogue = Awaited<ReturnType<Protocol['parts']['dialogue']>>;

  /** Reads one after the other on one port; each begins at `began`, milliseconds. */
  function bench(dialogue: Partial<Dialogue> = {}, driver: Partial<Driver> = {}) {
    const port = scriptedPort(clock, driver);
    const ports = createPortRegistry({
      clock,
      present: () => [{ port, clock }],
      lost: () => [],
      onChange: () => undefined,
    });
    const plain = protocolThat(() => Promise.resolve());
    const began: number[] = [];
    const given: ReadOptions[] = [];
    const steps: string[] = [];
    const doing: (string | undefined)[] = [];
    const protocol: Protocol = {
      ...plain,
      parts: {
        ...plain.parts,
        dialogue: async () => ({
          ...(await plain.parts.dialogue()),
          async read(line, _target, options) {
            began.push(clock.monotonic());
            given.push(options);
            await line.pause(1000);
            return { errorCode: 0, identification: '', data: 'read' };
          },
          ...dialogue,
        }),
      },
    };
    const read = (address: string, more: Partial<MeterRead> = {}, signal = new AbortController().signal) =>
      clock.run(
        ports.use(port.info.id, { rank: 'person', text: 'reading', signal }, (seat) =>
          readMeter({
            protocol,
            seat,
            target: { address, settings: {} },
            onTrace: () => undefined,
            onProgress(progress) {
              if (progress.kind !== 'step') return;
              steps.push(progress.text);
              doing.push(ports.wireState(port.info.id)?.text);
            },
            ...more,
          }),
        ),
      );
    return { port, began, given, steps, doing, read };
  }

  test('that has just answered is left alone until it listens again, and no other one', async () => {
    const { began, steps, doing, read } = bench({ restMs: () => 5000 });
    // Its last character is the opening of the port: it has said nothing since.
    for (const address of ['1', '2', '2', '', '3']) await read(address);
    expect(began).toEqual([0, 1000, 6000, 11_000, 16_000]);
    expect(steps.filter((text) => text.includes('answered'))).toEqual([
      'the meter has just answered: waiting 4.0 s until it listens again',
      'the meter has just answered: waiting 4.0 s until it listens again',
      'the meter has just answered: waiting 4.0 s until it listens again',
    ]);
    expect(doing).toEqual(steps);
    await clock.run(clock.sleep(5000));
    await read('3');
    expect(began.at(-1)).toBe(22_000);
  });

  test('whose rest is stopped is not asked', async () => {
    const { began, read } = bench({ restMs: () => 5000 });
    await read('1');
    const stop = new AbortController();
    void clock.sleep(100).then(() => stop.abort(new Error('stopped')));
    expect(await read('1', {}, stop.signal)).toMatchObject({ errorCode: 65537, data: '' });
    expect([began, clock.monotonic()]).toEqual([[0], 1100]);
  });

  test('is asked with all that is known of it, and what it learns goes where it is kept', async () => {
    const { given, read } = bench();
    const known = {
      memory: { recall: () => undefined, remember: () => undefined },
      tries: createTries(2, []),
      knownNumber: '123',
    };
    await read('1');
    await read('1', known);
    const always = { counter: undefined, onProgress: undefined, secret: undefined, secretSaid: undefined };
    expect(given.map((options) => ({ ...options, ...always }))).toEqual([always, { ...known, ...always }]);
  });

  test('with a wrong address opens no port, and says what is wrong', async () => {
    const { port, read } = bench({
      normal() {
        throw new MeterError(65540, 'No such address.', { hint: 'Eight digits.' });
      },
    });
    expect(await read('x')).toEqual({
      errorCode: 65540,
      identification: '',
      data: '',
      circumstances: { message: 'No such address.', hint: 'Eight digits.' },
    });
    expect(port.settings).toEqual([]);
  });

  test('on a port that does not open is not asked, and what to check is said line by line', async () => {
    const { began, steps, read } = bench(
      {},
      { open: () => Promise.reject(new PortError('busy', 'In use.', ['Close it.', 'Replug it.'])) },
    );
    expect(await read('1')).toEqual({
      errorCode: 4,
      identification: '',
      data: '',
      circumstances: { message: 'In use.', hint: 'Close it.\nReplug it.' },
    });
    expect([began, steps]).toEqual([[], ['opening Scripted']]);
  });
});

/** What every port does alike (`line/port.ts`), asked of each of them. A new transport adds itself to the list. */
import { describe, expect, it } from 'vitest';
import { portSettings } from '../../../src/line/framing.ts';
import { PortError, type Port, type PortEvent, type PortSettings } from '../../../src/line/port.ts';
import { webSerialPort } from '../../../src/ports/serial/port.ts';
import { reqUd2 } from '../../../src/protocols/mbus/messages.ts';
import { mbusBus } from '../../../src/protocols/mbus/simulated/bus.ts';
import type { Fault } from '../../../src/simulator/faults.ts';
import type { PortTraits } from '../../../src/simulator/simulated-driver.ts';
import { simulatedPort } from '../../../src/simulator/simulated-port.ts';
import { virtualClock, type VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { meter } from '../protocols/mbus/bus.ts';
import { simulatedMeter as meterOf } from '../protocols/iec62056-21/simulated/host.ts';
import { portTo, withEvenParity } from '../simulator/host.ts';
import { fakeSerial } from './fake-serial.ts';

/** A port with somebody at the far end who answers `request` with more than 48 characters. */
interface Subject {
  readonly port: Port;
  readonly settings: PortSettings;
  readonly request: Uint8Array;
  /** Web Serial only: the other side answers now what was sent. */
  answer(): void;
  /** The adapter goes at the next answer, or at once. */
  unplug(): void;
  plugIn(): void;
}

const info = (transport: string) => ({ id: `${transport}:test`, label: 'Test', transport });
const nothing = () => undefined;

function simulatedMeter(clock: VirtualClock): Subject {
  const faults = new Set<Fault>();
  return {
    port: simulatedPort(meterOf('three-phase'), clock, () => faults),
    settings: portSettings('7E1', 300),
    // Reads out by itself where nobody acknowledges.
    request: withEvenParity('/?!\r\n'),
    answer: nothing,
    unplug: () => faults.add('port-lost'),
    plugIn: () => faults.delete('port-lost'),
  };
}

const simulatedBus =
  (traits: PortTraits = {}) =>
  (clock: VirtualClock): Subject => {
    const faults = new Set<Fault>();
    const bus = mbusBus([meter('12345678', { primaryAddress: 5 })]);
    return {
      port: portTo(bus, clock, () => faults, traits),
      settings: portSettings('8E1', 2400),
      request: reqUd2(5, 1),
      answer: nothing,
      unplug: () => faults.add('port-lost'),
      plugIn: () => faults.delete('port-lost'),
    };
  };

function webSerial(clock: VirtualClock): Subject {
  const fake = fakeSerial();
  return {
    port: webSerialPort(fake.port, info('serial'), clock),
    settings: portSettings('8N1', 9600),
    request: Uint8Array.of(1, 2, 3),
    answer: () => fake.receive(new Uint8Array(60)),
    unplug: () => fake.unplug(),
    plugIn: () => fake.plugIn(),
  };
}

const subjects: readonly (readonly [string, (clock: VirtualClock) => Subject])[] = [
  ['a simulated meter', simulatedMeter],
  ['a simulated bus', simulatedBus()],
  ['a simulated bus, set in place', simulatedBus({ reconfigure: 'in-place' })],
  ['a simulated bus behind a gateway', simulatedBus({ fixed: portSettings('8E1', 2400) })],
  ['Web Serial', webSerial],
];

describe.each(subjects)('a port of %s', (_name, make) => {
  function open() {
    const clock = virtualClock(undefined, 0);
    const subject = make(clock);
    const events: PortEvent[] = [];
    subject.port.listen((event) => events.push(event));
    const { port, settings, request } = subject;
    const run = <T>(promise: Promise<T>) => clock.run(promise);
    return {
      ...subject,
      events,
      run,
      clock,
      open: () => run(port.open(settings)),
      /** What is told within some seconds of a request. */
      async ask(): Promise<readonly PortEvent['kind'][]> {
        events.length = 0;
        await run(port.write(request));
        await run(clock.sleep(100));
        subject.answer();
        await run(clock.sleep(8000));
        return events.map(({ kind }) => kind);
      },
      /** How a call fails. */
      async failure(call: () => Promise<unknown>): Promise<string> {
        const error: unknown = await run(
          call().then(
            () => 'it did not',
            (reason: unknown) => reason,
          ),
        );
        if (!(error instanceof PortError)) throw new Error('This is no PortError.', { cause: error });
        expect(error.message).toMatch(/[.:]/);
        return error.failure;
      },
    };
  }

  const calls = (port: Port, settings: PortSettings): readonly (() => Promise<unknown>)[] => [
    () => port.write(Uint8Array.of(1)),
    () => port.reconfigure(settings),
    () => port.setSignals({ rts: false }),
    () => port.getSignals(),
  ];

  it('says that it is ready before any byte, and then carries bytes both ways', async () => {
    const { open: opened, events, ask } = open();
    await opened();
    expect(events).toEqual([{ kind: 'ready' }]);
    expect(await ask()).toContain('data');
  });

  it('refuses to be opened twice, and goes on', async () => {
    const { open: opened, port, settings, failure, ask } = open();
    await opened();
    expect(await failure(() => port.open(settings))).toBe('failed');
    expect(await ask()).toContain('data');
  });

  it('refuses in words what needs an open port, before and after', async () => {
    const { open: opened, port, settings, run, failure } = open();
    for (const call of calls(port, settings)) expect(await failure(call)).toBe('failed');
    await opened();
    await run(port.close());
    for (const call of calls(port, settings)) expect(await failure(call)).toBe('failed');
  });

  it('closes at any time and any number of times, and says nothing any more', async () => {
    const { open: opened, port, request, run, clock, events, answer, ask } = open();
    await run(port.close());
    await opened();
    await run(port.write(request));
    await run(Promise.all([port.close(), port.close()]));
    events.length = 0;
    answer();
    await run(clock.sleep(3000));
    await run(port.close());
    expect(events).toEqual([]);
    await opened();
    expect(await ask()).toContain('data');
  });

  it('gives up an opening when it is closed, and opens again right after', async () => {
    const { open: opened, port, settings, run, failure, ask } = open();
    const opening = failure(() => port.open(settings));
    await run(port.close());
    expect(await opening).toBe('failed');
    await opened();
    expect(await ask()).toContain('data');
  });

  it('waits with opening for a closing under way', async () => {
    const { open: opened, port, ask } = open();
    await opened();
    void port.close();
    await opened();
    expect(await ask()).toContain('data');
  });

  it('is set anew as its capabilities say', async () => {
    const { open: opened, port, settings, run, failure, events, ask } = open();
    await opened();
    events.length = 0;
    const other = { ...settings, baudRate: 4800 };
    if (port.capabilities.reconfigure === 'unavailable') {
      expect(await failure(() => port.reconfigure(other))).toBe('unsupported');
      expect(events).toEqual([]);
      await run(port.close());
      expect(await failure(() => port.open(other))).toBe('unsupported');
      await opened();
    } else {
      await run(port.reconfigure(other));
      expect(events).toEqual([{ kind: 'ready' }]);
      await run(port.reconfigure(settings));
    }
    expect(await ask()).toContain('data');
  });

  it('tells a loss once, refuses what comes after it, and works when the adapter is back', async () => {
    const { open: opened, port, settings, run, failure, ask, events, unplug, plugIn } = open();
    await opened();
    unplug();
    if (port.info.transport === 'simulated') await ask();
    await run(Promise.resolve());
    expect(events.filter(({ kind }) => kind === 'lost')).toHaveLength(1);
    expect(events.at(-1)?.kind).toBe('lost');
    for (const call of calls(port, settings)) expect(await failure(call)).toBe('lost');
    await run(port.close());
    expect(await failure(() => port.open(settings))).toBe('lost');
    plugIn();
    await opened();
    expect(await ask()).toContain('data');
  });

  it('is opened again after a loss though nobody closed it', async () => {
    const { open: opened, port, run, ask, unplug, plugIn } = open();
    await opened();
    unplug();
    if (port.info.transport === 'simulated') await ask();
    await run(Promise.resolve());
    plugIn();
    await opened();
    expect(await ask()).toContain('data');
  });

  it('has control and modem lines, or says that it has none', async () => {
    const { open: opened, port, run, failure } = open();
    await opened();
    if (port.capabilities.signals) {
      await run(port.setSignals({ dtr: false }));
      expect(await run(port.getSignals())).toEqual({ cts: false, dsr: false, dcd: false, ri: false });
    } else {
      expect(await failure(() => port.setSignals({ dtr: false }))).toBe('unsupported');
      expect(await failure(() => port.getSignals())).toBe('unsupported');
    }
  });

  it('tells one listener at a time', async () => {
    const { open: opened, port, events, ask } = open();
    await opened();
    const others: PortEvent[] = [];
    port.listen((event) => others.push(event));
    expect(await ask()).toEqual([]);
    expect(others.length).toBeGreaterThan(0);
    expect(events).toEqual([]);
  });
});

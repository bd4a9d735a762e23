import { describe, expect, it } from 'vitest';
import { openLine } from '../../../src/line/open-line.ts';
import type { PortError, PortEvent } from '../../../src/line/port.ts';
import { webSerialPort } from '../../../src/ports/serial/port.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { fakeSerial, type FakeSerial } from './fake-serial.ts';

const SETTINGS = { baudRate: 300, dataBits: 8, stopBits: 1, parity: 'none' } as const;
const FASTER = { ...SETTINGS, baudRate: 9600 };
const INFO = { id: 'usb:test#1', label: 'Test', transport: 'serial' } as const;

function portOverFake(fake: FakeSerial = fakeSerial()) {
  const clock = virtualClock(undefined, 0);
  const port = webSerialPort(fake.port, INFO, clock);
  const events: PortEvent[] = [];
  port.listen((event) => events.push(event));
  const run = <T>(promise: Promise<T>) => clock.run(promise);
  const texts = () =>
    events.map((event) =>
      event.kind === 'data'
        ? String.fromCharCode(...event.bytes)
        : event.kind === 'line-error'
          ? event.error
          : event.kind,
    );
  return { fake, clock, port, run, events, texts, settle: () => run(clock.sleep(1)) };
}

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('a port over Web Serial', () => {
  it('says when it hears with new settings, before any byte of them, and passes none of the old', async () => {
    const { fake, port, run, texts, settle } = portOverFake();
    await run(port.open(SETTINGS));
    fake.receive(bytes('old'));
    await settle();
    const changing = run(port.reconfigure(FASTER));
    fake.receive(bytes('between'));
    await changing;
    fake.receive(bytes('new'));
    await settle();
    expect(texts()).toEqual(['ready', 'old', 'ready', 'new']);
    expect(fake.calls.filter((call) => call.startsWith('open'))).toEqual(['open 300 8none1', 'open 9600 8none1']);
  });

  it('lets what was written leave before it changes its rate or closes', async () => {
    const { fake, port, run } = portOverFake();
    await run(port.open(SETTINGS));
    await run(port.write(bytes('ACK')));
    expect(fake.sent).toEqual([]);
    await run(port.reconfigure(FASTER));
    expect(fake.sent).toEqual([...bytes('ACK')]);
    await run(port.write(bytes('NAK')));
    await run(port.close());
    expect(fake.sent).toEqual([...bytes('ACKNAK')]);
  });

  it('feeds the head from DTR and RTS at once after every opening', async () => {
    const { fake, port, run } = portOverFake();
    await run(port.open(SETTINGS));
    await run(port.reconfigure(FASTER));
    const opened = (rate: number) => [`open ${rate} 8none1`, 'signals high high'];
    expect(fake.calls).toEqual([...opened(300), 'close', ...opened(9600)]);
  });

  it('keeps what was set through a change of the rate, and forgets it with the closing', async () => {
    const { fake, port, run } = portOverFake();
    await run(port.open(SETTINGS));
    await run(port.setSignals({ rts: false }));
    await run(port.reconfigure(FASTER));
    await run(port.close());
    await run(port.open(SETTINGS));
    const signals = fake.calls.filter((call) => call.startsWith('signals'));
    expect(signals).toEqual(['signals high high', 'signals - low', 'signals high low', 'signals high high']);
  });

  it('tells the modem lines as they are', async () => {
    const { fake, port, run } = portOverFake();
    await run(port.open(SETTINGS));
    fake.modem = { clearToSend: true, dataSetReady: false, dataCarrierDetect: true, ringIndicator: false };
    expect(await run(port.getSignals())).toEqual({ cts: true, dsr: false, dcd: true, ri: false });
  });

  it.each([
    ['ParityError', 'parity'],
    ['FramingError', 'framing'],
    ['BreakError', 'break'],
    ['BufferOverrunError', 'overrun'],
  ])('tells a %s in its place and hears on', async (name, error) => {
    const { fake, port, run, texts, settle } = portOverFake();
    await run(port.open(SETTINGS));
    fake.receive(bytes('a'));
    await settle();
    fake.disturb(name);
    await settle();
    fake.receive(bytes('b'));
    await settle();
    expect(texts()).toEqual(['ready', 'a', error, 'b']);
  });

  it('tries again where another program may be letting go of the port', async () => {
    const { fake, clock, port, run } = portOverFake();
    fake.refusals.push(new DOMException('in use', 'InvalidStateError'), new DOMException('in use', 'NetworkError'));
    await run(port.open(SETTINGS));
    expect(clock.monotonic()).toBe(750);
    await run(port.close());
    fake.refusals.push(...Array.from({ length: 4 }, () => new DOMException('in use', 'NetworkError')));
    await expect(run(port.open(SETTINGS))).rejects.toMatchObject({ failure: 'busy', message: /in use/ });
  });

  it.each([
    ['SecurityError', 'denied'],
    ['NotAllowedError', 'denied'],
  ])('asks no second time after a %s', async (name, failure) => {
    const { fake, port, run } = portOverFake();
    fake.refusals.push(new DOMException('no', name));
    await expect(run(port.open(SETTINGS))).rejects.toMatchObject({ failure });
    expect(fake.calls).toHaveLength(1);
  });

  it('gives up after the fourth time, or when it is closed meanwhile', async () => {
    const { fake, clock, port, run } = portOverFake();
    const refuse = () =>
      fake.refusals.push(...Array.from({ length: 4 }, () => new DOMException('in use', 'NetworkError')));
    refuse();
    await expect(run(port.open(SETTINGS))).rejects.toMatchObject({
      failure: 'busy',
      message: 'Test can’t be opened: in use',
      checklist: expect.arrayContaining([expect.stringContaining('another window')]) as string[],
    });
    expect([fake.calls.length, clock.monotonic()]).toEqual([4, 1500]);
    refuse();
    const opening = port.open(SETTINGS).catch((error: unknown) => (error as PortError).failure);
    await run(clock.sleep(300));
    await run(port.close());
    expect([await opening, fake.calls.length]).toEqual(['failed', 6]);
  });

  it('says what it can’t be set to, and what can’t be written to', async () => {
    const { fake, port, run } = portOverFake();
    const { open } = fake.port;
    fake.port.open = () => Promise.reject(new TypeError('no such rate'));
    await expect(run(port.open(SETTINGS))).rejects.toMatchObject({
      failure: 'unsupported',
      message: 'Test can’t be set like that: no such rate',
    });
    fake.port.open = open;
    Object.defineProperty(fake.port, 'writable', { value: null });
    await expect(run(port.open(SETTINGS))).rejects.toMatchObject({ failure: 'failed', message: /written to/ });
  });

  it('says what is not plugged in, and touches nothing', async () => {
    const { fake, port, run } = portOverFake();
    fake.unplug();
    await expect(run(port.open(SETTINGS))).rejects.toMatchObject({
      failure: 'lost',
      message: 'Test is not plugged in.',
    });
    expect(fake.calls).toEqual([]);
  });

  it('tells a loss with what the browser says of it, once', async () => {
    const { fake, port, run, events, settle } = portOverFake();
    await run(port.open(SETTINGS));
    fake.unplug();
    await settle();
    expect(events.slice(1)).toEqual([{ kind: 'lost', reason: 'the adapter is gone (The fake says: NetworkError.)' }]);
  });

  it('is gone when it can’t be written to', async () => {
    const { fake, port, run } = portOverFake();
    await run(port.open(SETTINGS));
    fake.unplug();
    await expect(run(port.write(bytes('x')))).rejects.toMatchObject({ failure: 'lost', message: /while sending/ });
  });

  it('sets one line or the other, and says why where it can set none', async () => {
    const { fake, port, run, events } = portOverFake();
    fake.port.setSignals = () => Promise.reject(new DOMException('no such lines', 'NetworkError'));
    await run(port.open(SETTINGS));
    expect(events).toEqual([{ kind: 'ready' }, { kind: 'notice', text: 'DTR and RTS not set: no such lines' }]);
    const set: unknown[] = [];
    fake.port.setSignals = async (signals) => void set.push(signals);
    await run(port.setSignals({ dtr: false }));
    await run(port.setSignals({ rts: true }));
    expect(set).toStrictEqual([{ dataTerminalReady: false }, { requestToSend: true }]);
  });

  it('has room for what comes while the worker is busy, and no flow control', async () => {
    const { fake, port, run } = portOverFake();
    const { open } = fake.port;
    let asked: SerialOptions | undefined;
    fake.port.open = (options) => open((asked = options));
    await run(port.open(SETTINGS));
    expect(asked).toEqual({ ...SETTINGS, bufferSize: 16_384, flowControl: 'none' });
    expect(port.capabilities).toEqual({ reconfigure: 'reopen', signals: true, lineErrors: true });
  });

  it('lets go of what is gone, whatever the browser says of it', async () => {
    const { fake, port, run, texts, settle } = portOverFake();
    await run(port.open(SETTINGS));
    fake.unplug();
    await settle();
    fake.port.close = () => Promise.reject(new DOMException('The device has been lost.', 'NetworkError'));
    await run(port.close());
    expect(texts()).toEqual(['ready', 'lost']);
  });

  it('takes over a port that a closed window left open', async () => {
    const fake = fakeSerial();
    await fake.port.open(SETTINGS);
    const { port, run, texts, settle } = portOverFake(fake);
    await run(port.open(SETTINGS));
    fake.receive(bytes('a'));
    await settle();
    expect(texts()).toEqual(['ready', 'a']);
  });
});

describe('a driver that hangs', () => {
  const cases = [
    ['open', 'timeout', 20_000],
    ['write', 'timeout', 6000],
    ['getSignals', 'timeout', 2000],
    ['setSignals', 'timeout', 2000],
    ['close', 'stuck', 10_000],
  ] as const;

  it.each(cases)('in %s is told as “%s” in time', async (call, failure, limitMs) => {
    const { fake, clock, port, run } = portOverFake();
    if (call !== 'open') await run(port.open(SETTINGS));
    const before = clock.monotonic();
    fake.hanging.add(call);
    const calls = {
      open: () => port.open(SETTINGS),
      write: () => port.write(bytes('/?!\r\n')),
      getSignals: () => port.getSignals(),
      setSignals: () => port.setSignals({ rts: false }),
      close: () => port.close(),
    };
    await expect(run<unknown>(calls[call]())).rejects.toMatchObject({ name: 'PortError', failure });
    expect(clock.monotonic() - before).toBeLessThanOrEqual(limitMs);
  });

  it('in close is told to whoever opens the port next', async () => {
    const { fake, port, run } = portOverFake();
    await run(port.open(SETTINGS));
    fake.hanging.add('close');
    await expect(run(port.close())).rejects.toMatchObject({ failure: 'stuck' });
    await expect(run(port.open(SETTINGS))).rejects.toMatchObject({ failure: 'stuck' });
  });

  it('in the setting of signals at the opening costs a remark only: the head may read all the same', async () => {
    const { fake, port, run, texts } = portOverFake();
    fake.hanging.add('setSignals');
    await run(port.open(SETTINGS));
    expect(texts()).toEqual(['ready', 'notice']);
  });

  it('in the cancelling of a read does not keep the port open, and what that read still gives reaches nobody', async () => {
    const { fake, port, run, texts, settle } = portOverFake();
    await run(port.open(SETTINGS));
    fake.hanging.add('cancel');
    await run(port.reconfigure(FASTER));
    fake.receive(bytes('new'));
    await settle();
    expect(texts()).toEqual(['ready', 'notice', 'ready', 'new']);
  });

  it('with what it was given to write is closed all the same', async () => {
    const { fake, port, run, settle } = portOverFake();
    await run(port.open(SETTINGS));
    fake.hanging.add('write');
    void port.write(bytes('x')).catch(() => undefined);
    await settle();
    await run(port.close());
    expect(fake.calls.at(-1)).toBe('close');
    fake.hanging.clear();
    await run(port.open(SETTINGS));
  });
});

describe('a line over Web Serial', () => {
  it('has a baud switch that loses nothing of the acknowledge', async () => {
    const fake = fakeSerial();
    const clock = virtualClock(undefined, 0);
    const line = await clock.run(
      openLine(webSerialPort(fake.port, INFO, clock), { baudRate: 300, framing: '7E1', clock }),
    );
    await clock.run(line.write(bytes('\x06050\r\n')));
    expect(clock.monotonic()).toBeCloseTo(200, 6);
    await clock.run(line.change({ baudRate: 9600 }));
    expect(fake.sent.map((byte) => byte & 0x7f)).toEqual([...bytes('\x06050\r\n')]);
  });
});

describe('an adapter that goes without a word', () => {
  const gone = async (isListed: () => Promise<boolean>, unplug: (fake: FakeSerial) => void = () => undefined) => {
    const clock = virtualClock(undefined, 0);
    const fake = fakeSerial();
    const port = webSerialPort(fake.port, INFO, clock, isListed);
    const line = await clock.run(openLine(port, { baudRate: 300, framing: '7E1', clock }));
    await clock.run(line.write(bytes('/?!')));
    unplug(fake);
    const end = line.read(() => 'more', { firstByteMs: 1500, interByteMs: 200 });
    return { clock, line, end: clock.run(end) };
  };

  it('is not said to give no answer', async () => {
    const { end, line, clock } = await gone(() => Promise.resolve(false));
    await expect(end).rejects.toMatchObject({ failure: 'lost' });
    await clock.run(line.close());
  });

  it('counts as there where nobody can tell, and is asked no second time', async () => {
    let asked = 0;
    const { end, line, clock } = await gone(() => {
      asked++;
      return new Promise(() => undefined);
    });
    expect(await end).toBe('no answer');
    await clock.run(line.pause(5000));
    expect(await clock.run(line.read(() => 'more', { firstByteMs: 1500, interByteMs: 200 }))).toBe('no answer');
    expect(asked).toBe(1);
  });

  it('is asked for once in two seconds at most, and not by who waits for nothing', async () => {
    let asked = 0;
    const { end, line, clock } = await gone(() => Promise.resolve(++asked > 0));
    expect(await end).toBe('no answer');
    for (let i = 0; i < 10; i++) await clock.run(line.read(() => 'more', { firstByteMs: 100, interByteMs: 100 }));
    await clock.run(line.pause(5000));
    await clock.run(line.read(() => 'more', { firstByteMs: 0, interByteMs: 0 }));
    expect(asked).toBe(1);
  });
});

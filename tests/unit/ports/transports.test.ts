import { afterEach, describe, expect, it, vi } from 'vitest';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import type { PortInfo } from '../../../src/line/port.ts';
import { availableTransports, transports } from '../../../src/ports/index.ts';
import { missingSerial } from '../../../src/ports/serial/missing.ts';
import { usbChipName } from '../../../src/ports/usb-chips.ts';
import { watchSerialPorts } from '../../../src/ports/serial/watch.ts';
import type { KnownPorts, Transport } from '../../../src/ports/transport.ts';
import { watchPorts } from '../../../src/ports/watch-ports.ts';
import { systemClock } from '../../../src/common/clock.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { scriptedPort } from '../line/scripted-port.ts';
import { fakeSerial, type FakeSerial } from './fake-serial.ts';
import { eventually } from '../eventually.ts';

afterEach(() => vi.unstubAllGlobals());

/** `navigator.serial` with some granted ports, which come and go. */
function fakeNavigator(granted: FakeSerial[]) {
  const listeners = new Map<string, (event: { target: unknown }) => void>();
  const serial = {
    getPorts: async () => granted.map(({ port }) => port),
    requestPort: async () => {
      const [first] = granted;
      if (!first) throw new DOMException('No port selected by the user.', 'NotFoundError');
      return first.port;
    },
    addEventListener: (kind: string, listener: (event: { target: unknown }) => void) =>
      void listeners.set(kind, listener),
  };
  return {
    serial: serial as unknown as Serial,
    tell: (kind: string, target?: unknown) => listeners.get(kind)?.({ target }),
  };
}

const info = (ids: Partial<PortInfo>): PortInfo => ({ id: 'x', label: 'x', transport: 'serial', ...ids });

describe('the list of transports', () => {
  it('offers what the browser has, and says what would work where one is missing', async () => {
    vi.stubGlobal('navigator', {});
    vi.stubGlobal('isSecureContext', true);
    expect(availableTransports()).toEqual([]);
    for (const { missing } of transports) expect((await missing()).length).toBeGreaterThan(1);
    vi.stubGlobal('navigator', { serial: {} });
    expect(availableTransports().map(({ name }) => name)).toEqual(['serial']);
  });

  it('names each once, with words for people', () => {
    expect(new Set(transports.map(({ name }) => name)).size).toBe(transports.length);
    for (const { title, action } of transports) expect(`${title} ${action}`).toMatch(/^\S.* .*…$/);
  });

  it('says on each device what would work on it', () => {
    const none = { secure: true, usb: false, bluetooth: false };
    expect(missingSerial({ ...none, secure: false })[0]).toContain('https');
    expect(missingSerial({ ...none, usb: true, bluetooth: true }).join(' ')).toContain('Android 17');
    expect(missingSerial({ ...none, bluetooth: true })[0]).toContain('Bluetooth');
    expect(missingSerial(none).length).toBeGreaterThan(2);
  });

  it('brings no half of the engine into a page', async () => {
    const { output } = await cruise(['src/ports/index.ts'], {
      doNotFollow: { path: 'node_modules' },
      includeOnly: '^src/',
      tsPreCompilationDeps: false,
    });
    const { modules } = output as ICruiseResult;
    const atOnce = (path: string): readonly string[] => {
      const of = modules.find(({ source }) => source === path)?.dependencies ?? [];
      return [path, ...of.filter(({ dynamic }) => !dynamic).flatMap(({ resolved }) => atOnce(resolved))];
    };
    expect(atOnce('src/ports/index.ts').toSorted()).toEqual(['src/ports/index.ts', 'src/ports/serial/index.ts']);
  });
});

describe('Web Serial', () => {
  const [webSerial] = transports;
  if (!webSerial) throw new Error('no transport');

  it('asks the user, and knows the chosen one again among those the engine has', async () => {
    vi.stubGlobal('navigator', { serial: fakeNavigator([fakeSerial()]).serial });
    const isChosen = await webSerial.connect();
    expect(isChosen?.(info({ usbVendorId: 0x0403, usbProductId: 0x6001 }))).toBe(true);
    expect(isChosen?.(info({ usbVendorId: 0x1a86, usbProductId: 0x7523 }))).toBe(false);
    expect(isChosen?.(info({ usbVendorId: 0x0403, usbProductId: 0x6015 }))).toBe(false);
    expect(isChosen?.(info({ usbVendorId: 0x1a86, usbProductId: 0x6001 }))).toBe(false);
    expect(isChosen?.(info({}))).toBe(false);
  });

  it('takes a closed chooser for no failure, and anything else for one', async () => {
    vi.stubGlobal('navigator', { serial: fakeNavigator([]).serial });
    expect(await webSerial.connect()).toBeUndefined();
    vi.stubGlobal('navigator', {
      serial: { requestPort: () => Promise.reject(new DOMException('no', 'SecurityError')) },
    });
    await expect(webSerial.connect()).rejects.toThrow('no');
    const ours = Object.assign(new Error('not found'), { name: 'NotFoundError' });
    vi.stubGlobal('navigator', { serial: { requestPort: () => Promise.reject(ours) } });
    await expect(webSerial.connect()).rejects.toThrow('not found');
  });

  it('says what would work by what else the browser has', async () => {
    const said = async (secure: boolean, has: object) => {
      vi.stubGlobal('isSecureContext', secure);
      vi.stubGlobal('navigator', has);
      return (await webSerial.missing()).join(' ');
    };
    expect(await said(false, { usb: {} })).toBe(
      missingSerial({ secure: false, usb: true, bluetooth: false }).join(' '),
    );
    expect(await said(true, { usb: {} })).toBe(missingSerial({ secure: true, usb: true, bluetooth: false }).join(' '));
    expect(await said(true, { bluetooth: {} })).toBe(
      missingSerial({ secure: true, usb: false, bluetooth: true }).join(' '),
    );
    expect(await said(true, {})).toBe(missingSerial({ secure: true, usb: false, bluetooth: false }).join(' '));
  });

  it('is watched where the engine is', async () => {
    vi.stubGlobal('navigator', { serial: fakeNavigator([fakeSerial()]).serial });
    const ports = await webSerial.watch(systemClock, () => undefined);
    await ports.refresh();
    expect(ports.present).toHaveLength(1);
  });

  it('forgets all that the browser cannot tell apart, and no other', async () => {
    const alike = [fakeSerial(), fakeSerial()];
    const other = fakeSerial();
    other.port.getInfo = () => ({ usbVendorId: 0x1a86, usbProductId: 0x7523 });
    const forgotten: unknown[] = [];
    for (const { port } of [...alike, other]) port.forget = async () => void forgotten.push(port);
    vi.stubGlobal('navigator', { serial: fakeNavigator([...alike, other]).serial });
    await webSerial.forget(info({ usbVendorId: 0x0403, usbProductId: 0x6001 }));
    expect(forgotten).toEqual(alike.map(({ port }) => port));
  });

  it('gives a replugged adapter its old place, and names chip and transport', async () => {
    const granted = [fakeSerial(), fakeSerial()];
    const [first, second] = granted;
    const { serial, tell } = fakeNavigator(granted);
    let changes = 0;
    const ports = watchSerialPorts(serial, systemClock, () => changes++);
    await ports.refresh();
    expect(ports.present.map(({ info: known }) => known)).toEqual([
      {
        id: 'usb:0403:6001#1',
        label: 'FTDI FT232R',
        transport: 'serial',
        chip: 'FTDI FT232R',
        usbVendorId: 0x0403,
        usbProductId: 0x6001,
      },
      expect.objectContaining({ id: 'usb:0403:6001#2', label: 'FTDI FT232R (2)' }),
    ]);
    const [, kept] = ports.present;
    granted.shift();
    tell('disconnect', first?.port);
    expect(ports.lost.map(({ id }) => id)).toEqual(['usb:0403:6001#1']);
    granted.push(fakeSerial());
    tell('connect');
    await eventually(() => expect(ports.lost).toEqual([]));
    expect(ports.present.map(({ info: { id } }) => id)).toEqual(['usb:0403:6001#1', 'usb:0403:6001#2']);
    expect(ports.present[1]).toBe(kept);
    expect(second?.port.connected).toBe(true);
    expect(changes).toBeGreaterThan(2);
  });
});

describe('the ports of Web Serial', () => {
  /** An adapter with these ids; without them it is built in, or comes over Bluetooth. */
  function adapter(ids: SerialPortInfo): FakeSerial {
    const fake = fakeSerial();
    fake.port.getInfo = () => ids;
    return fake;
  }
  const watching = (granted: FakeSerial[]) => {
    const { serial, tell } = fakeNavigator(granted);
    let changes = 0;
    const ports = watchSerialPorts(serial, systemClock, () => changes++);
    return { serial, tell, ports, changes: () => changes, present: () => ports.present.map(({ info: of }) => of) };
  };

  it('are named by what is known of them, and numbered where that is the same', async () => {
    const unknown = { usbVendorId: 0x1234, usbProductId: 0x5678 };
    const { ports, present } = watching([{}, {}, unknown, { usbVendorId: 0x0403 }].map(adapter));
    await ports.refresh();
    expect(present()).toStrictEqual([
      { id: 'serial#1', label: 'Serial port', transport: 'serial' },
      { id: 'serial#2', label: 'Serial port (2)', transport: 'serial' },
      { id: 'usb:1234:5678#1', label: 'USB adapter 1234', transport: 'serial', ...unknown },
      { id: 'usb:0403:0000#1', label: 'FTDI', transport: 'serial', chip: 'FTDI', usbVendorId: 0x0403 },
    ]);
  });

  it('are each the same object as long as they stay plugged in, and another one afterwards', async () => {
    const granted = [adapter({})];
    const { ports } = watching(granted);
    await ports.refresh();
    const [before] = ports.present;
    await ports.refresh();
    expect(ports.present).toHaveLength(1);
    expect(ports.present[0]).toBe(before);
    granted.splice(0, 1, adapter({}));
    await ports.refresh();
    expect(ports.present.map(({ info: { id } }) => id)).toEqual(['serial#1']);
    expect(ports.present[0]).not.toBe(before);
  });

  it('are those that are plugged in: what is granted and out, or granted no more, is not', async () => {
    const granted = [adapter({}), adapter({ usbVendorId: 0x1234 })];
    const [, out] = granted;
    out?.unplug();
    const { ports, present } = watching(granted);
    await ports.refresh();
    expect(present().map(({ id }) => id)).toEqual(['serial#1']);
    out?.plugIn();
    await ports.refresh();
    expect(present().map(({ id }) => id)).toEqual(['serial#1', 'usb:1234:0000#1']);
    granted.shift();
    await ports.refresh();
    expect(present().map(({ id }) => id)).toEqual(['usb:1234:0000#1']);
    expect(ports.lost.map(({ id }) => id)).toEqual(['serial#1']);
  });

  it('go one by one, whichever it is', async () => {
    const granted = [adapter({}), adapter({ usbVendorId: 0x1234 })];
    const { tell, ports, present } = watching(granted);
    await ports.refresh();
    tell('disconnect', granted.pop()?.port);
    expect(present().map(({ id }) => id)).toEqual(['serial#1']);
    await eventually(() => expect(ports.lost).toHaveLength(1));
  });

  it('are told at once when one goes, which a slow answer of before does not bring back', async () => {
    const granted = [adapter({}), adapter({ usbVendorId: 0x1234 })];
    const [first] = granted;
    const { serial, tell, ports, present, changes } = watching(granted);
    await ports.refresh();
    const told = changes();
    let answer: (granted: SerialPort[]) => void = () => undefined;
    serial.getPorts = () => new Promise((resolve) => (answer = resolve));
    const slow = ports.refresh();
    const late = answer;
    tell('disconnect', first?.port);
    expect(changes()).toBe(told + 1);
    expect(present().map(({ id }) => id)).toEqual(['usb:1234:0000#1']);
    late(granted.map(({ port }) => port));
    await slow;
    expect(present().map(({ id }) => id)).toEqual(['usb:1234:0000#1']);
    expect(changes()).toBe(told + 1);
    answer(granted.slice(1).map(({ port }) => port));
    await eventually(() => expect(changes()).toBe(told + 2));
    tell('disconnect', {});
    tell('disconnect');
    expect(present().map(({ id }) => id)).toEqual(['usb:1234:0000#1']);
  });

  it('are looked for while one is read: what went without an event is lost, and is listed so', async () => {
    const granted = [adapter({})];
    const { ports, present } = watching(granted);
    await ports.refresh();
    const [port] = ports.present;
    const told: string[] = [];
    port?.listen(({ kind }) => told.push(kind));
    await port?.open({ baudRate: 300, dataBits: 8, stopBits: 1, parity: 'none' });
    await port?.look?.();
    granted.splice(0);
    await port?.look?.();
    expect(told).toEqual(['ready', 'lost']);
    await eventually(() => expect([present().length, ports.lost.length]).toEqual([0, 1]));
    await port?.close();
  });

  it('may be asked for in vain: that is an error in the console, and the next event asks again', async () => {
    const console = vi.spyOn(globalThis.console, 'error').mockImplementation(() => undefined);
    const { serial, tell, ports, present } = watching([adapter({})]);
    const { getPorts } = serial;
    serial.getPorts = () => Promise.reject(new Error('no ports today'));
    tell('connect');
    await eventually(() => expect(console).toHaveBeenCalledWith(expect.anything(), new Error('no ports today')));
    await expect(ports.refresh()).rejects.toThrow('no ports today');
    serial.getPorts = getPorts;
    tell('connect');
    await eventually(() => expect(present()).toHaveLength(1));
    console.mockRestore();
  });

  it.each([
    [undefined, 0x6001, undefined],
    [0x0403, 0x6015, 'FTDI FT230X'],
    [0x0403, 0x9999, 'FTDI'],
    [0x1a86, 0x5523, 'WCH CH341'],
    [0x067b, undefined, 'Prolific'],
    [0x2341, 0x0043, 'Arduino'],
    [0x6001, 0x6001, undefined],
  ])('%s:%s has the chip %s', (vendor, product, name) => {
    expect(usbChipName(vendor, product)).toBe(name);
  });
});

describe('the ports of several transports', () => {
  const clock = virtualClock();
  const port = scriptedPort(clock);
  const known: KnownPorts = { present: [port], lost: [info({ id: 'gone' })], refresh: () => Promise.resolve() };
  const dummy = (watch: Transport['watch']): Transport => ({
    name: 'dummy',
    title: 'Dummy',
    action: 'Connect…',
    isHere: () => true,
    missing: () => Promise.resolve([]),
    connect: () => Promise.resolve(undefined),
    forget: () => Promise.resolve(),
    watch,
  });

  it('are one list, one after the other, and none before they were asked for', async () => {
    const ports = watchPorts([dummy(async () => known), dummy(async () => known)], clock, () => undefined);
    expect(ports.present).toEqual([]);
    await ports.refresh();
    expect(ports.present).toEqual([port, port]);
    expect(ports.lost.map(({ id }) => id)).toEqual(['gone', 'gone']);
  });

  it('are watched once each, and asked with every refresh', async () => {
    let watched = 0;
    let asked = 0;
    const counting = {
      ...known,
      async refresh() {
        asked++;
      },
    };
    const ports = watchPorts([dummy(async () => (watched++, counting))], clock, () => undefined);
    await Promise.all([ports.refresh(), ports.refresh()]);
    await ports.refresh();
    expect([watched, asked]).toEqual([1, 3]);
  });

  it('do without one that fails, which is tried again', async () => {
    let fails = true;
    const failing = dummy(async () => {
      if (fails) throw new Error('not loaded');
      return known;
    });
    const ports = watchPorts([failing, dummy(async () => known)], clock, () => undefined);
    await expect(ports.refresh()).rejects.toThrow('not loaded');
    expect(ports.present).toEqual([port]);
    fails = false;
    await ports.refresh();
    expect(ports.present).toEqual([port, port]);
  });
});

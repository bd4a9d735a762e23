import { beforeEach, describe, expect, test } from 'vitest';
import type { AtPortMode, AtPortSettings } from '../../../src/engine/ams-api.ts';
import { type AtPortParts, type AtPortService, createAtPortService } from '../../../src/engine/at-port.ts';
import { createPortRegistry, type PortRegistry } from '../../../src/engine/port-registry.ts';
import type { Turn } from '../../../src/engine/seat.ts';
import { portOver, type Driver } from '../../../src/line/port-over.ts';
import { type Port, PortError, type PortEvent } from '../../../src/line/port.ts';
import { fromLatin1, toLatin1 } from '../../../src/common/bytes.ts';
import { type VirtualClock, virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { memoryHost } from '../at/terminal.ts';

/** AT commands on a serial port: what a peer may do, and how the service outlives reload, takeover and replug. */

const PORT = 'usb:0403:6001#1';

let clock: VirtualClock;
let host: ReturnType<typeof memoryHost>;
let stored: AtPortSettings | undefined;
let storage: 'works' | 'is full';
let usedByMeters: boolean;
let adapter: FakeAdapter;
let registry: PortRegistry;
let errors: unknown[];
let service: AtPortService;

interface FakeAdapter {
  plugged: boolean;
  /** Why opening fails; undefined: it opens. */
  refusal: PortError | undefined;
  opened: number;
  closed: number;
  isOpen: boolean;
  sent: string;
  receive(text: string): void;
  lose(): void;
  readonly driver: Driver;
  readonly port: Port;
}

function fakeAdapter(): FakeAdapter {
  let tell: (event: PortEvent) => void = () => undefined;
  const driver: Driver = {
    async open(_settings, _signals, newTell) {
      await clock.sleep(8);
      if (self.refusal) throw self.refusal;
      self.opened++;
      self.isOpen = true;
      tell = newTell;
      tell({ kind: 'ready' });
    },
    async close() {
      await clock.sleep(3);
      if (self.isOpen) self.closed++;
      self.isOpen = false;
    },
    async write(bytes) {
      if (!self.isOpen) throw new PortError('lost', 'The adapter is gone.');
      self.sent += toLatin1(bytes);
      await clock.sleep(1);
    },
  };
  const self: FakeAdapter = {
    plugged: true,
    refusal: undefined,
    opened: 0,
    closed: 0,
    isOpen: false,
    sent: '',
    receive: (text) => self.isOpen && tell({ kind: 'data', bytes: fromLatin1(text) }),
    lose() {
      self.plugged = self.isOpen = false;
      tell({ kind: 'lost', reason: 'The adapter is gone.' });
    },
    driver,
    port: portOver(driver, {
      info: { id: PORT, label: 'FTDI FT232R', transport: 'serial' },
      capabilities: { reconfigure: 'reopen', signals: false, lineErrors: true },
      clock,
    }),
  };
  return self;
}

/** A window that owns the engine: what is stored stays from one to the next. */
function startWindow(): AtPortService {
  registry = createPortRegistry({
    clock,
    present: () => (adapter.plugged ? [{ port: adapter.port, clock }] : []),
    lost: () => [],
    onChange: () => undefined,
  });
  const parts: AtPortParts = {
    registry,
    host: host.host,
    clock,
    obstacle: (portId) =>
      usedByMeters
        ? 'A meter of the list is read through this port.'
        : registry.find(portId)
          ? undefined
          : 'The adapter is not plugged in.',
    stored: () => Promise.resolve(stored),
    keep: (settings) => {
      if (storage === 'is full') return Promise.reject(new Error('full'));
      stored = settings;
      return Promise.resolve();
    },
    onError: (error) => errors.push(error),
    onChange: () => undefined,
  };
  return createAtPortService(parts);
}

beforeEach(() => {
  clock = virtualClock(0);
  host = memoryHost();
  stored = undefined;
  storage = 'works';
  usedByMeters = false;
  errors = [];
  adapter = fakeAdapter();
  service = startWindow();
});

const reading = (): Turn => ({ rank: 'person', text: 'reading', signal: new AbortController().signal });
const settings = (mode: AtPortMode): AtPortSettings => ({ portId: PORT, baudRate: 9600, mode });
const serve = (mode: AtPortMode) => clock.run(service.serve(settings(mode)));
const pass = (ms: number) => clock.run(clock.sleep(ms));

/** What comes back for a line of the peer, without its echo. */
async function ask(line: string): Promise<string> {
  adapter.sent = '';
  adapter.receive(`${line}\r`);
  await pass(2000);
  return adapter.sent.replace(`${line}\r`, '');
}

const OK = '\r\nOK\r\n';
const ERROR = '\r\nERROR\r\n';

const telling = [
  'AT',
  'ATI',
  'AT^SCAMS?',
  'AT^SCAMS="ENABLE"',
  'AT^SCAMS="RETRY"',
  'AT^SCDATA="GET_OLDEST"',
  'AT^SCPORT2?',
  'AT^SCAMS="DIRECT_READ",2,1,""',
];
const changing = [
  'AT^SCAMS="ENABLE",1',
  'AT^SCAMS="RETRY",2',
  'AT^SCAMS="DEV_ADD",2,1,"","1H"',
  'AT^SCPORT2="BAUDRATE",2400',
  'AT^SCPORT2="SRESTART"',
];
const deleting = [
  'AT^SCDATA="DEL_ALL"',
  'AT^SCDATA="DEL_OLDEST"',
  'AT^SCAMS="DEV_CLEAR"',
  'AT^SCAMSADD=2,2,2400,"1M",2',
];

describe('what the peer may do', () => {
  test('read-only: tell and read, nothing else', async () => {
    await serve('read-only');
    for (const line of telling) expect(await ask(line), line).toMatch(/\r\nOK\r\n$/);
    for (const line of [...changing, ...deleting]) expect(await ask(line), line).toBe(ERROR);
    expect(host.state).toMatchObject({
      deleted: [],
      detections: [],
      meters: [],
      enabled: false,
      retries: 0,
      ports: [],
    });
    expect(service.state).toMatchObject({ refused: 9, lastRefused: deleting.at(-1) });
    expect(service.state?.question).toBeUndefined();
  });

  test('full: everything', async () => {
    await serve('full');
    for (const line of [...telling, ...changing, ...deleting]) expect(await ask(line), line).toMatch(/\r\nOK\r\n$/);
    expect(service.state).toMatchObject({ refused: 0 });
  });

  test('confirm: what changes or deletes waits for a yes', async () => {
    await serve('confirm');
    for (const line of telling) expect(await ask(line), line).toMatch(/\r\nOK\r\n$/);
    for (const yes of [false, true]) {
      adapter.sent = '';
      adapter.receive('AT^SCDATA="DEL_ALL"\r');
      await pass(2000);
      expect(host.state.deleted).toEqual([]);
      const { question } = service.state ?? {};
      expect(question).toMatchObject({ line: 'AT^SCDATA="DEL_ALL"', help: 'Deletes all records' });
      service.answer((question?.number ?? 0) - 1, !yes);
      service.answer(question?.number ?? 0, yes);
      await pass(10);
      expect(adapter.sent.endsWith(yes ? OK : ERROR)).toBe(true);
      expect(service.state?.question).toBeUndefined();
    }
    expect(host.state.deleted).toEqual(['all']);
    expect(service.state).toMatchObject({ refused: 1 });
  });

  test('a question nobody answers is a no, and so is one whose port is lost or stopped', async () => {
    await serve('confirm');
    adapter.receive('AT^SCDATA="DEL_ALL"\r');
    await pass(65_000);
    expect(adapter.sent).toContain(ERROR);
    expect(service.state?.question).toBeUndefined();

    adapter.receive('AT^SCDATA="DEL_ALL"\r');
    await pass(2000);
    expect(service.state?.question).toBeDefined();
    adapter.lose();
    await pass(10);
    expect(service.state).toMatchObject({ state: 'waiting' });
    expect(service.state?.question).toBeUndefined();

    adapter.plugged = true;
    await pass(5000);
    adapter.receive('AT^SCDATA="DEL_ALL"\r');
    await pass(2000);
    const number = service.state?.question?.number ?? 0;
    await clock.run(service.serve(undefined));
    service.answer(number, true);
    await pass(1000);
    expect(host.state.deleted).toEqual([]);
  });
});

describe('goes on', () => {
  test('after a reload, with the same port, rate and mode', async () => {
    await serve('confirm');
    adapter = fakeAdapter();
    service = startWindow();
    expect(service.state).toBeUndefined();
    await clock.run(service.resume());
    await pass(100);
    expect(service.state).toMatchObject({ ...settings('confirm'), state: 'answering' });
    expect(await ask('AT')).toBe(OK);
  });

  test('in the window that takes over, while the old one still has the port open', async () => {
    await serve('read-only');
    service = startWindow();
    adapter.refusal = new PortError('busy', 'The port is in use.');
    await clock.run(service.resume());
    await pass(3000);
    expect(service.state).toMatchObject({ state: 'waiting', reason: 'The port is in use.' });
    adapter.refusal = undefined;
    await pass(3000);
    expect(service.state).toMatchObject({ state: 'answering', reason: '' });
  });

  test('when the adapter is plugged in again, at once', async () => {
    await serve('read-only');
    adapter.lose();
    await pass(100);
    expect(service.state).toMatchObject({ state: 'waiting', reason: 'The adapter is not plugged in.' });
    await pass(3_600_000);
    adapter.plugged = true;
    service.look();
    await pass(100);
    expect(service.state).toMatchObject({ state: 'answering' });
    expect(await ask('AT')).toBe(OK);
    expect(errors).toEqual([]);
  });

  test('not after it was stopped', async () => {
    await serve('full');
    await clock.run(service.serve(undefined));
    expect(service.state).toBeUndefined();
    expect(adapter.isOpen).toBe(false);
    service = startWindow();
    await clock.run(service.resume());
    await pass(5000);
    expect(service.state).toBeUndefined();
    expect(adapter.opened).toBe(1);
  });

  test('on a full disk too, and says that a reload will end it', async () => {
    storage = 'is full';
    await serve('full');
    expect(await ask('AT')).toBe(OK);
    expect(service.state).toMatchObject({ kept: false });
    expect(errors).toHaveLength(1);
  });
});

describe('the port', () => {
  test('is not one that listed meters use', async () => {
    usedByMeters = true;
    await expect(serve('read-only')).rejects.toThrow('A meter of the list is read through this port.');
    expect(adapter.opened).toBe(0);
    expect(stored).toBeUndefined();
  });

  test('is given back when a meter comes to be listed there, and taken again when it goes', async () => {
    await serve('read-only');
    usedByMeters = true;
    service.look();
    await pass(10);
    expect(service.state).toMatchObject({ state: 'waiting', reason: 'A meter of the list is read through this port.' });
    expect(await clock.run(registry.use(PORT, reading(), () => Promise.resolve('read')))).toBe('read');
    usedByMeters = false;
    service.look();
    await pass(100);
    expect(service.state).toMatchObject({ state: 'answering' });
  });

  test('is refused to others in words while it is served, and free afterwards', async () => {
    await serve('read-only');
    const read = () => registry.use(PORT, reading(), () => Promise.resolve('read'));
    await expect(read()).rejects.toThrow('This port is answering AT commands.');
    await clock.run(service.serve(undefined));
    expect(await clock.run(read())).toBe('read');
  });

  test('that another program has is tried again now and then, however much happens here', async () => {
    await serve('read-only');
    adapter.refusal = new PortError('busy', 'The port is in use.');
    let tries = 0;
    const { open } = adapter.driver;
    adapter.driver.open = (...how) => {
      tries++;
      return open(...how);
    };
    adapter.lose();
    adapter.plugged = true;
    for (let i = 0; i < 200; i++) {
      service.look();
      await pass(100);
    }
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(15);
  });

  test('that is busy is waited for, and whoever stops that is answered at once', async () => {
    let end: () => void = () => undefined;
    const readingEnds = new Promise<void>((resolve) => (end = resolve));
    const read = registry.use(PORT, reading(), () => readingEnds);
    const starting = service.serve(settings('full'));
    starting.catch(() => undefined);
    await pass(60_000);
    expect(service.state).toMatchObject({
      state: 'waiting',
      reason: 'This port is reading: its turn comes after that.',
    });
    await clock.run(service.serve(undefined));
    await expect(starting).rejects.toThrow('no longer answered');
    end();
    await read;
    await pass(1000);
    expect(adapter.opened).toBe(0);
  });

  test('that can not be opened is an error at once and is not kept; what was served before goes on', async () => {
    adapter.refusal = new PortError('busy', 'The port is in use.');
    await expect(serve('full')).rejects.toThrow('in use');
    await pass(5000);
    expect(service.state).toBeUndefined();
    expect(stored).toBeUndefined();

    adapter.refusal = undefined;
    await serve('read-only');
    await expect(clock.run(service.serve({ ...settings('full'), portId: 'gone' }))).rejects.toThrow('not plugged in');
    await pass(100);
    expect(service.state).toMatchObject({ ...settings('read-only'), state: 'answering' });
    expect(stored).toEqual(settings('read-only'));
  });

  test('that gives back what is sent on it is told', async () => {
    await serve('full');
    adapter.driver.write = async (bytes) => {
      adapter.sent += toLatin1(bytes);
      await clock.sleep(1);
      adapter.receive(toLatin1(bytes));
    };
    expect(await ask('AT^SCDATA="DEL_OLDEST",2')).toBe(OK);
    expect(host.state.deleted).toEqual([2]);
    expect(service.state).toMatchObject({ echoes: true });
    expect(await ask('AT^SCDATA="DEL_OLDEST",2')).toBe(OK);
    expect(host.state.deleted).toEqual([2, 2]);
  });

  test('a megabyte of input is refused with ERROR and ends nothing', async () => {
    await serve('full');
    let answer: (count: number) => void = () => undefined;
    host.host.recordCount = () => new Promise((resolve) => (answer = resolve));
    adapter.receive('AT^SCDATA="MESS_CNT"\r');
    await pass(100);
    for (let i = 0; i < 300; i++) adapter.receive(`${'x'.repeat(4095)}\r`);
    answer(3);
    await pass(5000);
    expect(adapter.sent).toMatch(/"MESS_CNT",3\r\n\r\nOK\r\n\r\nERROR\r\n$/);
    expect(service.state).toMatchObject({ state: 'answering' });
    expect(await ask('AT')).toBe(OK);
  });

  test('whose driver takes nothing any more is closed and opened again', async () => {
    await serve('full');
    const { write } = adapter.driver;
    adapter.driver.write = () => new Promise(() => undefined);
    adapter.receive('AT\r');
    await pass(12_000);
    adapter.driver.write = write;
    await pass(5000);
    expect(adapter.opened).toBe(2);
    expect(await ask('AT')).toBe(OK);
  });

  test('Ctrl-C of the peer ends the command that runs', async () => {
    host.host.directRead = (_request, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    await serve('read-only');
    adapter.receive('AT^SCAMS="DIRECT_READ",2,1,""\r');
    await pass(1000);
    adapter.receive('\x03');
    await pass(100);
    expect(adapter.sent.endsWith(ERROR)).toBe(true);
  });

  test('characters that do not fit into a byte become no others', async () => {
    await serve('read-only');
    host.host.listMeters = () =>
      Promise.resolve([{ port: 2, protocol: 'IEC62056-21', address: '\u010dAT\u015eSCAMS', interval: '1H' }]);
    expect(await ask('AT^SCAMS?')).toBe(`\r\n^SCAMS: 1> 2,"IEC62056-21","?AT?SCAMS","1H"\r\n${OK}`);
  });
});

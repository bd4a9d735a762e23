import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DecodeEvent } from '../../../../src/archive/api.ts';
import { decodePasted } from '../../../../src/archive/decode-pasted.ts';
import { archiveHandlers } from '../../../../src/archive/handlers.ts';
import { createAtInterpreter } from '../../../../src/at/interpreter.ts';
import { helpPage } from '../../../../src/at/help.ts';
import { createAtHost } from '../../../../src/engine/at-host.ts';
import { createPortRegistry } from '../../../../src/engine/port-registry.ts';
import { simulatedPorts } from '../../../../src/engine/simulated-ports.ts';
import { readMeter } from '../../../../src/engine/read-meter.ts';
import { openStation, type Station } from '../../../../src/engine/station.ts';
import { createTraceBook } from '../../../../src/engine/traces.ts';
import { connectDatabase, type Database } from '../../../../src/log/database.ts';
import { parseFilter } from '../../../../src/log/filter/parse.ts';
import { openReader, type LogReader } from '../../../../src/log/reader.ts';
import { openLog, type RecordLog } from '../../../../src/log/ring.ts';
import { loadErrorBook } from '../../../../src/protocols/error-book.ts';
import { protocols } from '../../../../src/protocols/registry.ts';
import type * as RegistryModule from '../../../../src/protocols/registry.ts';
import { virtualClock, type VirtualClock } from '../../../../src/simulator/virtual-clock.ts';
import { ReadDesk } from '../../../../src/views/read/read-desk.svelte.ts';
import { offeredRemedies } from '../../../../src/views/read/remedies.ts';
import { Announcer } from '../../../../src/views/shell/announcer.svelte.ts';
import { describeFrame } from '../../../../src/views/tools/decoder/frame-words.ts';
import { dummy } from './index.ts';
import '../../engine/loaded.ts';

type Registry = typeof RegistryModule;

// The one line: everything below is as it is for every protocol.
vi.mock('../../../../src/protocols/registry.ts', async (original) => {
  const registry = await original<Registry>();
  const { dummy: added } = await import('./index.ts');
  return { ...registry, protocols: registry.createProtocols([...registry.protocols.all, added]) };
});

const START = Date.UTC(2026, 10, 20, 10);
const signal = new AbortController().signal;
const PORT = 'simulated:dummy';

let names = 0;
let clock: VirtualClock;
let log: RecordLog;
let database: Database;
let reader: LogReader;
let station: Station;

beforeEach(async () => {
  const name = `dummy-${names++}`;
  clock = virtualClock(START);
  log = await openLog({ clock, name });
  database = connectDatabase(name);
  reader = openReader({ name });
  const ports = await simulatedPorts(protocols.all, clock, () => ({ faults: {} }));
  const registry = createPortRegistry({
    clock,
    present: () => ports,
    lost: () => [],
    onChange: () => undefined,
  });
  expect(registry.states().at(-2)).toMatchObject({
    info: { id: PORT, label: 'Simulated: Dummy meter' },
    description: 'Counts up by one with each answer.',
    suggested: { protocol: 'DUMMY', address: 'AB', settings: {} },
  });
  station = await openStation({
    clock,
    log,
    database,
    protocols,
    registry,
    traces: createTraceBook(clock),
    read: (request) => readMeter(request),
    onChange: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
  await station.bindPort(1, PORT);
});

afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  log.close();
  database.close();
});

/** An AT command, and what comes back. */
async function at(command: string): Promise<string> {
  let answer = '';
  const host = createAtHost({
    station,
    log,
    reader: () => reader,
    detect: () => Promise.reject(new Error('not asked for')),
    protocols,
    version: '1',
    serialNumber: '1',
  });
  const interpreter = createAtInterpreter(host, (text) => void (answer += text));
  await clock.run(Promise.resolve(interpreter.input(`${command}\r`)));
  return answer;
}

test('is offered, filled in and remembered on Read like any other', () => {
  const ports = [{ info: { id: PORT, label: 'Dummy port' }, state: 'ready', text: '', echo: 'unknown' }];
  const watch = { ports, state: { ams: { ports: [] } } };
  const desk = new ReadDesk({} as never, {} as never, watch as never, new Announcer());
  desk.choose(PORT);
  desk.protocol = dummy;
  expect(desk.isAddressWrong).toBe(true);
  desk.address = 'ab@9600';
  expect(desk.isAddressWrong).toBe(false);
  expect(desk.settings).toEqual({ speed: 1200, patienceMs: 1000, retries: 0, speaks: false });
  desk.change({ patienceMs: 2000 });
  expect(desk.settings['patienceMs']).toBe(2000);
  expect(desk.layers.set).toEqual({ patienceMs: 2000 });
});

test('has its codes in the book, its remedies as buttons, and its frames explained', async () => {
  const book = await loadErrorBook(protocols);
  const row = book.find(9_000_003);
  expect(row).toMatchObject({ table: 'Dummy', headline: 'No answer at {rate}.' });
  const tried = { protocol: dummy, address: 'AB', settings: { patienceMs: 1000, speed: 1200 } };
  const offers = offeredRemedies(row?.remedies ?? [], tried);
  expect(offers.map(({ words, changes }) => [words, changes])).toEqual([
    ['Try again', {}],
    ['Wait longer', { patienceMs: 3000 }],
  ]);
  const item = { protocol: 'DUMMY', identification: 'AB', data: 'AB=1', line: 0, facts: [], problems: [] };
  expect(describeFrame(item, await dummy.parts.explainer())).toMatchObject({ kind: 'Dummy readout', meter: 'AB' });
});

test('is listed, read, scheduled, filtered, charted and exported', async () => {
  expect(await station.add({ port: 1, protocol: 'dummy', address: 'A1', interval: '1M' })).toMatchObject({
    ok: false,
    fault: { kind: 'address', message: '“A1” is not two letters.' },
  });
  expect(await at('AT^SCAMS="DEV_ADD",1,77,"AB","1M"')).toContain('OK');
  expect(await at('AT^SCAMS?')).toContain('^SCAMS: 1> 1,"DUMMY","AB","1M"');

  const byHand = await clock.run(station.readNow('1', { signal }));
  expect(byHand).toMatchObject({ kept: true, record: { protocol: 'DUMMY', errorCode: 0, data: 'AB=42', meter: 1 } });
  await station.setSchedule({ enabled: true });
  for (let second = 0; second < 125; second++) {
    await clock.run(clock.sleep(1000));
    station.tick();
  }
  while (station.state().due > 0) await clock.run(clock.sleep(1000));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(log.count).toBeGreaterThanOrEqual(3);

  const { filter } = parseFilter('PROTOCOL==DUMMY;ERROR_CODE==0');
  const archive = archiveHandlers({
    reader,
    clock,
    name: `dummy-${names - 1}`,
    openFiles: () => Promise.reject(new Error('no second copy here')),
  });
  await reader.load();
  const context = { signal, emit: () => undefined };
  expect(filter && (await reader.count(filter))).toBe(log.count);
  const series = await archive.series({ meter: 1, codes: ['F'], maxPoints: 100, thinning: 'extremes' }, context);
  expect(series.total).toBe(log.count);
  const { files } = await archive.export({ format: 'valuereport' }, context);
  const text = (await files[0]?.content.text()) ?? '';
  expect(text).toContain('42');
  expect(text.trimEnd().split('\r\n')).toHaveLength(log.count + 1);
});

test('answers DIRECT_READ with its own extra parameter, and says in help how it is written', async () => {
  expect(await at('AT^SCAMS="DIRECT_READ",1,"DUMMY","AB",1200')).toContain('^SCAMS: 0,"AB","AB=42"');
  expect(await at('AT^SCAMS="DIRECT_READ",1,"DUMMY","ZZ"')).toContain('^SCAMS: 9000003,"",""');
  expect(await at('AT^SCAMS="DIRECT_READ",1,"DUMMY","AB",50')).toContain('ERROR');
  expect(JSON.stringify(helpPage({ protocols: protocols.all }))).toContain('\\"AB\\" (DUMMY)');
});

test('is recognized in what people paste: text, hexadecimal, a column of a table', async () => {
  const emitted: DecodeEvent[] = [];
  const pasted = ['AB=42', 'CD=7'];
  const hex = pasted.map((text) => Buffer.from(`${text}\r`).toString('hex'));
  for (const text of [pasted.join('\n'), hex.join('\n'), `time;data\n1;${pasted.join('\n2;')}`]) {
    emitted.length = 0;
    const summary = await decodePasted(text, { signal, emit: (event) => void emitted.push(event) });
    expect(summary).toEqual({ found: 2, problems: [] });
    const items = emitted.flatMap((event) => event.items);
    expect(items.map((item) => [item.protocol, item.identification, item.data, item.readings])).toEqual([
      ['DUMMY', 'AB', 'AB=42', 2],
      ['DUMMY', 'CD', 'CD=7', 2],
    ]);
  }
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DecodeEvent } from '../../../../src/archive/api.ts';
import { decodePasted } from '../../../../src/archive/decode-pasted.ts';
import { archiveHandlers } from '../../../../src/archive/handlers.ts';
import { helpPage } from '../../../../src/at/help.ts';
import { parseFilter } from '../../../../src/log/filter/parse.ts';
import { loadErrorBook } from '../../../../src/protocols/error-book.ts';
import { protocols } from '../../../../src/protocols/registry.ts';
import type * as RegistryModule from '../../../../src/protocols/registry.ts';
import { ReadDesk } from '../../../../src/views/read/read-desk.svelte.ts';
import { offeredRemedies } from '../../../../src/views/read/remedies.ts';
import { Announcer } from '../../../../src/views/shell/announcer.svelte.ts';
import { describeFrame } from '../../../../src/views/tools/decoder/frame-words.ts';
import { turns } from '../../engine/turns.ts';
import { openHouse, type House } from '../house.ts';
import { dummy } from './index.ts';

type Registry = typeof RegistryModule;

// The one line: everything below is as it is for every protocol.
vi.mock('../../../../src/protocols/registry.ts', async (original) => {
  const registry = await original<Registry>();
  const { dummy: added } = await import('./index.ts');
  return { ...registry, protocols: registry.createProtocols([...registry.protocols.all, added]) };
});

const signal = new AbortController().signal;
const PORT = 'simulated:dummy';

let house: House;

beforeEach(async () => {
  house = await openHouse(protocols);
  expect(house.registry.states().at(-2)).toMatchObject({
    info: { id: PORT, label: 'Simulated: Dummy meter' },
    description: 'Counts up by one with each answer.',
    suggested: { protocol: 'DUMMY', address: 'AB', settings: {} },
  });
  await house.station.bindPort(1, PORT);
});

afterEach(() => house.close());

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
  expect(await house.station.add({ port: 1, protocol: 'dummy', address: 'A1', interval: '1M' })).toMatchObject({
    ok: false,
    fault: { kind: 'address', message: '“A1” is not two letters.' },
  });
  expect(await house.at('AT^SCAMS="DEV_ADD",1,77,"AB","1M"')).toContain('OK');
  expect(await house.at('AT^SCAMS?')).toContain('^SCAMS: 1> 1,"DUMMY","AB","1M"');

  const byHand = await house.clock.run(house.station.readNow('1', { signal }));
  expect(byHand).toMatchObject({ kept: true, record: { protocol: 'DUMMY', errorCode: 0, data: 'AB=42', meter: 1 } });
  await house.station.setSchedule({ enabled: true });
  for (let second = 0; second < 125; second++) {
    await house.clock.run(house.clock.sleep(1000));
    house.station.tick();
  }
  while (house.station.state().due > 0) await house.clock.run(house.clock.sleep(1000));
  await turns();
  expect(house.log.count).toBeGreaterThanOrEqual(3);

  const { filter } = parseFilter('PROTOCOL==DUMMY;ERROR_CODE==0');
  const archive = archiveHandlers({
    reader: house.reader,
    clock: house.clock,
    name: house.name,
    openFiles: () => Promise.reject(new Error('no second copy here')),
  });
  await house.reader.load();
  const context = { signal, emit: () => undefined };
  expect(filter && (await house.reader.count(filter))).toBe(house.log.count);
  const series = await archive.series({ meter: 1, codes: ['F'], maxPoints: 100, thinning: 'extremes' }, context);
  expect(series.total).toBe(house.log.count);
  const { files } = await archive.export({ format: 'valuereport' }, context);
  const text = (await files[0]?.content.text()) ?? '';
  expect(text).toContain('42');
  expect(text.trimEnd().split('\r\n')).toHaveLength(house.log.count + 1);
});

test('answers DIRECT_READ with its own extra parameter, and says in help how it is written', async () => {
  expect(await house.at('AT^SCAMS="DIRECT_READ",1,"DUMMY","AB",1200')).toContain('^SCAMS: 0,"AB","AB=42"');
  expect(await house.at('AT^SCAMS="DIRECT_READ",1,"DUMMY","ZZ"')).toContain('^SCAMS: 9000003,"",""');
  expect(await house.at('AT^SCAMS="DIRECT_READ",1,"DUMMY","AB",50')).toContain('ERROR');
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

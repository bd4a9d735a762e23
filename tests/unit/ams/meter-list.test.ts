import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { intervals } from '../../../src/ams/intervals.ts';
import {
  addMeter,
  changeMeter,
  indexOfMeter,
  type MeterList,
  moveMeter,
  removeMeter,
  setMeterInterval,
} from '../../../src/ams/meter-list.ts';
import { exportMetersCsv, exportMetersJson, importMeters } from '../../../src/ams/meter-list-file.ts';
import type { Checked, MeterDraft } from '../../../src/ams/meter.ts';
import { protocolName } from '../../../src/protocols/names.ts';
import { createProtocols, protocols } from '../../../src/protocols/registry.ts';
import { registry } from './fixtures.ts';

const draft: MeterDraft = { port: 2, protocol: 'IEC62056-21', address: '947834', interval: '3M' };

function value<T>(checked: Checked<T>): T {
  if (!checked.ok) throw new Error(checked.fault.message);
  return checked.value;
}

function listOf(count: number): MeterList {
  let list: MeterList = [];
  for (let i = 1; i <= count; i++) {
    list = value(addMeter(list, { ...draft, address: i.toString() }, registry, { id: `m${i}`, now: 1000 }));
  }
  return list;
}

const addresses = (list: MeterList) => list.map((meter) => meter.address).join(' ');

describe('protocols', () => {
  test('by number or name, in either case', () => {
    expect(protocolName(2)).toBe('MBUS');
    expect(protocolName('2')).toBe('MBUS');
    expect(protocolName('mbus')).toBe('MBUS');
    expect(protocolName('iec62056-21')).toBe('IEC62056-21');
    for (const text of ['', '4', 'toString', 'IEC', '1e0', '-1']) expect(protocolName(text)).toBeUndefined();
    expect(protocols.find('mbus')?.number).toBe(2);
    expect(createProtocols([]).find('MBUS')).toBeUndefined();
  });
});

describe('meter list', () => {
  test('adds what AT^SCAMS="DEV_ADD" states, normalized', () => {
    const list = value(addMeter([], { ...draft, protocol: 1, interval: '3m' }, registry, { id: 'x', now: 5 }));
    expect(list).toEqual([
      { id: 'x', port: 2, protocol: 'IEC62056-21', address: '947834', interval: '3M', enabled: true, since: 5 },
    ]);
  });

  test('holds 64', () => {
    const refused = addMeter(listOf(64), draft, registry, { id: 'x', now: 0 });
    expect(refused).toMatchObject({ ok: false, fault: { kind: 'list full' } });
  });

  test.each([
    [{ port: 0 }, 'port'],
    [{ port: 129 }, 'port'],
    [{ port: 1.5 }, 'port'],
    [{ port: Number.NaN }, 'port'],
    [{ protocol: 'X25' }, 'protocol'],
    [{ protocol: 'AIN_DIN' }, 'protocol not on port'],
    [{ port: 128 }, 'protocol not on port'],
    [{ interval: '7M' }, 'interval'],
    [{ address: 'bad' }, 'address'],
    [{ address: 'x'.repeat(1001) }, 'text too long'],
    [{ notes: 'x'.repeat(2001) }, 'text too long'],
  ])('refuses %j: %s', (change, kind) => {
    expect(addMeter([], { ...draft, ...change }, registry, { id: 'x', now: 0 })).toMatchObject({
      ok: false,
      fault: { kind },
    });
    expect(changeMeter(listOf(1), 1, change, registry, 0)).toMatchObject({ ok: false, fault: { kind } });
  });

  test('removes, moves and changes by 1-based index and leaves the old list alone', () => {
    const list = listOf(4);
    expect(addresses(value(removeMeter(list, 2)))).toBe('1 3 4');
    expect(addresses(value(moveMeter(list, 4, 1)))).toBe('4 1 2 3');
    expect(addresses(value(moveMeter(list, 1, 3)))).toBe('2 3 1 4');
    expect(value(changeMeter(list, 3, { name: 'Cellar' }, registry, 9))[2]).toMatchObject({
      name: 'Cellar',
      since: 1000,
      id: 'm3',
    });
    expect(addresses(list)).toBe('1 2 3 4');
    for (const index of [0, 5, -1, 1.5, Number.NaN]) {
      expect(removeMeter(list, index)).toMatchObject({ ok: false, fault: { kind: 'no such meter' } });
      expect(moveMeter(list, 1, index).ok).toBe(false);
      expect(setMeterInterval(list, index, '1H', 0).ok).toBe(false);
    }
    expect(indexOfMeter(list, 'm3')).toBe(3);
    expect(indexOfMeter(list, 'gone')).toBe(0);
  });

  test('a new interval and enabling again begin anew, so that no old slot is owed', () => {
    const list = listOf(3);
    const all = value(setMeterInterval(list, 'ALL', '30m', 77));
    expect(all.map(({ interval, since }) => [interval, since])).toEqual([
      ['30M', 77],
      ['30M', 77],
      ['30M', 77],
    ]);
    expect(value(setMeterInterval(list, 2, '3M', 77))[1]?.since).toBe(1000);
    expect(setMeterInterval(list, 'ALL', '9M', 77).ok).toBe(false);
    const off = value(changeMeter(list, 1, { enabled: false }, registry, 50));
    expect(off[0]?.since).toBe(1000);
    expect(value(changeMeter(off, 1, { enabled: true }, registry, 60))[0]?.since).toBe(60);
  });
});

describe('files', () => {
  let ids = 0;
  const context = { registry, now: 42, newId: () => `new${++ids}` };
  const text = fc.string({ maxLength: 20 }).filter((value) => value === value.trim() && value !== '');
  const meter = fc.record(
    {
      port: fc.integer({ min: 1, max: 127 }),
      protocol: fc.constantFrom('IEC62056-21', 'MBUS', 'LOTOS'),
      address: text.filter((value) => value !== 'bad'),
      interval: fc.constantFrom(...intervals),
      enabled: fc.boolean(),
      name: text,
      place: text,
      notes: text,
      serialNumber: text,
    },
    { requiredKeys: ['port', 'protocol', 'address', 'interval', 'enabled'] },
  );

  test('a list comes back from CSV and, with its ids, settings and what was learnt, from JSON', () => {
    fc.assert(
      fc.property(fc.array(meter, { maxLength: 8 }), (drafts) => {
        let list: MeterList = [];
        for (const [i, each] of drafts.entries()) {
          list = value(
            addMeter(list, { ...each, settings: { baudRate: 9600 }, learnt: { staysAtFirstRate: true } }, registry, {
              id: `m${i}`,
              now: 42,
            }),
          );
        }
        expect(importMeters(exportMetersJson(list), context)).toEqual({
          meters: list,
          problems: [],
          furtherProblems: 0,
          notes: [],
        });
        const fromCsv = importMeters(exportMetersCsv(list), context);
        expect(fromCsv.problems).toEqual([]);
        expect(fromCsv.meters.map(({ id: _id, ...rest }) => rest)).toEqual(
          list.map(({ id: _id, settings: _settings, learnt: _learnt, ...rest }) => rest),
        );
      }),
    );
  });

  test('in CSV a number that a spreadsheet gives back as it was stays plain, any other is kept as the text it is', () => {
    const address = (text: string) => value(addMeter([], { ...draft, address: text }, registry, { id: '1', now: 0 }));
    const lineOf = (text: string) => exportMetersCsv(address(text)).split('\r\n')[1];
    expect(exportMetersCsv([])).toMatch(/^\uFEFFport;protocol;address;/);
    expect(lineOf('770041')).toContain(';770041;');
    expect(lineOf('00770041')).toContain(';"=""00770041""";');
    expect(lineOf('=1+1')).toContain(";'=1+1;");
  });

  test('a spreadsheet with semicolons, other order and a bad row', () => {
    const file =
      '\uFEFFAddress;Name;Interval;Port;Protocol\r\n"9478""34";Flat 1;1h;2;1\r\n\r\nbad;;1h;2;1\r\n1/DIN;;2H;128;ain_din\r\n';
    const { meters, problems } = importMeters(file, context);
    expect(meters.map(({ address, protocol, interval }) => [address, protocol, interval])).toEqual([
      ['9478"34', 'IEC62056-21', '1H'],
      ['1/DIN', 'AIN_DIN', '2H'],
    ]);
    expect(problems).toEqual([{ at: 4, message: 'The address is bad.' }]);
  });

  test('a setting that means nothing is left out, and told', () => {
    const row = { ...draft, settings: { baudRate: 50, color: 'red' } };
    const { meters, problems, notes } = importMeters(JSON.stringify([row]), context);
    expect([meters.length, meters[0]?.settings, problems]).toEqual([1, undefined, []]);
    expect(notes).toEqual([{ at: 1, message: 'Settings that mean nothing here: baudRate, color.' }]);
  });

  test('what a meter is sent before each read is asked about anew, whatever the file says of an agreement', () => {
    const known = { ...context, registry: { ...registry, find: (name: string | number) => protocols.find(name) } };
    const settings = { firstSend: 'own', ownRequests: '50 10', firstSendAgreed: 'own 50 10' };
    const file = JSON.stringify([{ ...draft, protocol: 'MBUS', settings }]);
    const { meters, notes } = importMeters(file, known);
    expect(meters[0]?.settings).toEqual({ firstSend: 'own', ownRequests: '50 10' });
    expect(notes.map(({ message }) => message)).toEqual([
      '“Send before reading” has to be confirmed in the meter’s settings before it is read.',
    ]);
  });

  test('ids are kept when they can be and never doubled', () => {
    const row = { id: 'same', ...draft };
    const { meters, problems } = importMeters(JSON.stringify([row, row, { ...row, id: '<b>' }]), context);
    expect(new Set(meters.map(({ id }) => id)).size).toBe(2);
    expect(problems.map(({ at }) => at)).toEqual([3]);
  });

  test('hostile files give problems, never more than 64 meters and never throw', () => {
    expect(importMeters(JSON.stringify(Array.from({ length: 1000 }, () => draft)), context)).toMatchObject({
      meters: { length: 64 },
      problems: [{ at: 65 }],
    });
    for (const file of ['', '{', '[1]', '{"meters":[]}', 'a,b\n1,2', '"', 'x'.repeat(2_000_001)]) {
      expect(importMeters(file, context)).toMatchObject({ meters: [], problems: { length: 1 } });
    }
    const bad = `port,protocol,address,interval\n${'1,1,a,b\n'.repeat(5000)}2,1,5,1H`;
    const { meters, problems, furtherProblems } = importMeters(bad, context);
    expect([meters.length, problems.length, furtherProblems]).toEqual([1, 100, 4900]);
    const polluted = importMeters(
      `[{"__proto__":{"x":1},"port":2,"protocol":1,"address":"1","interval":"1H","learned":{"__proto__":"y"}}]`,
      context,
    );
    expect(({} as { x?: number }).x).toBeUndefined();
    expect(polluted.meters).toHaveLength(1);
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (file) => void importMeters(file, context)));
  });
});

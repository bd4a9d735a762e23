import { describe, expect, test } from 'vitest';
import type { MeterState } from '../../../../src/engine/ams-api.ts';
import type { Meter } from '../../../../src/ams/meter.ts';
import { defaultPortSettings, type PortsTable } from '../../../../src/ams/ports-table.ts';
import type { PortState } from '../../../../src/engine/api.ts';
import type { AmsRecord } from '../../../../src/log/record.ts';
import { loadErrorBook } from '../../../../src/views/components/error-book.svelte.ts';
import { axisTimes } from '../../../../src/views/meters/axis-times.ts';
import { lastFailure, meterMark, meterTitle, scheduleWords } from '../../../../src/views/meters/meter-words.ts';
import { bindFor, numberFor, portChoices } from '../../../../src/views/meters/port-choice.ts';

await loadErrorBook();

const meter: Meter = {
  id: '3',
  port: 1,
  protocol: 'IEC62056-21',
  address: '421337@9600',
  interval: '15M',
  enabled: true,
  since: 0,
};
const record: AmsRecord = {
  type: 'AMS',
  time: 0,
  seq: 1,
  protocol: 'IEC62056-21',
  index: 1,
  errorCode: 0,
  identification: '',
  data: '1.8.0(1*kWh)',
};
const outage = { message: 'Port 1 was missing.', notes: ['1 reading missed, due 2026-11-20T10:00Z'] };

describe('a meter in words', () => {
  test.each([
    [{ name: 'Cellar', serialNumber: '4711' }, 'Cellar'],
    [{ name: '', serialNumber: '4711' }, '4711'],
    [{}, '421337'],
    [{ address: '%R' }, 'Meter 7'],
  ])('%o is called %s', (change, title) => {
    expect(meterTitle({ ...meter, ...change }, 7)).toBe(title);
  });

  test.each([
    ['reading', record, 'reading', 'reading'],
    ['queued', record, 'waiting', 'waits for its port'],
    ['waiting', undefined, 'never read', 'never read'],
    ['off', record, 'saved', 'read'],
    ['waiting', { ...record, errorCode: 65_545 }, 'partial', 'partial'],
    ['port missing', { ...record, errorCode: 65_541, data: '' }, 'failed', 'failed'],
    ['off', { ...record, circumstances: { otherMeter: '4711' } }, 'another meter', 'another meter'],
  ] as const)('%s', (state, last, mark, word) => {
    expect(meterMark({ state }, last)).toEqual({ state: mark, word });
  });

  test('one that waits says for what', () => {
    expect(meterMark({ state: 'queued', waitsFor: 'searching the bus' }, undefined)).toEqual({
      state: 'waiting',
      word: 'waits: this port is searching the bus',
    });
  });

  test('a failure is named, an outage told with its count and span', () => {
    expect(lastFailure(record)).toBe('');
    expect(lastFailure({ ...record, circumstances: { otherMeter: '47110815' } })).toMatch(/^Meter 47110815 answered/);
    expect(lastFailure({ ...record, errorCode: 65_541 })).toBe('No answer at 300\u00a0Bd.');
    expect(lastFailure({ ...record, errorCode: 4, circumstances: outage })).toBe(
      'Port 1 was missing. 1 reading missed, due 2026-11-20T10:00Z',
    );
  });

  test('the schedule says when, or why not', () => {
    const state: MeterState = { meter, index: 1, state: 'waiting', nextDue: 5 };
    const words = (change: Partial<MeterState>, on = true) =>
      scheduleWords({ ...state, ...change }, on, (ms) => `at ${ms}`);
    expect(words({})).toBe('next at 5');
    expect(words({ state: 'port missing' })).toBe('port missing');
    expect(words({ meter: { ...meter, enabled: false } })).toBe('off');
    expect(words({}, false)).toBe('schedule off');
    expect(words({ heard: { isAwaited: true, isListening: true } })).toBe('to be heard until at 5');
    expect(words({ heard: { isAwaited: false, isListening: true } })).toBe('heard, next from at 5');
    expect(words({ heard: { isAwaited: true, isListening: false } })).toBe('its port is not heard now');
  });
});

describe('the port of a meter', () => {
  const head = (id: string, transport = 'serial'): PortState => ({
    info: { id, transport, label: id },
    state: 'ready',
    text: '',
    echo: 'unknown',
  });
  const three = { active: defaultPortSettings, saved: defaultPortSettings, staged: defaultPortSettings };
  const table: PortsTable = [
    { number: 2, portId: 'a', ...three },
    { number: 3, portId: 'gone', ...three },
    { number: 4, ...three },
  ];

  test('numbered ones come first, then those that would get a number; a number without a port only where it is in use', () => {
    const labels = (current: number | undefined) =>
      portChoices(table, [head('a'), head('b')], ({ info }) => info.label, current).map(({ label }) => label);
    expect(labels(undefined)).toEqual(['Port 2 · a', 'Port 3 · not plugged in', 'b']);
    expect(labels(4)).toEqual(['Port 4 · nothing bound', 'Port 2 · a', 'Port 3 · not plugged in', 'b']);
  });

  test('a new port gets a number nobody has set anything for', async () => {
    expect(numberFor(table, 'a')).toEqual({ number: 2, bound: true });
    expect(numberFor(table, 'b')).toEqual({ number: 1, bound: false });
    expect(numberFor([{ number: 1, portId: 'x', ...three }, ...table], 'b')).toEqual({ number: 5, bound: false });
    const calls: unknown[] = [];
    const engine = {
      call: (_method: string, input: unknown) => {
        calls.push(input);
        return Promise.resolve({ ok: true });
      },
    };
    expect(await bindFor(engine as unknown as Parameters<typeof bindFor>[0], table, 'b')).toBe(1);
    expect(await bindFor(engine as unknown as Parameters<typeof bindFor>[0], table, 'a')).toBe(2);
    expect(calls).toEqual([{ number: 1, portId: 'b' }]);
  });
});

describe('the time axis', () => {
  const at = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime() / 1000;

  test('says the day where it begins, and at the left edge', () => {
    expect(axisTimes([at(19, 16), at(20, 0), at(20, 8)], 8 * 3600, 'en-GB')).toEqual([
      '16:00\n19 Nov',
      '00:00\n20 Nov',
      '08:00',
    ]);
  });

  test('says days and months where the steps are long', () => {
    expect(axisTimes([at(19, 0), at(21, 0)], 2 * 86_400, 'en-GB')).toEqual(['19 Nov', '21 Nov']);
    expect(axisTimes([at(1, 0)], 31 * 86_400, 'en-GB')).toEqual(['Nov 2026']);
  });
});

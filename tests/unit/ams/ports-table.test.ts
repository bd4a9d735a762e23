import { describe, expect, test } from 'vitest';
import {
  bindPort,
  defaultPortSettings,
  fallBackTo300,
  findPort,
  freePortNumber,
  listenAt,
  portKeyNames,
  portKeys,
  type PortsTable,
  restartPort,
  savePort,
  stagePortValue,
  startPorts,
  unbindPort,
} from '../../../src/ams/ports-table.ts';

const table = bindPort([], 2, 'simulated:a') ?? [];
const staged = (given: PortsTable, baudRate = 2400) => stagePortValue(given, 2, 'BAUDRATE', baudRate) ?? [];
const rates = (given: PortsTable) => {
  const entry = findPort(given, 2);
  return [entry?.active.baudRate, entry?.saved.baudRate, entry?.staged.baudRate];
};

describe('ports table', () => {
  test('binds numbers 1 to 127, one number a port', () => {
    expect(bindPort([], 0, 'a')).toBeUndefined();
    expect(bindPort([], 128, 'a')).toBeUndefined();
    expect(bindPort(table, 3, 'simulated:a')).toBeUndefined();
    expect(bindPort(table, 2, 'serial:b')).toMatchObject([{ number: 2, portId: 'serial:b' }]);
    const two = bindPort(table, 1, 'serial:b') ?? [];
    expect(two.map(({ number }) => number)).toEqual([1, 2]);
    expect(freePortNumber(two)).toBe(3);
    expect(freePortNumber(unbindPort(two, 1))).toBe(1);
  });

  test('unbinding keeps the settings for the next port', () => {
    const unbound = unbindPort(restartPort(staged(table), 2), 2);
    expect(findPort(unbound, 2)).not.toHaveProperty('portId');
    expect(rates(bindPort(unbound, 2, 'serial:b') ?? [])).toEqual([2400, 2400, 2400]);
  });

  test('listening is of one port: it outlives a start, and ends where the number goes to another', () => {
    const listens = { protocol: 'IEC62056-21', address: '', settings: { mode: 'D' }, everyMs: 900_000 };
    const listening = listenAt(table, 2, listens);
    expect(findPort(startPorts(restartPort(staged(listening), 2)), 2)).toMatchObject({ listens });
    expect(findPort(bindPort(listening, 2, 'simulated:a') ?? [], 2)).toMatchObject({ listens });
    for (const after of [
      bindPort(listening, 2, 'serial:b') ?? [],
      unbindPort(listening, 2),
      listenAt(listening, 2, undefined),
    ])
      expect(findPort(after, 2)).not.toHaveProperty('listens');
  });

  test('a value is staged, then saved, then active', () => {
    expect(rates(table)).toEqual([300, 300, 300]);
    expect(rates(staged(table))).toEqual([300, 300, 2400]);
    expect(rates(startPorts(staged(table)))).toEqual([300, 300, 300]);
    expect(rates(savePort(staged(table), 2))).toEqual([300, 2400, 2400]);
    expect(rates(startPorts(savePort(staged(table), 2)))).toEqual([2400, 2400, 2400]);
    expect(rates(restartPort(staged(table), 2))).toEqual([2400, 2400, 2400]);
    expect(rates(fallBackTo300(restartPort(staged(table), 2), 2))).toEqual([300, 2400, 2400]);
  });

  test('the keys of AT^SCPORT2', () => {
    // 2N's FAQ: 7 data bits, 1 stop bit, parity 1 = even.
    expect(portKeyNames.map((key) => [key, portKeys[key].get(defaultPortSettings)])).toEqual([
      ['BAUDRATE', 300],
      ['DATA_BITS', 7],
      ['STOP_BITS', 1],
      ['PARITY', 1],
    ]);
  });

  test.each([
    ['BAUDRATE', 109],
    ['BAUDRATE', 230_401],
    ['BAUDRATE', 300.5],
    ['DATA_BITS', 9],
    ['STOP_BITS', 0],
    ['PARITY', 3],
    ['PARITY', -1],
    ['PARITY', Number.NaN],
  ] as const)('refuses %s %d', (key, value) => {
    expect(stagePortValue(table, 2, key, value)).toBeUndefined();
  });

  test('refuses a port that is not there', () => {
    expect(stagePortValue(table, 9, 'PARITY', 1)).toBeUndefined();
  });
});

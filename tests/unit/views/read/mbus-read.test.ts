import { describe, expect, test } from 'vitest';
import type { TraceEntry } from '../../../../src/line/trace.ts';
import { mbusErrors } from '../../../../src/protocols/mbus/errors.ts';
import { defaultMbusSettings } from '../../../../src/protocols/mbus/settings.ts';
import {
  atRate,
  loadMbusSettings,
  mbusAddressFault,
  mbusRateOf,
  saveMbusSettings,
} from '../../../../src/views/read/mbus-settings.ts';
import { mbusTraceToText } from '../../../../src/views/read/mbus-wire.ts';
import { headlineOf } from '../../../../src/views/read/problem.ts';

describe('addresses on the desk', () => {
  test.each(['0', '250@9600', '*01579411', '*015794FF/LUG.04.07'])('%s can be asked', (text) => {
    expect(mbusAddressFault(text)).toBe('');
  });

  test.each(['', '251', '*1', '1@1', 'meter'])('%j is told why not', (text) => {
    expect(mbusAddressFault(text)).not.toBe('');
    expect(mbusRateOf(text)).toBeUndefined();
  });

  test('the rate is the address’s, and another one goes into it', () => {
    expect([mbusRateOf('5'), mbusRateOf('5@300')]).toEqual([2400, 300]);
    expect([atRate('5', 9600), atRate('*0157941F@300', 2400), atRate('nonsense', 300)]).toEqual([
      '5@9600',
      '*0157941F',
      'nonsense',
    ]);
  });
});

test('settings are kept for each port, and only what differs from the defaults', () => {
  const settings = { ...defaultMbusSettings, timeoutMs: 1500, applicationReset: 'plain' } as const;
  saveMbusSettings('a', settings);
  expect(loadMbusSettings('a')).toEqual(settings);
  expect(loadMbusSettings('b')).toEqual(defaultMbusSettings);
  saveMbusSettings('a', defaultMbusSettings);
  expect(loadMbusSettings('a')).toEqual(defaultMbusSettings);
});

test('every code of M-Bus has a headline of its own', () => {
  const unnamed = mbusErrors.filter(({ code }) => headlineOf(code, 2400) === headlineOf(-1, 2400));
  // Of searches (131090–131094) and of frames given by the user: no read ends with them.
  expect(unnamed.map(({ code }) => code)).toEqual([131090, 131091, 131092, 131093, 131094, 131095, 131096, 131097]);
});

test('the wire shows one line per frame sent and one per answer, wrong parity marked', () => {
  const received = (time: number, bytes: number[], parityErrors: number[] = []): TraceEntry => ({
    direction: 'received',
    time,
    baudRate: 2400,
    bytes: Uint8Array.from(bytes),
    parityErrors,
    text: '',
  });
  const entries: TraceEntry[] = [
    { direction: 'sent', time: 10, baudRate: 2400, bytes: Uint8Array.of(0x10, 0x40, 0x01, 0x41, 0x16), text: '' },
    received(60, [0x68, 0x03]),
    received(80, [0x03], [0]),
    received(1000, [0xe5]),
    { direction: 'event', time: 1200, baudRate: 2400, bytes: new Uint8Array(), text: 'timeout' },
  ];
  expect(mbusTraceToText(entries)).toBe(
    ['   0.010  ==> 10 40 01 41 16', '   0.060  <== 68 03 ~03', '   1.000  <== E5', '   1.200  -- timeout --', ''].join(
      '\n',
    ),
  );
});

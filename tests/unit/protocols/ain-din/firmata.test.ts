import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firmataParser, type FirmataMessage } from '../../../../src/protocols/ain-din/firmata.ts';

function parsed(bytes: Iterable<number>): readonly FirmataMessage[] {
  const parser = firmataParser();
  return [...bytes].flatMap((byte) => parser.take(byte) ?? []);
}

const hexBytes = (text: string) => (text.match(/\b[0-9a-f]{2}\b/g) ?? []).map((byte) => Number.parseInt(byte, 16));

/** Of StandardFirmata on an emulated Arduino Uno; not part of the project. */
const TRACE = '../shared/vectors/firmata-trace.txt';
const trace = [TRACE, `../${TRACE}`].find((path) => existsSync(path));

describe.skipIf(trace === undefined)('the trace of a real StandardFirmata', () => {
  const lines = trace === undefined ? [] : readFileSync(trace, 'utf8').split('\n');
  const line = (start: string) => {
    const text = lines.find((each) => each.includes(start)) ?? '';
    return parsed(hexBytes(text.slice(text.indexOf(start) + start.length)));
  };

  test('boots with its version and name', () => {
    expect(line('boot bytes:')).toEqual([
      { kind: 'version', major: 2, minor: 5 },
      { kind: 'firmware', major: 2, minor: 5, name: 'StandardFirmata' },
    ]);
  });

  test('tells what its pins can do', () => {
    const [capabilities, ...others] = line('cap:');
    expect(others).toEqual([]);
    const pins = capabilities?.kind === 'capabilities' ? capabilities.pins : [];
    expect(pins.length).toBe(20);
    expect(pins.map((pin) => pin.get(2))).toEqual([...Array<undefined>(14).fill(undefined), 10, 10, 10, 10, 10, 10]);
    expect(pins.map((pin) => pin.has(11)).indexOf(true)).toBe(2);
    expect(line('map:')).toEqual([
      { kind: 'analog mapping', channels: [...Array<undefined>(14).fill(undefined), 0, 1, 2, 3, 4, 5] },
    ]);
  });

  test('reports converter and pins', () => {
    expect(line('for 350ms:')).toEqual(Array(4).fill({ kind: 'analog', channel: 0, value: 512 }));
    expect(line('A0@5V:')).toEqual(Array(2).fill({ kind: 'analog', channel: 0, value: 1023 }));
    expect(line('port0 initial:')).toEqual([{ kind: 'digital', port: 0, levels: 4 }]);
    const levels = line('3 pulses:').map((message) => message.kind === 'digital' && message.levels);
    expect(levels).toEqual([0, 4, 0, 4, 0, 4]);
  });
});

const seven = fc.integer({ min: 0, max: 127 });
const message = fc.oneof(
  fc.tuple(fc.integer({ min: 0xe0, max: 0xef }), seven, seven),
  fc.tuple(fc.integer({ min: 0x90, max: 0x9f }), seven, fc.integer({ min: 0, max: 1 })),
  fc.constant([0xf9, 2, 5]),
  fc.array(seven, { maxLength: 40 }).map((data) => [0xf0, ...data, 0xf7]),
);

test('whole messages are all told, and nothing else, however they are cut', () => {
  fc.assert(
    fc.property(fc.array(message), (messages) => {
      const told = parsed(messages.flat());
      expect(told.length).toBe(messages.length);
      expect(told.every(({ kind }) => kind !== 'damaged')).toBe(true);
    }),
  );
});

test('noise is survived, and what follows it is understood', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 300 }), (noise) => {
      const told = parsed([...noise, 0xe3, 0x7f, 0x07]);
      expect(told.at(-1)).toEqual({ kind: 'analog', channel: 3, value: 1023 });
    }),
  );
});

test('what breaks off, stands alone or has no end is told', () => {
  expect(parsed([0xe0, 1, 0xe0, 1, 1])).toEqual([
    { kind: 'damaged', reason: 'broken off' },
    { kind: 'analog', channel: 0, value: 129 },
  ]);
  expect(parsed([1, 2, 3])).toEqual([{ kind: 'damaged', reason: 'out of place' }]);
  expect(parsed([0xf0, ...Array<number>(10_000).fill(1)])).toEqual([{ kind: 'damaged', reason: 'too long' }]);
});

/** Third-party captures of German household meters (skipped where ../shared/vectors is absent). */
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/common/bytes.ts';
import { formatDecimal } from '../../src/common/decimal.ts';
import { decodeSml } from '../../src/protocols/sml/decode.ts';
import { deviceNumber } from '../../src/protocols/sml/device-id.ts';
import { smlExplainer } from '../../src/protocols/sml/explainer.ts';
import { codeOf, listOf, type Entry } from '../../src/protocols/sml/list.ts';
import { messageNames, serverIdOf, type Message } from '../../src/protocols/sml/message.ts';
import { saidIn } from '../../src/protocols/sml/said.ts';
import { transmissionsIn, transportReceiver } from '../../src/protocols/sml/transport.ts';
import { thirdParty } from './third-party.ts';

interface ExpectedValue {
  readonly obis: string;
  readonly value?: string | null;
  readonly unit_code?: number | null;
  readonly octets?: string;
  readonly status?: string;
  readonly device_id?: string;
  readonly true_value?: string;
}
interface ExpectedMessage {
  readonly type: string;
  readonly crc: 'x25' | 'kermit' | 'bad';
  readonly server_id?: string;
  readonly values?: readonly ExpectedValue[];
}
interface ExpectedTransmission {
  readonly offset: number;
  readonly length: number;
  readonly crc: 'x25' | 'kermit';
  readonly messages: readonly ExpectedMessage[];
}
type Event = { readonly payload?: string; readonly error?: string; readonly discarded?: number };
interface CaptureRecord {
  readonly id: string;
  readonly kind: 'stream' | 'transmission' | 'messages' | 'negative' | 'transport';
  readonly hex: string;
  readonly expected: {
    readonly transmissions?: readonly ExpectedTransmission[];
    readonly messages?: readonly ExpectedMessage[];
    readonly events?: readonly Event[];
  };
}

const found = thirdParty<{ readonly records: readonly CaptureRecord[] }>('sml-captures.json');
const records = found?.content.records ?? [];
const bytesOf = (hex: string) => fromHex(hex) ?? new Uint8Array(0);

function expectMessages(messages: readonly Message[], expected: readonly ExpectedMessage[]): void {
  expect(messages).toHaveLength(expected.length);
  for (const [index, message] of messages.entries()) {
    const wanted = expected[index];
    const name = (messageNames[message.tag] ?? '').toLowerCase().replaceAll(' ', '');
    expect(message.check).toBe(wanted?.crc);
    if (wanted?.type === 'openResponse' || wanted?.type === 'closeResponse')
      expect(name).toBe(wanted.type.toLowerCase());
    if (wanted?.server_id !== undefined)
      expect(toHex(serverIdOf(message) ?? new Uint8Array(0)).toLowerCase()).toBe(wanted.server_id);
    if (!wanted?.values) continue;
    const entries = listOf(message)?.entries ?? [];
    expect(entries.map((entry) => codeOf(entry.name))).toEqual(wanted.values.map(({ obis }) => obis));
    for (const [at, entry] of entries.entries()) expectEntry(entry, wanted.values[at]);
  }
}

function expectEntry(entry: Entry, wanted: ExpectedValue | undefined): void {
  const { value, scaler, unit, status } = entry;
  if (wanted?.octets !== undefined) {
    expect(value.kind === 'octets' && toHex(value.bytes).toLowerCase()).toBe(wanted.octets);
    if (wanted.device_id !== undefined && value.kind === 'octets')
      expect(deviceNumber(value.bytes)).toBe(wanted.device_id);
  } else if (typeof wanted?.value === 'string') {
    expect(value.kind).toBe('integer');
    if (value.kind === 'integer') expect(exact(value.value, scaler)).toBe(wanted.value);
  } else if (wanted?.value === null) expect(value.kind).toBe('absent');
  if (typeof wanted?.unit_code === 'number' && wanted.unit_code !== 255 && wanted.unit_code !== 0)
    expect(unit).toBe(wanted.unit_code);
  if (wanted?.status !== undefined) expect(BigInt(`0x${wanted.status}`)).toBe(status?.value);
}

const exact = (value: bigint, scaler: number) => formatDecimal({ coefficient: value, exponent: scaler });

describe.skipIf(!found)('SML captures of others (skipped where ../shared/vectors is absent)', () => {
  const framed = records.filter(({ kind }) => kind === 'stream' || kind === 'transmission' || kind === 'negative');

  test.each(framed.map((record) => [record.id, record] as const))('%s', (_id, { hex, expected }) => {
    const bytes = bytesOf(hex);
    const wanted = expected.transmissions;
    if (!wanted)
      return expectMessages(
        saidIn(bytes).flatMap(({ messages }) => messages),
        expected.messages ?? [],
      );
    // One whose length is no multiple of four may be refused: the transmission of an edited capture.
    const whole = wanted.filter(({ length }) => length % 4 === 0);
    const good = saidIn(bytes).filter(({ transmission }) => transmission?.check !== 'bad');
    expect(
      good.map(({ start, length, transmission }) => ({ offset: start, length, crc: transmission?.check })),
    ).toEqual(whole.map(({ offset, length, crc }) => ({ offset, length, crc })));
    for (const [index, { messages }] of good.entries()) expectMessages(messages, whole[index]?.messages ?? []);
  });

  test.each(records.filter(({ kind }) => kind === 'messages').map((record) => [record.id, record] as const))(
    '%s, without a transport',
    (_id, { hex, expected }) => {
      expectMessages(
        saidIn(bytesOf(hex)).flatMap(({ messages }) => messages),
        expected.messages ?? [],
      );
    },
  );

  test.each(records.filter(({ kind }) => kind === 'transport').map((record) => [record.id, record] as const))(
    '%s',
    (_id, { hex, expected }) => {
      const payloads = transmissionsIn(bytesOf(hex))
        .filter(({ transmission }) => transmission.check !== 'bad')
        .map(({ transmission }) => toHex(transmission.payload).toLowerCase());
      expect(payloads).toEqual((expected.events ?? []).flatMap(({ payload }) => payload ?? []));
    },
  );

  test('whatever the pieces, the same transmissions come', () => {
    for (const { hex } of records) {
      const bytes = bytesOf(hex);
      const receiver = transportReceiver();
      const found: string[] = [];
      for (const byte of bytes)
        for (const received of receiver.take(byte))
          if (received.kind === 'transmission') found.push(toHex(received.transmission.bytes));
      expect(found).toEqual(transmissionsIn(bytes).map(({ transmission }) => toHex(transmission.bytes)));
    }
  });

  test('a sign that a meter lost is put right by its status, and what was sent is said', () => {
    let repaired = 0;
    for (const { hex, expected } of framed) {
      for (const [index, { messages, length }] of (expected.transmissions ?? []).entries()) {
        if (length % 4 !== 0) continue;
        const wanted = messages.flatMap(({ values = [] }) => values);
        const good = saidIn(bytesOf(hex)).filter(({ transmission }) => transmission?.check !== 'bad')[index];
        if (!good?.transmission) continue;
        const readings = decodeSml({ data: toHex(good.transmission.bytes) }).filter(
          ({ label }) => !label.endsWith(' status'),
        );
        expect(readings).toHaveLength(wanted.length);
        for (const [at, reading] of readings.entries()) {
          const { value, true_value: truth } = wanted[at] ?? {};
          if (typeof value !== 'string' || reading.value.type !== 'number') continue;
          expect(formatDecimal(reading.value.decimal)).toBe(truth ?? value);
          expect(reading.note?.includes('corrected') ?? false).toBe(truth !== undefined);
          if (truth !== undefined) repaired++;
        }
      }
    }
    expect(repaired).toBe(3);
  });

  test('every byte of them is explained once', () => {
    for (const { hex } of records) {
      const bytes = bytesOf(hex);
      let at = 0;
      for (const { start, end } of smlExplainer.explain?.(bytes) ?? []) {
        expect(start).toBe(at);
        expect(end).toBeGreaterThan(start);
        at = end;
      }
      expect(at).toBe(bytes.length);
    }
  });
});

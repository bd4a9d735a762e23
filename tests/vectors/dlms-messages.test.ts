import { env } from 'node:process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/common/bytes.ts';
import { MeterError } from '../../src/common/meter-error.ts';
import { readActionRequest, readActionResponse } from '../../src/protocols/dlms/apdu/action.ts';
import {
  associationAnswerBytes,
  associationRequestBytes,
  readAssociationAnswer,
  readAssociationRequest,
  refusalOf,
} from '../../src/protocols/dlms/apdu/association.ts';
import { readTransferBlock } from '../../src/protocols/dlms/apdu/block-transfer.ts';
import { refusalIn } from '../../src/protocols/dlms/apdu/exception.ts';
import {
  getRequestBytes,
  getResponseBytes,
  readGetRequest,
  readGetResponse,
  resultsIn,
} from '../../src/protocols/dlms/apdu/get.ts';
import {
  initiateRequestBytes,
  readInitiateRequest,
  readInitiateResponse,
} from '../../src/protocols/dlms/apdu/initiate.ts';
import { readReadResponse, readResultsIn } from '../../src/protocols/dlms/apdu/read.ts';
import { readSetResponse } from '../../src/protocols/dlms/apdu/set.ts';
import type { Data } from '../../src/protocols/dlms/axdr/data.ts';
import { dataIn } from '../../src/protocols/dlms/axdr/read-data.ts';
import { dataBytes } from '../../src/protocols/dlms/axdr/write-data.ts';
import { hdlcReceiver } from '../../src/protocols/dlms/hdlc/receiver.ts';
import { dlmsBrowser } from '../../src/protocols/dlms/browser.ts';
import { objectsIn } from '../../src/protocols/dlms/cosem/object-list.ts';
import { decodeDlms } from '../../src/protocols/dlms/decode.ts';
import { rowBook } from '../../src/protocols/dlms/profile/rows.ts';
import { carrierReceiver } from '../../src/protocols/dlms/push/carrier.ts';
import { joiner } from '../../src/protocols/dlms/push/joiner.ts';
import { pushesIn } from '../../src/protocols/dlms/push/messages.ts';
import { readPush } from '../../src/protocols/dlms/push/notification.ts';
import { dlmsRecords } from './dlms-records.ts';

const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array(0);

interface Message {
  readonly name: string;
  readonly hex: string;
  readonly xml: string;
}

const ofSessions = dlmsRecords.flatMap(({ id, apdus = [] }) =>
  apdus.flatMap(({ hex, decode_gurux = '', decrypted }, at): Message[] => [
    { name: `${id} message ${at}`, hex, xml: decode_gurux },
    ...(decrypted?.plain
      ? [
          {
            name: `${id} message ${at}, deciphered`,
            hex: decrypted.plain,
            xml: decrypted.decode_gurux ?? '',
          },
        ]
      : []),
  ]),
);
const messages = [
  ...ofSessions,
  ...dlmsRecords.flatMap(({ id, hex, apdu_tag, decode_gurux = '' }) =>
    apdu_tag !== undefined && !apdu_tag.startsWith('LLC') && !hex.startsWith('7e')
      ? [{ name: id, hex, xml: decode_gurux }]
      : [],
  ),
];

/** What Gurux calls the types, and how it writes their values. */
function leaves(data: Data): readonly string[] {
  const hex = (value: number | bigint, digits: number) =>
    BigInt.asUintN(4 * digits, BigInt(value))
      .toString(16)
      .toUpperCase()
      .padStart(digits, '0');
  switch (data.type) {
    case 'array':
      return [`Array ${hex(data.items.length, 2)}`, ...data.items.flatMap(leaves)];
    case 'structure':
      return [`Structure ${hex(data.items.length, 2)}`, ...data.items.flatMap(leaves)];
    case 'null':
      return ['None '];
    case 'boolean':
      return [`Boolean ${data.value}`];
    case 'int8':
      return [`Int8 ${data.value < 0 ? data.value : hex(data.value, 2)}`];
    case 'uint8':
      return [`UInt8 ${hex(data.value, 2)}`];
    case 'enum':
      return [`Enum ${hex(data.value, 2)}`];
    case 'int16':
      return [`Int16 ${hex(data.value, 4)}`];
    case 'uint16':
      return [`UInt16 ${hex(data.value, 4)}`];
    case 'int32':
      return [`Int32 ${hex(data.value, 8)}`];
    case 'uint32':
      return [`UInt32 ${hex(data.value, 8)}`];
    case 'uint64':
      return [`UInt64 ${hex(data.value, 16)}`];
    case 'float32':
      return [`Float32 ${toHex(new Uint8Array(Float32Array.of(data.value).buffer).reverse())}`];
    case 'octet-string':
      return [`OctetString ${toHex(data.bytes)}`];
    case 'visible-string':
      return [`String ${String.fromCharCode(...data.bytes)}`];
    case 'date-time':
      return [`DateTime ${toHex(data.bytes)}`];
    case 'bit-string':
      return [
        `BitString ${[...data.bytes]
          .map((byte) => byte.toString(2).padStart(8, '0'))
          .join('')
          .slice(0, data.length)}`,
      ];
    default:
      return [data.type];
  }
}

const TYPES =
  /<(Array|Structure|None|Boolean|Int8|UInt8|Enum|Int16|UInt16|Int32|UInt32|UInt64|Float32|OctetString|String|DateTime|BitString)(?: (?:Value|Qty)="([^"]*)")?/g;
/** Gurux writes −60 as FF3C there. */
const leavesOf = (xml: string) =>
  [...xml.matchAll(TYPES)].map(([, type = '', value = '']) => `${type} ${value}`.replace('Int16 FF3C', 'Int16 FFC4'));

const starting = (...tags: readonly string[]) => messages.filter(({ hex }) => tags.some((tag) => hex.startsWith(tag)));
const named = (list: readonly Message[]) => list.map((message) => [message.name, message] as const);

describe.skipIf(messages.length === 0)('captured messages (skipped where ../shared/vectors is absent)', () => {
  const values = starting('c401', 'c403').filter(({ xml }) => leavesOf(xml).length > 0);
  test('are many', () => expect(values.length).toBeGreaterThan(120));

  test.each(named(values))('values of %s are those that Gurux reads', (_name, { hex, xml }) => {
    const { response, id } = readGetResponse(bytes(hex));
    const results = response.kind === 'normal' ? [response.result] : response.kind === 'list' ? response.results : [];
    const found = results.flatMap((result) => {
      if (result.kind === 'refused') return [];
      const { data, length } = dataIn(result.bytes);
      expect(length).toBe(result.bytes.length);
      expect(toHex(dataBytes(data))).toBe(toHex(result.bytes));
      return leaves(data);
    });
    expect(found).toEqual(leavesOf(xml));
    // Some meters add bytes behind a value.
    expect(hex.toUpperCase().startsWith(toHex(getResponseBytes(response, id)))).toBe(true);
  });

  const blocks = dlmsRecords.flatMap(({ id, apdus = [] }) => {
    const joined: { name: string; hex: string }[] = [];
    let whole = '';
    for (const { hex } of apdus.filter((one) => one.hex.startsWith('c402'))) {
      const { response } = readGetResponse(bytes(hex));
      if (response.kind !== 'block' || response.result.kind !== 'data') continue;
      whole = (response.block === 1 ? '' : whole) + toHex(response.result.bytes);
      if (response.isLast) joined.push({ name: `${id}, ${joined.length}`, hex: whole });
    }
    return joined;
  });
  test.each(blocks.map((one) => [one.name, one.hex]))('the blocks of %s are one value', (_name, hex) => {
    const { data, length } = dataIn(bytes(hex));
    expect(length).toBe(hex.length / 2);
    expect(data.type).toBe('array');
  });

  test.each(named(starting('c001', 'c002', 'c003')))('the GET of %s is written as it was sent', (_name, { hex }) => {
    let read: ReturnType<typeof readGetRequest>;
    try {
      read = readGetRequest(bytes(hex));
    } catch (error) {
      // A SET request under the wrong tag in the tests of others.
      expect(error).toBeInstanceOf(MeterError);
      return;
    }
    const again = toHex(getRequestBytes(read.request, read.id)).toLowerCase();
    expect(again.slice(0, 4) + again.slice(6)).toBe(hex.slice(0, 4) + hex.slice(6, again.length));
  });

  test.each(named(starting('60')))('the association request of %s is written as it was sent', (_name, { hex }) => {
    const request = readAssociationRequest(bytes(hex));
    expect(toHex(associationRequestBytes(request)).toLowerCase()).toBe(hex);
    if (request.information[0] === 0x01)
      expect(toHex(initiateRequestBytes(readInitiateRequest(request.information)))).toBe(toHex(request.information));
  });

  test.each(named(starting('61')))('the association answer of %s', (_name, { hex, xml }) => {
    const answer = readAssociationAnswer(bytes(hex));
    expect(toHex(associationAnswerBytes(answer)).toLowerCase()).toBe(hex);
    const [, result] = /AssociationResult Value="(..)"/.exec(xml) ?? [];
    if (result !== undefined) expect(answer.result).toBe(Number.parseInt(result, 16));
    expect(refusalOf(answer) === undefined).toBe(answer.result === 0);
    if (answer.information[0] !== 0x08) return;
    const { mostBytes, name } = readInitiateResponse(answer.information);
    const [, most] = /NegotiatedMaxPduSize Value="(....)"/.exec(xml) ?? [];
    if (most !== undefined) expect(mostBytes).toBe(Number.parseInt(most, 16));
    expect([0x0007, 0xfa00]).toContain(name);
  });

  test('refusals are told in words', () => {
    const text = (name: string) => {
      const found = messages.find((one) => one.name.startsWith(name));
      return refusalOf(readAssociationAnswer(bytes(found?.hex ?? '')))?.message;
    };
    expect(text('dlmsx-079 message 1')).toBe(
      'The meter refused the association: no reason given. The meter refused the request: initiate: what we propose does not fit.',
    );
    expect(text('dlmsx-074 message 1')).toMatch(/does not support this application context/);
    expect(() => text('dlmsx-060 message 1')).toThrow('expects 262151');
    expect(refusalIn(bytes('d80102'))?.message).toBe(
      'The meter refused the request: the service is not allowed, the service is not supported.',
    );
  });

  test.each(named(starting('0f').filter(({ name }) => !/dlms-002/.test(name))))('the push %s', (_name, { hex }) => {
    expect(readPush(bytes(hex)).values).toBeDefined();
  });
});

/** How many changed messages: 200 000 in a run of its own, `DLMS_MUTANTS=200000 npx vitest run tests/vectors/dlms-messages.test.ts`. */
const MUTANTS = Number(env['DLMS_MUTANTS'] ?? 4000);
const SEED = 20261130;

const readers = [
  readGetRequest,
  readGetResponse,
  readSetResponse,
  readActionRequest,
  readActionResponse,
  readAssociationRequest,
  readAssociationAnswer,
  readInitiateRequest,
  readInitiateResponse,
  readTransferBlock,
  resultsIn,
  dataIn,
  readReadResponse,
  readResultsIn,
  readPush,
  (message: Uint8Array) => profileRows(message),
] as const;

/** The rows that a message is, and objects in it, as a profile and a list of objects. */
function profileRows(message: Uint8Array): void {
  const book = rowBook([{ classId: 8, name: Uint8Array.of(0, 0, 1, 0, 0, 255), attribute: 2, element: 0 }], 900, [
    -Infinity,
    Infinity,
  ]);
  const { data } = dataIn(message);
  objectsIn(data);
  book.add(data);
  dataBytes(book.value);
}

/** What stored data and the line make of it: never an error. */
function passThrough(message: Uint8Array): void {
  const text = toHex(message);
  pushesIn(message);
  decodeDlms({ identification: '', data: `7:1-0:99.1.0*255:3=${text},7:1-0:99.1.0*255:2=${text}` });
  dlmsBrowser.objects(`15:0-0:40.0.0*255:2=${text}`);
  const [receiver, carrier, join] = [hdlcReceiver(), carrierReceiver(), joiner()];
  let most = 0;
  const seen = (joined: ReturnType<typeof join.giveUp>) => {
    if (joined?.kind === 'message') most = Math.max(most, joined.message.length);
  };
  for (const byte of message) {
    for (const frame of receiver.take(byte)) seen(join.frame(frame));
    const segment = carrier.take(byte);
    if (segment) seen(join.carrier(segment));
  }
  expect(most).toBeLessThanOrEqual(message.length);
}

test('changed messages end in a value or a MeterError', () => {
  const seeds =
    messages.length > 0 ? messages.map(({ hex }) => hex) : ['c401c1000204090c07e3', '6129a109060760857405080101'];
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'insert', 'drop', 'repeat')), {
    minLength: 1,
    maxLength: 6,
  });
  let values = 0;
  let errors = 0;
  fc.assert(
    fc.property(fc.constantFrom(...seeds), changes, (hex, list) => {
      const changed = [...bytes(hex)];
      for (const [place, byte, how] of list) {
        const at = place % (changed.length + 1);
        if (how === 'set') changed[at] = byte;
        else if (how === 'insert') changed.splice(at, 0, byte);
        else if (how === 'drop') changed.splice(at, byte);
        else changed.push(...changed.slice(at, at + byte));
      }
      const message = Uint8Array.from(changed);
      for (const read of readers) {
        try {
          read(message);
          values++;
        } catch (error) {
          if (!(error instanceof MeterError)) throw error;
          errors++;
        }
      }
      passThrough(message);
    }),
    { numRuns: MUTANTS, seed: SEED },
  );
  expect(values).toBeGreaterThan(MUTANTS / 10);
  expect(errors).toBeGreaterThan(MUTANTS);
}, 600_000);

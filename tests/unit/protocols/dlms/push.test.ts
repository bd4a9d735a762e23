import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex } from '../../../../src/common/bytes.ts';
import { MeterError } from '../../../../src/common/meter-error.ts';
import type { Telegram } from '../../../../src/protocols/protocol.ts';
import { dlmsDialogue } from '../../../../src/protocols/dlms/ask.ts';
import { dataBytes } from '../../../../src/protocols/dlms/axdr/write-data.ts';
import { carrierReceiver } from '../../../../src/protocols/dlms/push/carrier.ts';
import { decodePush } from '../../../../src/protocols/dlms/push/decode.ts';
import { dlmsReader } from '../../../../src/protocols/dlms/reader.ts';
import { dlmsListener } from '../../../../src/protocols/dlms/push/listener.ts';
import { readPush } from '../../../../src/protocols/dlms/push/notification.ts';
import { pushedText } from '../../../../src/protocols/dlms/record-data.ts';
import { household } from '../../../../src/protocols/dlms/simulated/household.ts';
import { pushingMeter } from '../../../../src/protocols/dlms/simulated/pushing.ts';
import { deviceAt, type FarEnd } from '../../../../src/simulator/far-end.ts';
import { onLine } from '../on-line.ts';
import { bytesOf, sealed } from './independent-meter.ts';

const settings = { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'none' } as const;
const message = bytesOf('0f40000000000101020309060100010700ff060000016f02020f00161b');
const llc = bytesOf('e6e700');

/** Sends these, each so long after the one before. */
const sending = (...parts: readonly (readonly [afterMs: number, bytes: readonly number[]])[]): FarEnd =>
  deviceAt(() => (wire) => {
    let at = 0;
    for (const [after, bytes] of parts) at = wire.send(Uint8Array.from(bytes), settings, at + after);
    return { received: () => undefined };
  });

async function hear(farEnd: FarEnd, forMs = 30_000, baudRate = 9600) {
  return await onLine(
    farEnd,
    async ({ line, clock, stop }) => {
      void clock.sleep(forMs).then(stop);
      const telegrams: Telegram[] = [];
      const dropped: string[] = [];
      await dlmsListener.listen(
        line,
        { address: '1', settings: {} },
        {
          onTelegram: (telegram) => telegrams.push(telegram),
          onDropped: (reason) => dropped.push(reason),
          onStep: () => undefined,
        },
      );
      return { telegrams, dropped };
    },
    { baudRate },
  );
}

describe('a listener hears', () => {
  test('the simulated meter, every ten seconds, with its number', async () => {
    const { telegrams } = await hear(pushingMeter(household, { ...settings, baudRate: 2400 }, 10_000), 29_000, 2400);
    expect(telegrams).toHaveLength(3);
    expect(telegrams[0]?.from).toEqual(['00081402']);
    const readings = telegrams[0] ? await dlmsReader.decode(telegrams[0].readout) : [];
    expect(readings).toContainEqual(expect.objectContaining({ obis: '1-0:1.8.0', unit: 'Wh', state: 'whole' }));
  });

  test('what comes in numbered frames, with the header twice, in segments and with flags between', async () => {
    const whole = [...llc, ...llc, ...message];
    const cut = [whole.slice(0, 14), whole.slice(14)];
    const { telegrams } = await hear(
      sending(
        [100, sealed([0x01, 0x02, 0x01, 0x10], [...llc, ...message])],
        [500, [...sealed([0xcf, 0x02, 0x23, 0x03], cut[0], true), ...sealed([0xcf, 0x02, 0x23, 0x13], cut[1])]],
      ),
    );
    expect(telegrams.map(({ readout }) => readout.data)).toEqual([
      pushedText(Uint8Array.from(message)),
      pushedText(Uint8Array.from(message)),
    ]);
  });

  test('nothing of a message of which a segment came damaged, in the middle or in front', async () => {
    const whole = [...llc, ...message];
    const parts = [whole.slice(0, 12), whole.slice(12, 20), whole.slice(20)];
    const frames = parts.map((part, n) => sealed([0xcf, 0x02, 0x23, n < 2 ? 0x03 : 0x13], part, n < 2));
    const spoilt = (index: number) =>
      frames.flatMap((frame, n) => [...frame].map((byte, at) => (n === index && at === 12 ? byte ^ 1 : byte)));
    const good = frames.flatMap((frame) => [...frame]);
    for (const index of [0, 1]) {
      const { telegrams, dropped } = await hear(sending([100, good], [2000, spoilt(index)], [2000, good]));
      expect(telegrams.map(({ readout }) => readout.data)).toEqual([
        pushedText(Uint8Array.from(message)),
        pushedText(Uint8Array.from(message)),
      ]);
      expect(dropped).toEqual(['A part of a message came damaged.']);
    }
  });

  test('no envelope of which a whole segment is lost', async () => {
    const envelope = [0xdb, 8, ...[0x4f, 0x48, 0x55, 0, 0, 0, 0, 1], 20, 0x20, 0, 0, 0, 1, ...message.slice(0, 15)];
    const [one, , three] = [envelope.slice(0, 12), envelope.slice(12, 20), envelope.slice(20)];
    const { telegrams, dropped } = await hear(
      sending([
        100,
        [...sealed([0xcf, 0x02, 0x23, 0x03], [...llc, ...one], true), ...sealed([0xcf, 0x02, 0x23, 0x13], three)],
      ]),
    );
    expect(telegrams).toEqual([]);
    expect(dropped).toEqual(['A message came that is shorter than its envelope says.']);
  });

  const block = (number: number, isLast: boolean, part: readonly number[]) =>
    sealed(
      [0xce, 0xff, 0x03, 0x13],
      [...(number === 1 ? llc : []), ...[0xe0, isLast ? 0xc0 : 0x40, 0, number, 0, 0, part.length, ...part]],
    );
  test('blocks, the last of which comes three seconds behind; and of two telegrams none twice', async () => {
    const { telegrams, dropped } = await hear(
      sending(
        [100, block(1, false, message.slice(0, 20))],
        [3000, block(2, true, message.slice(20))],
        // One that never ends, and the next behind it.
        [500, block(1, false, message.slice(0, 9))],
        [6000, block(1, false, message.slice(0, 5))],
        [0, block(2, true, message.slice(5))],
      ),
    );
    expect(telegrams).toHaveLength(2);
    expect(dropped).toEqual(['A message began, and its end did not come.']);
  });

  const carried = (information: number, data: readonly number[]) => {
    const fields = [0x53, 0xff, information, 0x01, 0x67, ...data];
    const sum = fields.reduce((total, byte) => (total + byte) & 0xff, 0);
    return [0x68, fields.length & 0xff, fields.length & 0xff, 0x68, ...fields, sum, 0x16];
  };
  test('segments in frames of the M-Bus, also one that is longer than its length can say', async () => {
    const long = [
      ...message.slice(0, 6),
      0x01,
      0x01,
      0x09,
      0x82,
      0x01,
      0x10,
      ...Array.from({ length: 272 }, () => 0x68),
    ];
    const { telegrams } = await hear(
      sending(
        [100, carried(0x00, long.slice(0, 252))],
        [200, carried(0x11, long.slice(252))],
        [300, carried(0x10, message)],
      ),
    );
    expect(telegrams.map(({ readout }) => readout.data.length)).toEqual([5 + 2 * long.length, 5 + 2 * message.length]);
  });

  test('and drops what is damaged, or no push, with a word', async () => {
    const broken = sealed([0x41, 0x08, 0x83, 0x13], [...llc, ...message]);
    broken[30] = (broken[30] ?? 0) ^ 1;
    const asked = sealed([0x21, 0x03, 0x30], [...llc, 0xc4, 0x01, 0xc1, 0x00, 0x06, 0, 0, 0, 1]);
    const { telegrams, dropped } = await hear(sending([100, broken], [3000, asked]));
    expect(telegrams).toEqual([]);
    expect(dropped).toEqual([
      expect.stringContaining('bytes came that are no frame'),
      'A message came that is no push: somebody asks a meter on this line.',
    ]);
  });
});

test('the next telegram is a read, and silence is told in words', async () => {
  const target = { address: '1@9600', settings: { opening: 'push' } };
  const farEnd = sending([2000, sealed([0x41, 0x03, 0x13], [...llc, ...message])]);
  const readout = await onLine(farEnd, ({ line }) => dlmsDialogue.read(line, target, {}));
  expect(readout).toMatchObject({ errorCode: 0, data: pushedText(Uint8Array.from(message)) });
  const silent = await onLine(sending(), ({ line }) => dlmsDialogue.read(line, target, {}));
  expect(silent).toMatchObject({ errorCode: 4325380, data: '' });
  expect(silent.circumstances?.message).toBe('No meter sent anything by itself within 15 s at 9600 Bd 8N1.');
});

describe('bare values', () => {
  const list = (...items: Parameters<typeof dataBytes>[0][]) =>
    decodePush(concatBytes(fromHex('0F4000000000') ?? new Uint8Array(0), dataBytes({ type: 'structure', items })));
  const text = (words: string) =>
    ({ type: 'octet-string', bytes: Uint8Array.from(words, (character) => character.charCodeAt(0)) }) as const;
  const figures = (count: number) => Array.from({ length: count }, (_, at) => ({ type: 'uint32', value: at }) as const);

  test('mean what the list of their maker says, without a scale', async () => {
    const readings = await list(text('KFM_001'), text('6970631401'), text('MA304H3E'), ...figures(10));
    expect(readings).toHaveLength(14);
    expect(readings[3]).toMatchObject({ obis: '1-0:1.7.0', state: 'unchecked', unit: '' });
  });
  test('of another count, or of another maker, have their place only', async () => {
    for (const readings of [
      await list(text('KFM_001'), text('6970631401'), text('MA304H3E'), ...figures(9)),
      await list(text('OTHER'), text('6970631401'), text('MA304H3E'), ...figures(10)),
    ])
      expect(readings[4]).toMatchObject({ label: 'element 5', state: 'unchecked', quantity: 'Element 5' });
  });
});

test('whatever comes ends in values or a MeterError', async () => {
  const seeds = [
    message,
    bytesOf('0f000000010002021601010202020001000 02a0000ff02090945474430313233 3435'.replaceAll(' ', '')),
    bytesOf('db08454c5365700000014d200000541fe2a330ad29e0d68c09'),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 4 }),
      async (seed, changes) => {
        const bytes = Uint8Array.from(seed);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        try {
          readPush(bytes);
        } catch (error) {
          if (!(error instanceof MeterError)) throw error;
        }
        await decodePush(bytes);
      },
    ),
    { numRuns: 3000 },
  );
  const carrier = carrierReceiver();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const byte of bytes) carrier.take(byte % 5 === 0 ? 0x68 : byte);
    }),
    { numRuns: 300 },
  );
});

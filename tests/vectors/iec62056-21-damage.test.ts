import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, fromLatin1 } from '../../src/common/bytes.ts';
import type { Reading } from '../../src/common/reading.ts';
import { hasOddOnes } from '../../src/line/framing.ts';
import { formOf } from '../../src/protocols/iec62056-21/bear-out.ts';
import { dsmrCrc } from '../../src/protocols/iec62056-21/block-check.ts';
import { dataMessageReceiver } from '../../src/protocols/iec62056-21/data-message.ts';
import type { DataMessage, DataMessageOptions } from '../../src/protocols/iec62056-21/data-message.ts';
import { parseDataBlock } from '../../src/protocols/iec62056-21/data-set.ts';
import { decodeIec } from '../../src/protocols/iec62056-21/decode.ts';
import { isTornInside } from '../../src/protocols/iec62056-21/doubt.ts';
import { pushJudge } from '../../src/protocols/iec62056-21/push-judge.ts';
import { charactersOf, dataMessage, type SentParity } from '../../src/protocols/iec62056-21/simulated/messages.ts';
import { randomSource } from '../../src/simulator/random.ts';
import { thirdParty } from './third-party.ts';

/** What a line, an adapter or a busy computer does to a good readout: is a value called whole that is not the meter's? */

const vectors = thirdParty<{ readonly records: readonly { readonly hex: string; readonly kind: string }[] }>(
  'iec62056-21-captures.json',
);

function received(raw: Uint8Array, options: DataMessageOptions): DataMessage {
  const receiver = dataMessageReceiver(options);
  for (const character of raw) {
    if (receiver.accept(character & 0x7f, hasOddOnes(character) === character >= 0x80) === 'done') break;
  }
  return receiver.result();
}

/** The data of real meters, short ones. */
const blocks = (vectors?.content.records ?? [])
  .filter(({ kind }) => /readout|push/i.test(kind) && !kind.startsWith('HHU->'))
  .map(({ hex }) => received(fromHex(hex) ?? new Uint8Array(0), { blockCheck: 'none' }).block)
  .filter((block) => /^[ -~\r\n]{120,360}$/.test(block) && (block.match(/\(/g)?.length ?? 0) >= 5)
  .slice(0, 3);

const withCrc = (body: string) => `${body}${dsmrCrc(fromLatin1(body)).toString(16).toUpperCase().padStart(4, '0')}\r\n`;

/** How the data is sent, and how it is read. */
interface Way {
  readonly sent: (block: string) => string;
  readonly parity: SentParity;
  readonly policy?: 'sum7';
  /** Mode D: one damaged telegram among good ones. */
  readonly isPushed?: true;
}

const ways = {
  'mode C, BCC, 7E1': { sent: (block) => dataMessage(`${block}!\r\n`, 'xor'), parity: 'even' },
  'mode C, BCC, 8N1': { sent: (block) => dataMessage(`${block}!\r\n`, 'xor'), parity: 'none' },
  'mode C, seven-bit sum, 7E1': {
    sent: (block) => dataMessage(`${block}!\r\n`, 'sum7'),
    parity: 'even',
    policy: 'sum7',
  },
  'modes A to C without check, 7E1': { sent: (block) => `${block}!\r\n`, parity: 'even' },
  'modes A to C without check, 8N1': { sent: (block) => `${block}!\r\n`, parity: 'none' },
  'P1, CRC, 8N1': { sent: (block) => withCrc(`/ABC5TEST\r\n\r\n${block}!`), parity: 'none' },
  'P1, CRC, 7E1': { sent: (block) => withCrc(`/ABC5TEST\r\n\r\n${block}!`), parity: 'even' },
  'mode D without check, 7E1': { sent: (block) => `/ABC5TEST\r\n\r\n${block}!\r\n`, parity: 'even', isPushed: true },
  'mode D without check, 8N1': { sent: (block) => `/ABC5TEST\r\n\r\n${block}!\r\n`, parity: 'none', isPushed: true },
} as const satisfies Readonly<Record<string, Way>>;

type Random = () => number;
const below = (random: Random, limit: number) => Math.floor(random() * limit);
const TURNS = 150;
const without = (raw: Uint8Array, at: number, count: number) =>
  concatBytes(raw.subarray(0, at), raw.subarray(Math.min(raw.length, at + count)));
const flipped = (raw: Uint8Array, at: number, bit: number) => raw.with(at, (raw[at] ?? 0) ^ (1 << bit));

const faults: Readonly<Record<string, (raw: Uint8Array, random: Random) => Generator<Uint8Array>>> = {
  *'one bit'(raw) {
    for (let at = 0; at < raw.length; at++) for (let bit = 0; bit < 8; bit++) yield flipped(raw, at, bit);
  },
  *'the same bit of two'(raw, random) {
    for (let turn = 0; turn < TURNS; turn++) {
      const [one, other, bit] = [below(random, raw.length), below(random, raw.length), below(random, 7)];
      if (one !== other) yield flipped(flipped(raw, one, bit), other, bit);
    }
  },
  *'a character lost'(raw) {
    for (let at = 0; at < raw.length; at++) yield without(raw, at, 1);
  },
  *'a hole'(raw, random) {
    for (let turn = 0; turn < TURNS; turn++) yield without(raw, below(random, raw.length), 2 + below(random, 62));
  },
  *'characters doubled'(raw, random) {
    for (let turn = 0; turn < TURNS; turn++) {
      const [at, count] = [below(random, raw.length), 1 + below(random, 32)];
      yield concatBytes(raw.subarray(0, at + count), raw.subarray(at));
    }
  },
  *'a pause that does not end'(raw) {
    for (let at = 0; at < raw.length; at++) yield raw.slice(0, at);
  },
};

const shown = ({ label, value, unit, time }: Reading) =>
  JSON.stringify([label, value, unit, time?.iso], (_, part: unknown) =>
    typeof part === 'bigint' ? String(part) : part,
  );

function wholeValues({ block, blockCheck, complete, errorCode }: DataMessage, parity: SentParity, borneOut?: boolean) {
  const circumstances = {
    blockCheck,
    parity,
    ...(complete ? {} : { partial: true }),
    ...(borneOut === undefined ? {} : { borneOut }),
  };
  const readings = decodeIec({ identification: '', data: block, errorCode, circumstances });
  return readings.filter(({ state }) => state === 'whole').map(shown);
}

/** What a reader keeps of a message: of pushed ones the first that others bear out. */
function kept(message: DataMessage, good: DataMessage, way: Way): readonly string[] {
  if (!way.isPushed) {
    // Without a check the next reading decides; what it brings is whole.
    if (message.blockCheck === 'absent' && formOf(message.block) !== formOf(good.block)) return [];
    return message.complete ? wholeValues(message, way.parity) : [];
  }
  const judge = pushJudge('strict');
  for (const [turn, one] of [message, good, good].entries()) {
    const taken = judge.add({ message: one, identification: undefined, at: 1000 * turn });
    if (taken) return wholeValues(taken.message, way.parity, judge.borneOut);
  }
  return [];
}

function attack(way: Way, kind: string) {
  const random = randomSource(7);
  const options: DataMessageOptions = {
    blockCheck: way.policy ?? 'strict',
    parity: { ours: 'even', ...(way.isPushed ? {} : { known: way.parity }) },
  };
  const tally = { tried: 0, wrong: 0 };
  for (const block of blocks) {
    const raw = charactersOf(way.sent(block), way.parity);
    const good = received(raw, options);
    expect(good.errorCode).toBe(0);
    const truth = new Set(wholeValues(good, way.parity, way.isPushed));
    for (const damaged of faults[kind]?.(raw, random) ?? []) {
      tally.tried++;
      const values = kept(received(damaged, options), good, way);
      // None at all is refused, not wrong; a register that is missing is wrong as well.
      if (values.some((value) => !truth.has(value)) || (values.length > 0 && values.length < truth.size)) tally.wrong++;
    }
  }
  return tally;
}

/** Of a thousand faults, how many may pass: what the check of that way can't see. */
const BLIND: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  // Seven bits: one of 128 holes has the right check.
  'mode C, BCC, 7E1': { 'a hole': 8, 'characters doubled': 15 },
  'mode C, seven-bit sum, 7E1': { 'a hole': 8, 'characters doubled': 15 },
  // An exclusive or does not see the same bit turned twice, and nothing else vouches; a note says so after damage.
  'mode C, BCC, 8N1': { 'the same bit of two': 1000, 'a hole': 8, 'characters doubled': 15 },
};

it('no data of a real meter is called torn', () => {
  const captures = (vectors?.content.records ?? []).filter(({ kind }) => !kind.startsWith('HHU->'));
  const torn = captures.filter(({ hex }) =>
    isTornInside(parseDataBlock(received(fromHex(hex) ?? new Uint8Array(0), { blockCheck: 'none' }).block)),
  );
  expect(torn).toEqual([]);
});

describe.each(Object.keys(ways) as (keyof typeof ways)[])('a damaged readout, %s', (name) => {
  it.each(Object.keys(faults))('%s', (kind) => {
    const { tried, wrong } = attack(ways[name], kind);
    expect(tried).toBeGreaterThan(0);
    expect((1000 * wrong) / tried).toBeLessThanOrEqual(BLIND[name]?.[kind] ?? 0);
  });
});

import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/common/bytes.ts';
import type { Reading } from '../../src/common/reading.ts';
import { decodeMbus } from '../../src/protocols/mbus/decode.ts';
import { frameReceiver } from '../../src/protocols/mbus/frame-receiver.ts';
import { damagedFrameError } from '../../src/protocols/mbus/link.ts';
import { randomSource } from '../../src/simulator/random.ts';
import { thirdParty } from './third-party.ts';

/** What a line, an adapter or a busy computer does to a good answer: is a value taken that is not the meter's? */

interface Character {
  readonly byte: number;
  readonly parityBit: boolean;
}

const vectors = thirdParty<readonly { readonly hex: string }[]>('libmbus-frames.json');
const frames = (vectors?.content ?? [])
  .map(({ hex }) => fromHex(hex) ?? new Uint8Array(0))
  .filter((bytes) => bytes[0] === 0x68 && bytes.length > 30 && bytes.length < 100)
  .slice(0, 6);

const hasOddOnes = (byte: number) => byte.toString(2).replaceAll('0', '').length % 2 === 1;
const sent = (bytes: Uint8Array): Character[] => Array.from(bytes, (byte) => ({ byte, parityBit: hasOddOnes(byte) }));

/** The frame that a reader would take, if any. */
function taken(characters: readonly Character[], isChecked: boolean): Uint8Array | undefined {
  const receiver = frameReceiver();
  for (const { byte, parityBit } of characters)
    if (receiver.accept(byte, !isChecked || parityBit === hasOddOnes(byte)) === 'done') break;
  const reception = receiver.reception();
  return reception.kind === 'frame' && !damagedFrameError(reception) ? reception.bytes : undefined;
}

const flipped = (characters: readonly Character[], at: number, bit: number): Character[] =>
  characters.map((one, i) => {
    if (i !== at) return one;
    return bit === 8 ? { ...one, parityBit: !one.parityBit } : { ...one, byte: one.byte ^ (1 << bit) };
  });

type Fault = (characters: readonly Character[], random: () => number) => Generator<readonly Character[]>;

const below = (random: () => number, limit: number) => Math.floor(random() * limit);
const TURNS = 400;

const faults: Readonly<Record<string, Fault>> = {
  *'one bit'(good) {
    for (let at = 0; at < good.length; at++) for (let bit = 0; bit < 9; bit++) yield flipped(good, at, bit);
  },
  *'two bits of a character'(good, random) {
    for (let turn = 0; turn < TURNS; turn++) {
      const [at, bit] = [below(random, good.length), below(random, 8)];
      yield flipped(flipped(good, at, bit), at, (bit + 1 + below(random, 7)) % 8);
    }
  },
  *'two bits that leave the sum as it was'(good, random) {
    for (let turn = 0; turn < TURNS; turn++) {
      const [one, other, bit] = [
        4 + below(random, good.length - 6),
        4 + below(random, good.length - 6),
        below(random, 8),
      ];
      const isSet = (at: number) => (((good[at]?.byte ?? 0) >> bit) & 1) === 1;
      if (isSet(one) !== isSet(other)) yield flipped(flipped(good, one, bit), other, bit);
    }
  },
  *'a character lost'(good) {
    for (let at = 0; at < good.length; at++) yield good.toSpliced(at, 1);
  },
  *'a hole'(good, random) {
    for (let turn = 0; turn < TURNS; turn++) yield good.toSpliced(below(random, good.length), 2 + below(random, 40));
  },
  *'characters doubled'(good, random) {
    for (let turn = 0; turn < TURNS; turn++) {
      const [at, count] = [below(random, good.length), 1 + below(random, 32)];
      yield [...good.slice(0, at + count), ...good.slice(at)];
    }
  },
  *'a pause that does not end'(good) {
    for (let at = 0; at < good.length; at++) yield good.slice(0, at);
  },
};

const shown = ({ label, value, unit, time }: Reading) =>
  JSON.stringify([label, value, unit, time?.iso], (_, part: unknown) =>
    typeof part === 'bigint' ? String(part) : part,
  );
const whole = (bytes: Uint8Array) =>
  decodeMbus({ identification: '', data: toHex(bytes) })
    .filter(({ state }) => state === 'whole')
    .map(shown);

function attack(kind: string, isChecked: boolean) {
  const random = randomSource(11);
  const tally = { tried: 0, taken: 0, wrong: 0 };
  for (const frame of frames) {
    const truth = new Set(whole(frame));
    for (const damaged of faults[kind]?.(sent(frame), random) ?? []) {
      tally.tried++;
      const bytes = taken(damaged, isChecked);
      if (!bytes) continue;
      tally.taken++;
      const values = whole(bytes);
      if (values.length !== truth.size || values.some((value) => !truth.has(value))) tally.wrong++;
    }
  }
  return tally;
}

describe('damaged M-Bus answers', () => {
  it.each(Object.keys(faults))('8E1, %s: no wrong value', (kind) => {
    const { tried, wrong } = attack(kind, true);
    expect(tried).toBeGreaterThan(0);
    expect(wrong).toBe(0);
  });

  // A sum of bytes does not see two bits in the same place of which one fell and the other rose; only a parity does.
  it.each(Object.keys(faults).filter((kind) => !kind.includes('leave the sum')))('8N1, %s: no wrong value', (kind) => {
    expect(attack(kind, false).wrong).toBe(0);
  });
});

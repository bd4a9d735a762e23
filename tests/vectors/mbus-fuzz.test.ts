import { env } from 'node:process';
import { describe, expect, it } from 'vitest';
import { bigEndianDigits } from '../../src/common/bcd.ts';
import { fromHex } from '../../src/common/bytes.ts';
import { MeterError } from '../../src/common/meter-error.ts';
import { decodeMbus, moreRecordsFollow } from '../../src/protocols/mbus/decode.ts';
import { explainMbus } from '../../src/protocols/mbus/explain.ts';
import { frameReceiver } from '../../src/protocols/mbus/frame-receiver.ts';
import { checksum, parseFrame } from '../../src/protocols/mbus/frame.ts';
import { parseTelegrams } from '../../src/protocols/mbus/telegram.ts';
import { thirdParty } from './third-party.ts';

/**
 * Mutated real frames: no hang, and no exception but MeterError. 200 000 a run; MBUS_FUZZ sets another number,
 * MBUS_FUZZ_SEED another start.
 */
const COUNT = Number(env['MBUS_FUZZ'] ?? 200_000);
const SEED = Number(env['MBUS_FUZZ_SEED'] ?? 1);

const rows = thirdParty<readonly { readonly hex: string }[]>('libmbus-frames.json')?.content ?? [];
const frames = rows.flatMap(({ hex }) => fromHex(hex) ?? []);

/** Mulberry32: small, and the same on every machine. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** One to eight bytes changed, removed or put in; half of the frames get their lengths and checksum repaired. */
function mutate(frame: Uint8Array, below: (n: number) => number): Uint8Array {
  const bytes = Array.from(frame);
  for (let n = below(8); n >= 0; n--) {
    const at = below(bytes.length);
    switch (below(4)) {
      case 0:
        bytes[at] = below(256);
        break;
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
        break;
      case 2:
        bytes.splice(at, 1 + below(3));
        break;
      default:
        bytes.splice(at, 0, ...Array.from({ length: 1 + below(3) }, () => below(256)));
    }
  }
  const mutated = Uint8Array.from(bytes);
  const size = mutated.length - 6;
  if (size < 3 || size > 255 || below(2) === 0) return mutated;
  mutated.set([0x68, size, size, 0x68]);
  mutated[size + 4] = checksum(mutated, 4, size + 4);
  mutated[size + 5] = 0x16;
  return mutated;
}

describe('mutated frames', () => {
  it(`${COUNT} of them do no harm`, { timeout: 300_000 }, () => {
    const below = random(SEED);
    let parsed = 0;
    for (let n = 0; n < COUNT; n++) {
      const frame = mutate(frames[below(frames.length)] ?? new Uint8Array(0), below);
      const data = bigEndianDigits(frame, 0, frame.length);
      try {
        const readings = decodeMbus({ identification: '', data });
        if (readings.some(({ source }) => source.end > frame.length || source.start > source.end))
          throw new Error('a source is outside');
        if (parseTelegrams(frame).reduce((sum, { start, end }) => sum + end - start, 0) !== frame.length)
          throw new Error('bytes are lost');
        if (n % 16 === 0) {
          let at = 0;
          for (const span of explainMbus(frame)) at = span.start === at ? span.end : -1;
          if (at !== frame.length) throw new Error('spans do not cover the frame');
        }
        moreRecordsFollow(frame);
        const receiver = frameReceiver();
        for (const byte of frame) if (receiver.accept(byte, true) === 'done') break;
        receiver.reception();
        parseFrame(frame);
        parsed++;
      } catch (error) {
        if (!(error instanceof MeterError)) throw new Error(`frame ${n} of seed ${SEED}: ${data}`, { cause: error });
      }
    }
    // Repaired frames get past the link layer, so that the records were really reached.
    expect(parsed).toBeGreaterThan(COUNT / 3);
  });
});

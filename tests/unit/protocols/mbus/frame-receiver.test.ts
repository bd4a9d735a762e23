import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../../src/common/bytes.ts';
import type { MbusFrame } from '../../../../src/protocols/mbus/frame.ts';
import { encodeFrame } from '../../../../src/protocols/mbus/frame.ts';
import type { Reception } from '../../../../src/protocols/mbus/frame-receiver.ts';
import { frameReceiver } from '../../../../src/protocols/mbus/frame-receiver.ts';
import { anyFrame, bytesOf } from './samples.ts';

/** Feeds everything up to 'done'. */
function receive(hex: string, parityErrorAt = -1): Reception {
  const receiver = frameReceiver();
  for (const [n, byte] of bytesOf(hex).entries()) if (receiver.accept(byte, n !== parityErrorAt) === 'done') break;
  return receiver.reception();
}

/**
 * Frames out of a stream that comes in chunks, as a session takes them: a new receiver for every answer. An
 * acknowledgment is one at the end of a chunk, where the line falls silent; such chunks end each frame here.
 */
function framesOf(chunks: readonly Uint8Array[]): MbusFrame[] {
  const frames: MbusFrame[] = [];
  let receiver = frameReceiver();
  for (const chunk of chunks) {
    for (const byte of chunk) {
      const state = receiver.accept(byte, true);
      if (state === 'more') continue;
      const reception = receiver.reception();
      if (reception.kind === 'frame') frames.push(reception.frame);
      receiver = frameReceiver();
    }
  }
  return frames;
}

const RSP = '68 07 07 68 08 01 78 01 13 05 2F C9 16';

describe('frame receiver', () => {
  it('finds the same frames however the stream is split', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (frames, sizes) => {
          const stream = concatBytes(...frames.map(encodeFrame));
          const chunks: Uint8Array[] = [];
          for (let at = 0, n = 0; at < stream.length; n++) {
            const size = sizes[n % sizes.length] ?? 1;
            chunks.push(stream.subarray(at, at + size));
            at += size;
          }
          expect(framesOf(chunks)).toEqual(frames);
        },
      ),
    );
  });

  it('is silent as long as nothing comes', () => {
    expect(frameReceiver().reception()).toEqual({ kind: 'silence' });
  });

  it('waits after an acknowledgment whether more follows', () => {
    const receiver = frameReceiver();
    expect(receiver.accept(0xe5, true)).toBe('enough');
    expect(receiver.reception()).toMatchObject({
      kind: 'frame',
      frame: { kind: 'acknowledge' },
      disturbance: { kind: 'none' },
    });
  });

  it('is done at the stop character', () => {
    const receiver = frameReceiver();
    const states = Array.from(bytesOf(RSP), (byte) => receiver.accept(byte, true));
    expect(states.slice(0, -1).every((state) => state === 'more')).toBe(true);
    expect(states.at(-1)).toBe('done');
  });

  it.each([
    ['noise before the frame', `00 FF ${RSP}`, { kind: 'noise', strayBytes: 2 }],
    ['a start character as noise', `68 ${RSP}`, { kind: 'noise', strayBytes: 1 }],
    ['an acknowledgment before the frame', `E5 ${RSP}`, { kind: 'noise', strayBytes: 1 }],
    ['a broken frame before the frame', `68 05 05 67 ${RSP}`, { kind: 'broken frame', strayBytes: 4 }],
  ])('resynchronizes after %s', (_what, hex, disturbance) => {
    expect(receive(hex)).toMatchObject({ kind: 'frame', frame: { kind: 'long', address: 1 }, disturbance });
  });

  it('tells two acknowledgments from one', () => {
    expect(receive('E5 E5')).toMatchObject({
      kind: 'frame',
      frame: { kind: 'acknowledge' },
      disturbance: { kind: 'several acknowledgments', strayBytes: 1 },
    });
  });

  it('takes an acknowledgment with something behind it for a collision', () => {
    expect(receive('E5 A3')).toMatchObject({ kind: 'garbage', error: { code: 131329 } });
  });

  it('never takes E5 inside a broken frame for an answer', () => {
    expect(receive('68 04 04 68 08 01 78 E5 00 16')).toMatchObject({
      kind: 'garbage',
      error: { code: 131332 },
      disturbance: { kind: 'broken frame' },
    });
    expect(receive('68 04 04 68 08 01 78 00 E5 E5')).toMatchObject({ kind: 'garbage' });
  });

  it('keeps parity errors as evidence', () => {
    expect(receive(RSP, 5)).toMatchObject({ kind: 'frame', disturbance: { kind: 'parity', parityErrors: 1 } });
    expect(receive('12 34', 0)).toMatchObject({ kind: 'garbage', disturbance: { kind: 'parity', parityErrors: 1 } });
  });

  it('says how much of a frame is missing', () => {
    expect(receive(RSP.slice(0, 20))).toMatchObject({
      kind: 'incomplete',
      expected: 13,
      disturbance: { kind: 'none' },
    });
    expect(receive('68')).toMatchObject({ kind: 'incomplete', expected: undefined });
    // In garbage the beginning of a frame is chance.
    expect(receive(`AA ${RSP.slice(0, 20)}`)).toMatchObject({ kind: 'garbage' });
  });

  it('ends a flood with 131335', () => {
    const receiver = frameReceiver();
    const states = Array.from({ length: 523 }, () => receiver.accept(0x55, true));
    expect(states.at(-2)).toBe('more');
    expect(states.at(-1)).toBe('done');
    expect(receiver.reception()).toMatchObject({ kind: 'garbage' });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MeterError } from '../../../../src/common/meter-error.ts';
import { encodeFrame, parseFrame } from '../../../../src/protocols/mbus/frame.ts';
import { anyFrame, bytesOf } from './samples.ts';

function codeOf(hex: string): number | undefined {
  try {
    parseFrame(bytesOf(hex));
    return undefined;
  } catch (error) {
    if (error instanceof MeterError) return error.code;
    throw error;
  }
}

describe('frames', () => {
  it('parse what they encode', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(parseFrame(encodeFrame(frame))).toEqual(frame);
      }),
    );
  });

  it('are bytes of the standard', () => {
    expect(encodeFrame({ kind: 'short', control: 0x40, address: 1 })).toEqual(bytesOf('10 40 01 41 16'));
    expect(encodeFrame({ kind: 'control', control: 0x53, address: 0xfe, controlInformation: 0xbd })).toEqual(
      bytesOf('68 03 03 68 53 FE BD 0E 16'),
    );
  });

  it('have room for 252 bytes of data', () => {
    const long = { kind: 'long', control: 8, address: 1, controlInformation: 0x72 } as const;
    expect(encodeFrame({ ...long, data: new Uint8Array(252) })).toHaveLength(261);
    expect(() => encodeFrame({ ...long, data: new Uint8Array(253) })).toThrow(MeterError);
  });

  it.each([
    ['start character', 'AA 40 01 41 16', 131329],
    ['nothing at all', '', 131329],
    ['second start character', '68 03 03 67 08 01 70 79 16', 131330],
    ['stop character of a long frame', '68 03 03 68 08 01 70 79 17', 131331],
    ['stop character of a short frame', '10 40 01 41 00', 131331],
    ['checksum of a long frame', '68 03 03 68 08 01 70 78 16', 131332],
    ['checksum of a short frame', '10 40 01 42 16', 131332],
    ['lengths that differ', '68 03 04 68 08 01 70 79 16', 131333],
    ['length 2', '68 02 02 68 08 01 09 16', 131334],
    ['a cut off frame', '68 03 03 68 08 01', 131334],
    ['more than a frame', '10 40 01 41 16 16', 131335],
  ])('say what is wrong: %s', (_what, hex, code) => {
    expect(codeOf(hex)).toBe(code);
  });
});

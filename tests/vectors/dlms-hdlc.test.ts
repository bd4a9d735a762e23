import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../src/common/bytes.ts';
import { addressAt, addressBytes } from '../../src/protocols/dlms/hdlc/address.ts';
import { controlByte } from '../../src/protocols/dlms/hdlc/control.ts';
import { crcX25 } from '../../src/common/crc16.ts';
import { frameBytes, type HdlcFrame } from '../../src/protocols/dlms/hdlc/frame.ts';
import { readParameters } from '../../src/protocols/dlms/hdlc/negotiation.ts';
import { hdlcReceiver } from '../../src/protocols/dlms/hdlc/receiver.ts';
import { dlmsRecords } from './dlms-records.ts';

const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array(0);
const lower = (part: Uint8Array) => toHex(part).toLowerCase();

function framesIn(stream: Uint8Array): readonly HdlcFrame[] {
  const receiver = hdlcReceiver();
  return [...stream].flatMap((byte) => receiver.take(byte));
}

const fields = ({ isSegment, destination, source, control, info }: HdlcFrame) => ({
  segmented: isSegment,
  dest: lower(addressBytes(destination)),
  src: lower(addressBytes(source)),
  control: controlByte(control).toString(16).padStart(2, '0'),
  type: control.kind,
  info_len: info.length,
});

test('the check sequence of "123456789" is the published one', () => {
  expect(crcX25(bytes('313233343536373839'))).toBe(0x906e);
});

const captures = dlmsRecords.filter((record) => record.hdlc_frames);

describe.skipIf(captures.length === 0)('captured frames (skipped where ../shared/vectors is absent)', () => {
  test.each(captures.map((record) => [record.id, record] as const))(
    '%s',
    (_id, { hex, note = '', hdlc_frames = [] }) => {
      const whole = note.includes('without flags') ? `7e${hex}7e` : hex;
      const good = hdlc_frames.filter(({ fcs_ok, hcs_ok = true }) => fcs_ok && hcs_ok);
      const found = framesIn(bytes(whole));
      expect(found.map(fields)).toEqual(
        good.map(({ segmented, dest, src, control, type, info_len = 0 }) => ({
          segmented,
          dest,
          src,
          control,
          type,
          info_len,
        })),
      );
      for (const [at, { info }] of good.entries())
        if (info !== undefined) expect(lower(found[at]?.info ?? bytes(''))).toBe(info);
      // Each is written as it was sent.
      for (const frame of found) expect(whole).toContain(lower(frameBytes(frame)));
    },
  );
});

const someFrame = fc.record({
  isSegment: fc.boolean(),
  destination: fc.oneof(
    fc.record({ upper: fc.nat(127), size: fc.constant(1 as const) }),
    fc.record({ upper: fc.nat(127), lower: fc.nat(127), size: fc.constant(2 as const) }),
    fc.record({ upper: fc.nat(16383), lower: fc.nat(16383), size: fc.constant(4 as const) }),
  ),
  source: fc.record({ upper: fc.nat(127), size: fc.constant(1 as const) }),
  control: fc.oneof(
    fc.record({ kind: fc.constant('I' as const), send: fc.nat(7), receive: fc.nat(7), poll: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('RR', 'RNR', 'REJ'), receive: fc.nat(7), poll: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('SNRM', 'UA', 'DISC', 'DM', 'FRMR', 'UI'), poll: fc.boolean() }),
  ),
  info: fc.uint8Array({ maxLength: 2030 }),
});

describe('any frame', () => {
  test('is read as it was written, behind whatever noise', () => {
    fc.assert(
      fc.property(fc.array(someFrame, { maxLength: 4 }), fc.uint8Array({ maxLength: 40 }), (frames, noise) => {
        // A last frame ends what the noise may seem to have begun.
        const tail = Array.from({ length: 2100 }, () => 0x7e);
        const stream = concatBytes(noise, ...frames.map(frameBytes), Uint8Array.from(tail));
        expect(framesIn(stream)).toEqual(frames);
      }),
      { numRuns: 300 },
    );
  });

  test('with one byte changed is no frame, and the next one is found', () => {
    fc.assert(
      fc.property(someFrame, someFrame, fc.nat(), fc.integer({ min: 1, max: 255 }), (first, second, at, change) => {
        const spoiled = frameBytes(first);
        const place = 1 + (at % (spoiled.length - 2));
        spoiled[place] = (spoiled[place] ?? 0) ^ change;
        const tail = Uint8Array.from({ length: 2100 }, () => 0x7e);
        expect(framesIn(concatBytes(spoiled, frameBytes(second), tail))).toEqual([second]);
      }),
      { numRuns: 300 },
    );
  });
});

test('addresses have one, two or four bytes', () => {
  expect(addressAt(bytes('c9'), 0)).toEqual({ upper: 100, size: 1 });
  expect(addressAt(bytes('00022c29'), 0)).toEqual({ upper: 1, lower: 2836, size: 4 });
  expect(addressAt(bytes('02220003'), 0)).toEqual({ upper: 145, lower: 1, size: 4 });
  expect(addressAt(bytes('ceff'), 0)).toEqual({ upper: 103, lower: 127, size: 2 });
  expect(addressAt(bytes('020203'), 0)).toBe('wrong');
  expect(addressAt(bytes('0202020202'), 0)).toBe('wrong');
  expect(addressAt(bytes('0202'), 0)).toBeUndefined();
});

test('a UA says its values in one, two or four bytes, or not at all', () => {
  const usual = { sends: 128, takes: 128, sendWindow: 1, takeWindow: 1 };
  expect(readParameters(bytes(''))).toEqual(usual);
  expect(readParameters(bytes('8180070501800602 0200'))).toEqual({ ...usual, takes: 512 });
  expect(readParameters(bytes('8180080502 07EE 0602 07EE'))).toEqual({ ...usual, sends: 2030, takes: 2030 });
  expect(readParameters(bytes('81F0020000 80 0C 0904FFFFFFFF 080400000003'))).toEqual({ ...usual, takeWindow: 3 });
  expect(readParameters(bytes('8180 0C 0504FFFFFFFF 0804000000FF'))).toEqual({ ...usual, sends: 2030, takeWindow: 7 });
  // A group that is cut off, or claims more than there is.
  expect(readParameters(bytes('8180FF0501'))).toEqual(usual);
});

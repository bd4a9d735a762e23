import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { radioCrc } from '../../../../src/protocols/wmbus/crc.ts';
import { readFrame } from '../../../../src/protocols/wmbus/frame.ts';
import { bodyOf, formatA, formatB, withLength } from './radio.ts';

const anyBody = fc.uint8Array({ minLength: 1, maxLength: 230 }).map((rest) => bodyOf(rest));
const anyTail = fc.uint8Array({ maxLength: 3 });
const forms = { A: formatA, B: formatB, none: withLength };

it('computes the check sum of the standard', () => {
  expect(radioCrc(new TextEncoder().encode('123456789'), 0, 9)).toBe(0xc2b7);
});

describe('frames', () => {
  it.each(['A', 'B', 'none'] as const)('reads format %s, whatever stands behind it', (format) => {
    fc.assert(
      fc.property(anyBody, anyTail, (body, tail) => {
        const frame = readFrame(Uint8Array.of(...forms[format](body), ...tail));
        expect(frame).toMatchObject({ format, body, fault: '', behind: tail });
      }),
      // Without check sums, two bytes behind a frame may be one by chance.
      { examples: [[bodyOf('78'), new Uint8Array(0)]], numRuns: 200 },
    );
  });

  it.each(['A', 'B'] as const)('says so where a check sum of format %s is wrong', (format) => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 130, maxLength: 230 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (rest, where, change) => {
          const bytes = forms[format](bodyOf(rest));
          const first = format === 'A' ? 12 : 128;
          const at = first + (where % (bytes.length - first));
          bytes[at] = (bytes[at] ?? 0) ^ change;
          const frame = readFrame(bytes);
          expect(frame?.format).toBe(format);
          expect(frame?.fault).toContain('wrong');
        },
      ),
    );
  });

  it('never takes a frame that lost its end for a whole one', () => {
    fc.assert(
      fc.property(anyBody, fc.constantFrom('A' as const, 'none' as const), fc.nat(), (body, format, lost) => {
        const bytes = forms[format](body);
        const end = bytes.length - 1 - (lost % Math.max(1, bytes.length - 12));
        const frame = readFrame(bytes.subarray(0, end));
        if (frame) expect(frame.fault).not.toBe('');
      }),
    );
  });

  it('says of a frame that is shorter by the check sums of format B which of both it may be', () => {
    expect(readFrame(formatB(bodyOf('7811223344')).subarray(0, -2))).toMatchObject({
      body: bodyOf('7811223344'),
      fault: '2 bytes are missing: the check sums of format B were taken out, or the end is lost',
    });
  });

  it('takes a frame whose L is two too small where the last check sum fits', () => {
    const body = bodyOf('780C1312345678');
    const bytes = withLength(body);
    const crc = radioCrc(bytes, 10, bytes.length);
    bytes[0] = body.length - 2;
    expect(readFrame(Uint8Array.of(...bytes, crc >> 8, crc & 0xff))).toMatchObject({ body, fault: '' });
  });

  it.each([
    ['too short', '08'],
    ['a C field that radio does not have', '0E99 153D 78563412 03 07 78 0C13 0000'],
    ['a maker that has no letters', '0E44 0000 78563412 03 07 78 0C13 0000'],
    ['nothing', ''],
  ])('sees none in bytes with %s', (_, hex) => {
    expect(
      readFrame(Uint8Array.from((hex.replaceAll(' ', '').match(/../g) ?? []).map((pair) => parseInt(pair, 16)))),
    ).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const frame = readFrame(bytes);
        if (frame) expect(frame.body.length).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32 } from '../../../../src/log/journal/crc32.ts';
import { decodeFrames, encodeFrame } from '../../../../src/log/journal/frames.ts';
import type { JournalEntry } from '../../../../src/log/journal/frames.ts';
import { anyRecord } from '../records.ts';

const anyEntry: fc.Arbitrary<JournalEntry> = fc.oneof(
  fc.array(anyRecord(), { maxLength: 4 }).map((records) => ({ records })),
  fc.array(fc.nat(), { maxLength: 4 }).map((removed) => ({ removed })),
  fc
    .array(fc.record({ key: fc.string(), value: fc.string({ unit: 'binary' }) }), { maxLength: 3 })
    .map((settings) => ({ settings })),
);

function join(entries: readonly JournalEntry[]): Uint8Array {
  return Uint8Array.from(entries.flatMap((entry) => [...encodeFrame(entry)]));
}

test('the check value of CRC-32', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf4_3926);
});

test('entries are read as they were written, up to where the writing broke off', () => {
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 8 }), fc.nat(200), (entries, cut) => {
      const bytes = join(entries);
      expect(decodeFrames(bytes)).toEqual({ entries, end: bytes.length });
      const torn = bytes.subarray(0, Math.max(0, bytes.length - cut));
      const read = decodeFrames(torn);
      expect(read.entries).toEqual(entries.slice(0, read.entries.length));
      expect(read.end).toBe(join(read.entries).length);
    }),
  );
});

test('damage costs the entries it hits and no other, and is never taken for data', () => {
  fc.assert(
    fc.property(
      fc.array(anyEntry, { minLength: 1, maxLength: 8 }),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 255 })), {
        maxLength: 3,
      }),
      (entries, flips) => {
        const bytes = join(entries);
        for (const [place, mask] of flips) {
          const at = Math.min(bytes.length - 1, Math.floor(place * bytes.length));
          bytes[at] = (bytes[at] ?? 0) ^ mask;
        }
        const whole = new Set(entries.map((entry) => JSON.stringify(entry)));
        const read = decodeFrames(bytes).entries;
        expect(read.filter((entry) => !whole.has(JSON.stringify(entry)))).toEqual([]);
        expect(read.length).toBeGreaterThanOrEqual(entries.length - flips.length);
      },
    ),
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visibleText } from '../../../../src/views/components/format.ts';
import { chunkSegments, rawSegments, textChunks } from '../../../../src/views/log/raw-text.ts';

describe('raw data with a marked range', () => {
  test('marks what a register was read from', () => {
    const data = 'C.1(12)\r\n1.8.0(3*kWh)\r\n!\r\n';
    expect(rawSegments(data, { start: 9, end: 21 })).toEqual({
      before: 'C.1(12)\n',
      marked: '1.8.0(3*kWh)',
      after: '\n!\n',
    });
    expect(rawSegments(data, undefined).before).toBe(visibleText(data));
  });

  test('however it is cut, the same text is shown', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('\r\n', '\r', '\n', 'a', '(', '\x02')),
        fc.nat(20),
        fc.nat(20),
        (pieces, a, b) => {
          const data = pieces.join('');
          const { before, marked, after } = rawSegments(data, { start: Math.min(a, b), end: Math.max(a, b) });
          expect(before + marked + after).toBe(visibleText(data));
        },
      ),
    );
  });
});

describe('long data in chunks', () => {
  const long = fc
    .array(fc.tuple(fc.constantFrom('\r\n', '\r', '\n', ''), fc.nat(9000)), { maxLength: 12 })
    .map((lines) => lines.map(([end, length]) => 'x'.repeat(length) + end).join(''));

  test('together they are the whole, cut at line ends where there are any, none longer than 16 384 and a character', () => {
    fc.assert(
      fc.property(long, (data) => {
        const chunks = textChunks(data);
        expect(chunks.map(({ start, end }) => data.slice(start, end)).join('')).toBe(data);
        for (const { start, end } of chunks) {
          expect(end - start).toBeLessThanOrEqual(16_385);
          expect(data.slice(end - 1, end + 1)).not.toBe('\r\n');
          const isCutAtLine = end === data.length || data[end - 1] === '\n';
          if (!isCutAtLine) expect(data.slice(start + 8192, end)).not.toContain('\n');
        }
      }),
    );
  });

  test('the marked text is the same as in one piece', () => {
    fc.assert(
      fc.property(long, fc.nat(100_000), fc.nat(100_000), (data, a, b) => {
        const range = { start: Math.min(a, b, data.length), end: Math.min(Math.max(a, b), data.length) };
        const parts = textChunks(data).map((chunk) => chunkSegments(data, chunk, range).marked);
        const lineEnds = (text: string) => text.replace(/[\n\u240d]/g, '');
        expect(lineEnds(parts.join(''))).toBe(lineEnds(rawSegments(data, range).marked));
      }),
    );
  });
});

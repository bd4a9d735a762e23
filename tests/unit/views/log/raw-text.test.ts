import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visibleText } from '../../../../src/views/components/format.ts';
import { rawSegments } from '../../../../src/views/log/raw-text.ts';

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

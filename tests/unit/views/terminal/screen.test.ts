import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyScreen, freshLine, print, screenText } from '../../../../src/views/tools/terminal/screen.ts';

test('an echoed line and its answer stand on lines of their own', () => {
  const screen = print(emptyScreen, 'AT+GMI\r\r\nOpenHHU\r\n\r\nOK\r\n');
  expect(screenText(screen)).toBe('AT+GMI\nOpenHHU\n\nOK\n');
});

test('after ATV0 an answer ends with a carriage return alone', () => {
  expect(screenText(print(emptyScreen, '0\rAT\r0\r'))).toBe('0\nAT\n0');
});

test('how the output is cut makes no difference', () => {
  const text = fc.string({ unit: fc.constantFrom('\r', '\n', 'A', ' ', '\x02') });
  fc.assert(
    fc.property(fc.array(text), (pieces) => {
      expect(screenText(pieces.reduce(print, emptyScreen))).toBe(screenText(print(emptyScreen, pieces.join(''))));
    }),
  );
});

test('control characters of a meter are shown and not done', () => {
  expect(screenText(print(emptyScreen, '\x1b[2J\x02\u202eabc'))).toBe('␛[2J␂\ufffdabc');
});

test('a long listing keeps its newest lines and tells how many went', () => {
  const lines = Array.from({ length: 25_000 }, (_, i) => `line ${i}\r\n`);
  const screen = print(print(emptyScreen, lines.slice(0, 12_000).join('')), lines.slice(12_000).join(''));
  const shown = screenText(screen).trimEnd().split('\n');
  expect(shown.at(-1)).toBe('line 24999');
  expect(shown[0]).toBe(`line ${screen.dropped}`);
  expect(shown.length + screen.dropped).toBe(25_000);
  expect(shown.length).toBeLessThanOrEqual(10_000);
  expect(new Set(screen.blocks.map(({ id }) => id)).size).toBe(screen.blocks.length);
});

test('a line without an end is bounded too, and nothing of it is lost in silence', () => {
  const screen = print(emptyScreen, 'x'.repeat(450_000));
  expect(screenText(screen)).toHaveLength(450_000);
  expect(screen.blocks.length).toBeGreaterThan(1);
});

test('a line of one’s own begins at the beginning of a line', () => {
  expect(freshLine(emptyScreen)).toBe(emptyScreen);
  expect(screenText(freshLine(print(emptyScreen, 'AT')))).toBe('AT\n');
});

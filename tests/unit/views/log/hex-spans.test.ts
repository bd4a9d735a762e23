import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../../../src/common/bytes.ts';
import { decodeStored } from '../../protocols/decode-stored.ts';
import { explainMbus } from '../../../../src/protocols/mbus/explain.ts';
import { hexOfRange, placeOfRange, readingAt, spansIn } from '../../../../src/views/log/hex-spans.ts';
import { exampleFrame } from '../../../../src/views/tools/decoder/example.ts';

const bytes = fromHex(exampleFrame) ?? new Uint8Array(0);
const readings = decodeStored('MBUS', { identification: '', data: toHex(bytes) });
const spans = explainMbus(bytes);

test('places are as wide as the data needs', () => {
  expect(placeOfRange({ start: 10, end: 11 }, 40)).toBe('0x0A');
  expect(placeOfRange({ start: 10, end: 14 }, 300)).toBe('0x00A–0x00D');
});

test('long runs of bytes are told by their length', () => {
  const run = new Uint8Array(1000);
  expect(hexOfRange(run, { start: 0, end: 3 })).toBe('00 00 00');
  expect(hexOfRange(run, { start: 0, end: 1000 })).toMatch(/ … 744 more$/);
});

test('a register leads to its bytes and every byte of it back to it', () => {
  const energy = readings.find(({ quantity, storage }) => quantity === 'Energy' && !storage);
  const own = spansIn(spans, energy?.source);
  expect(own.length).toBeGreaterThan(1);
  expect(own[0]?.start).toBe(energy?.source.start);
  expect(own.at(-1)?.end).toBe(energy?.source.end);
  for (const span of own) expect(readingAt(readings, span)).toBe(energy);
  expect(readingAt(readings, { start: 0, end: 1 })).toBeUndefined();
});

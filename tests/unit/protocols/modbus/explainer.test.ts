import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../../src/common/bytes.ts';
import { withCrc } from '../../../../src/protocols/modbus/crc.ts';
import { modbusExplainer } from '../../../../src/protocols/modbus/explainer.ts';
import { profiles } from '../../../../src/protocols/modbus/profiles/catalogue.ts';
import type { StoredData } from '../../../../src/protocols/stored-data.ts';

const explained = (stored: StoredData) => {
  const bytes = modbusExplainer.bytes?.(stored.data);
  return bytes ? { bytes, spans: modbusExplainer.explain?.(bytes, stored) ?? [] } : undefined;
};
const framed = (hex: string) => toHex(withCrc(fromHex(hex) ?? new Uint8Array(0)));
const item = (data: string) => ({ identification: '', data, facts: [] });

/** Every byte once, in order. */
function expectWhole({ bytes, spans }: NonNullable<ReturnType<typeof explained>>): void {
  let at = 0;
  for (const { start, end, text } of spans) {
    expect(start).toBe(at);
    expect(end).toBeGreaterThan(start);
    expect(text).not.toBe('');
    at = end;
  }
  expect(at).toBe(bytes.length);
}

describe('every byte of an answer', () => {
  test('with its profile has a name', () => {
    for (const { model, revision, tests } of profiles) {
      const data = tests.map((one) => one.data).join(',');
      const found = explained({ identification: '', data, circumstances: { meaning: { model, revision } } });
      expect(found).toBeDefined();
      if (found) expectWhole(found);
      for (const { shows } of tests) {
        const [, words = ''] = /^(.*?) -?\d[\d.]*(?: |$)/.exec(shows[0] ?? '') ?? [];
        expect(found?.spans.some(({ text }) => text.startsWith(`${words}, `))).toBe(true);
      }
    }
  });

  test('with what manuals call a register beside what is on the wire', () => {
    const data = `1:03:0047:${framed('010304000A000B')},1:04:0000:${framed('0104020001')},1:03:9C40:${framed('0103020001')}`;
    const texts = explained({ identification: '', data })?.spans.map(({ text }) => text);
    expect(texts).toContain('holding register 0047 (40072)');
    expect(texts).toContain('input register 0000 (30001)');
    expect(texts).toContain('holding register 9C40 (440001)');
    expect(texts?.filter((text) => text === 'check (CRC), right')).toHaveLength(3);
  });

  test('of a refusal, of bits, of another unit, with a wrong check', () => {
    const data = `1:03:0000:${framed('018302')},1:01:0010:${framed('010101FF')},1:03:0000:0203020001FFFF`;
    const texts = explained({ identification: '', data })?.spans.map(({ text }) => text);
    expect(texts).toContain('it has no such address (exception 02)');
    expect(texts).toContain('bits 0010–0017, the first lowest');
    expect(texts).toContain('unit address 2, asked was 1');
    expect(texts).toContain('check (CRC), wrong');
  });

  test('begins a row with each frame', () => {
    const data = `1:03:0047:${framed('010304000A000B')},1:04:0000:${framed('018402')},1:04:0001:${framed('0104020001')}`;
    const bytes = modbusExplainer.bytes?.(data) ?? new Uint8Array(0);
    expect(modbusExplainer.starts?.(bytes)).toEqual([0, 9, 14]);
    expect(modbusExplainer.starts?.(bytes.subarray(0, 20))).toEqual([0, 9, 14]);
    expect(modbusExplainer.starts?.(Uint8Array.of(1, 0x44, 2))).toEqual([0]);
  });

  test('is there whatever the record holds', () => {
    const hexText = fc.uint8Array({ minLength: 1, maxLength: 30 }).map(toHex);
    const part = fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.constantFrom('01', '03', '04', '2B'), hexText)
      .map(([unit, command, frame]) => `${unit}:${command}:0000:${frame}`);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const found = explained({ identification: '', data: parts.join(',') });
        expect(found).toBeDefined();
        if (found) expectWhole(found);
      }),
    );
  });
});

test('a readout is described in words', () => {
  const data = `7:03:0000:${framed('0703020001')},7:03:0010:${framed('078302')}`;
  expect(modbusExplainer.describe(item(data))).toMatchObject({
    kind: 'Modbus readout in 2 answers',
    meter: 'unit 7',
    facts: [
      ['Unit', '7'],
      ['Frames', '2'],
      ['Refused', '1'],
    ],
  });
  expect(modbusExplainer.bytes?.('rubbish')).toBeUndefined();
});

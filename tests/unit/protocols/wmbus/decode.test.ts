import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../../src/common/bytes.ts';
import type { Reading } from '../../../../src/common/reading.ts';
import { builtInFormats } from '../../../../src/protocols/wmbus/built-in-formats.ts';
import { radioCrc } from '../../../../src/protocols/wmbus/crc.ts';
import { decodeRadio, wantsKey, type RadioHelp } from '../../../../src/protocols/wmbus/decode.ts';
import { formatBook } from '../../../../src/protocols/wmbus/formats.ts';
import { bytesOf, shown } from '../mbus/samples.ts';
import { bodyOf, formatA, KEY, mode10, mode5, mode7, OTHER_KEY, session, withLength } from './radio.ts';

const RECORDS = '0C13 45230100 046D 32371F15 02FD17 0000';

const decode = (body: Uint8Array | string, help: RadioHelp = {}) =>
  decodeRadio({ identification: '', data: typeof body === 'string' ? body : toHex(body) }, help);

const said = (readings: readonly Reading[]) => readings.map((reading) => `${reading.label} ${shown(reading)}`);

describe('a telegram', () => {
  it('begins with the meter and its status, and the byte of that', () => {
    const readings = decode(bodyOf(`7A 2A 04 0000 ${RECORDS}`));
    expect(said(readings)).toEqual([
      'ID 12345678',
      'STATUS power low',
      '0C13 12.345 m³',
      '046D 2008-05-31T23:50',
      '02FD17 0',
    ]);
    expect(readings[0]).toMatchObject({ note: 'OHU, version 3, Water', source: { start: 1, end: 9 }, state: 'whole' });
    expect(readings[1]).toMatchObject({ note: '04', kind: 'error' });
    expect(readings[2]).toMatchObject({ obis: '8-0:1.0.0', source: { start: 14, end: 20 } });
  });

  it('is of the meter in its long header, and names the radio module', () => {
    const readings = decode(bodyOf(`72 21436587 153D 01 04 2A 00 0000 ${RECORDS}`, { maker: 'QDS', medium: 0x37 }));
    expect(said(readings).slice(0, 2)).toEqual(['ID 87654321', 'LINK 12345678']);
    expect(readings[1]?.note).toBe('QDS, version 3, Radio converter (meter side)');
  });

  it('may come from its L field on, and is doubted where its check sum is wrong', () => {
    const body = bodyOf(`78 ${RECORDS}`);
    expect(said(decode(withLength(body)))).toEqual(said(decode(body)));
    const frame = formatA(body);
    expect(decode(frame).every(({ state }) => state === 'whole')).toBe(true);
    frame[20] = (frame[20] ?? 0) ^ 1;
    expect(decode(frame).filter(({ state }) => state === 'whole')).toEqual([]);
    expect(said(decode(frame)).at(-1)).toBe('frame the check sum of block 2 is wrong');
  });

  it('is doubted where the check sum of its session is wrong and nothing is enciphered', () => {
    const body = session(`78${RECORDS}`, { isEncrypted: false });
    expect(said(decode(body))).toContain('0C13 12.345 m³');
    body[20] = (body[20] ?? 0) ^ 1;
    expect(decode(body).filter(({ state }) => state === 'whole')).toEqual([]);
  });

  it.each([
    ['70 08', 'CI70 application busy'],
    ['6E 2A 00 0000 08', 'CI70 application busy'],
    ['71 0102', 'CI71 0102'],
    ['80 78563412 153D 03 07 2A 00 0000', 'STATUS OK'],
    ['A2 0102', 'CIA2 bytes 0102'],
    ['7D 2A 00 0000 0102', 'CI7D bytes 0102'],
    ['86 0102', 'CI86 bytes 0102'],
    ['FF 0102', 'CIFF bytes 0102'],
    ['72 0102', 'CI72 bytes 0102'],
    ['90 0F 0040 25 B30A0000 1122334455667788 78 0C13 45230100', 'fragment bytes'],
  ])('with %s says %s', (rest, expected) => {
    expect(said(decode(bodyOf(rest))).some((one) => one.startsWith(expected.replace('application busy', '')))).toBe(
      true,
    );
  });
});

describe('an enciphered telegram', () => {
  const sealed: readonly (readonly [string, Uint8Array, string])[] = [
    ['mode 5', mode5(RECORDS), 'mode 5, opened'],
    ['mode 7', mode7(RECORDS), 'mode 7, opened and proved'],
    ['mode 10', mode10(RECORDS), 'mode 10, opened and proved'],
    ['AES-CTR of the link layer', session(`78${RECORDS}`), 'AES-CTR of the link layer, opened and proved'],
  ];

  it.each(sealed)('in %s is read with its key', (_, body, how) => {
    const readings = decode(body, { keys: [OTHER_KEY, KEY] });
    expect(said(readings)).toEqual(expect.arrayContaining([`SECURITY ${how}`, '0C13 12.345 m³', '02FD17 0']));
    expect(readings.some(({ label }) => label === 'encrypted')).toBe(false);
    expect(wantsKey({ identification: '', data: toHex(body) })).toEqual(['12345678']);
  });

  it.each(sealed)('in %s shows nothing without it, and says why', (cipher, body) => {
    const note = (help: RadioHelp) => decode(body, help).at(-1)?.note;
    expect(note({})).toBe(`encrypted, ${cipher}: there is no key for this meter`);
    expect(note({ trouble: 'the keys are locked' })).toBe(`encrypted, ${cipher}: the keys are locked`);
    expect(note({ keys: [OTHER_KEY] })).toBe(`encrypted, ${cipher}: the key does not fit`);
    expect(decode(body).filter(({ value }) => value.type === 'number' || value.type === 'time')).toEqual([]);
  });

  it('says what cannot be opened by listening', () => {
    const body = bodyOf(Uint8Array.from([0x7a, 1, 0, 0x20, 13, ...new Uint8Array(20).fill(0x99)]));
    expect(decode(body, { keys: [KEY] }).at(-1)?.note).toBe(
      'encrypted, mode 13: TLS, which cannot be opened by listening',
    );
    expect(wantsKey({ identification: '', data: toHex(body) })).toBeUndefined();
  });

  it('is read as far as it is plain', () => {
    expect(said(decode(mode5(RECORDS, { tail: '0CFD1078563412' })))).toContain('0CFD10 12345678');
  });

  it('asks for keys by its own number, then by that of the radio module', () => {
    const body = bodyOf(`72 21436587 153D 01 04 2A 00 1005 ${'99'.repeat(16)}`);
    expect(wantsKey({ identification: '', data: toHex(body) })).toEqual(['87654321', '12345678']);
  });
});

describe('a compact frame', () => {
  const full = `02FD17 0000 0413 39300000 4413 10270000 426C 7F2C`;
  const heads = '02FD17 0413 4413 426C';
  const word = (crc: number) => toHex(Uint8Array.of(crc & 0xff, crc >> 8));
  const crcOf = (hex: string) => radioCrc(bytesOf(hex), 0, bytesOf(hex).length);
  const compact = (check = crcOf(full)) =>
    bodyOf(`79 ${word(crcOf(heads))} ${word(check)} 0000 39300000 10270000 7F2C`);

  it('is read once a full one of the kind was', () => {
    const formats = formatBook([]);
    expect(decode(compact(), { formats }).at(-1)).toMatchObject({
      label: 'compact',
      value: { type: 'bytes' },
      note: expect.stringMatching(/its format [0-9A-F]{4} is not known yet/) as string,
    });
    const whole = said(decode(bodyOf(`78 ${full}`), { formats }));
    const readings = decode(compact(), { formats });
    expect(said(readings)).toEqual(whole);
    // Each value stands where the telegram has it.
    expect(readings.map(({ source }) => [source.start, source.end])).toEqual([
      [1, 9],
      [14, 16],
      [16, 20],
      [20, 24],
      [24, 26],
    ]);
  });

  it('is not taken for one of another format of that signature', () => {
    const formats = formatBook([]);
    decode(bodyOf(`78 ${full}`), { formats });
    expect(decode(compact(0x1234), { formats }).at(-1)).toMatchObject({ label: 'compact', value: { type: 'bytes' } });
    // In a telegram that came whole it is most likely right, and doubted.
    const body = session(`79 ${word(crcOf(heads))} 3412 0000 39300000 10270000 7F2C`);
    const readings = decode(body, { formats, keys: [KEY] });
    expect(readings.find(({ label }) => label === '0413')).toMatchObject({ state: 'unchecked' });
  });

  it('is read in mode 5 with its check bytes in front', () => {
    const formats = formatBook([]);
    decode(bodyOf(`78 ${full}`), { formats });
    const inner = `${word(crcOf(heads))} ${word(crcOf(full))} 0000 39300000 10270000 7F2C`;
    const body = mode5(inner);
    body[9] = 0x7b;
    expect(said(decode(body, { formats, keys: [KEY] }))).toContain('0413 12.345 m³');
  });

  it('has formats built in, by their signatures', () => {
    const known = formatBook(builtInFormats);
    const signatures =
      'EDA8 F7D2 34DD 0E7C 12C4 EB61 0509 D436 6BBC 327F F3A9 ABB3 138C E7F1 C252 0084 A2E7 7422 DE73 2D05 B0D6';
    for (const signature of signatures.split(' '))
      expect([signature, known.find(parseInt(signature, 16)).length > 0]).toEqual([signature, true]);
  });
});

it('never throws, whatever the data, and says nothing beyond its end', () => {
  const anyBody = fc
    .tuple(
      fc.constantFrom('7A2A000000', '72', '7A2A002005', '8C2005', '8D2005', '90', '79', '7B', '78', 'A2', '6A', '78'),
      fc.uint8Array({ maxLength: 100 }),
      fc.constantFrom('OHU', 'TCH', 'QDS', 'APA', 'DME', 'BMT', 'KAM'),
    )
    .map(([head, rest, maker]) => bodyOf(Uint8Array.from([...bytesOf(head), ...rest]), { maker }));
  fc.assert(
    fc.property(fc.oneof(anyBody, fc.uint8Array({ maxLength: 60 })), (body) => {
      for (const { source } of decode(body, { keys: [KEY] })) {
        expect(source.start).toBeLessThanOrEqual(source.end);
        expect(source.end).toBeLessThanOrEqual(Math.max(2 * body.length, 1));
      }
    }),
    { numRuns: 3000 },
  );
  expect(decode('no hex')).toMatchObject([{ label: 'data', state: 'unchecked' }]);
  expect(decode('')).toMatchObject([{ label: 'stray' }]);
});

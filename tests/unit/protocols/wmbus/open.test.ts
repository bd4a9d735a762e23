import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../../src/common/bytes.ts';
import { wantsKey } from '../../../../src/protocols/wmbus/decode.ts';
import { openTelegram } from '../../../../src/protocols/wmbus/open.ts';
import { bodyOf, filled, KEY, mode10, mode5, mode7, OTHER_KEY, session } from './radio.ts';
import { bytesOf } from '../mbus/samples.ts';

const RECORDS = '0C1427048502 046D32371F15 02FD170000';
const PLAIN = '0C1427048502046D32371F1502FD170000';

const said = (body: Uint8Array, keys: readonly Uint8Array[] = [KEY]) => {
  const { security, cipher, isProved, bytes, start, end, key } = openTelegram(body, keys);
  return { security, cipher, isProved, key, says: toHex(bytes.subarray(start, end)) };
};

describe('layers', () => {
  it.each([
    ['short', '7A 2A 10 0000', { header: 'short', content: 'records', access: 0x2a, status: 0x10, mode: 0 }],
    ['long', '72 87654321 153D 01 04 05 00 0000', { header: 'long', content: 'records', access: 5, numberAt: 10 }],
    ['none', '78', { header: 'none', content: 'records' }],
    ['compact', '79', { header: 'none', content: 'compact' }],
    ['compact, where the wire has the fixed structure', '73 87654321 153D 01 04 05 00 0000', { content: 'compact' }],
    ['format', '6A 2A 00 0000', { header: 'short', content: 'format' }],
    ["the maker's", 'A2', { header: 'none', content: 'maker' }],
    ['behind a network layer', '81 1D 7A 2A 00 0000', { header: 'short' }],
    ['behind 8C', '8C 20 05 7A 2A 00 0000', { header: 'short' }],
    ['behind 8E', '8E 20 05 153D 78563412 01 04 78', { header: 'none', content: 'records' }],
    ['behind AFL', '8C 20 05 90 0F 002C 25 B30A0000 1122334455667788 7A 2A 00 0000', { header: 'short' }],
    ['cut off in its header', '72 8765', { header: 'none', fault: 'the telegram ends inside its header' }],
  ])('header %s', (_, rest, expected) => {
    expect(openTelegram(bodyOf(rest), []).transport).toMatchObject(expected);
  });

  it('takes what has no header for plain, and gives its records', () => {
    expect(said(bodyOf(`78${PLAIN}`))).toMatchObject({ security: 'plain', says: PLAIN, key: -1 });
  });
});

const ways = {
  'mode 5': { seal: mode5, isProved: false, says: toHex(filled(RECORDS)) },
  'mode 7': { seal: mode7, isProved: true, says: toHex(filled(RECORDS)) },
  'mode 10': { seal: mode10, isProved: true, says: PLAIN },
  'AES-CTR of the link layer': {
    seal: (records: string, options: Parameters<typeof session>[1]) => session(`78${records}`, options),
    isProved: true,
    says: PLAIN,
  },
};
const names = Object.keys(ways) as (keyof typeof ways)[];

describe.each(names)('%s', (cipher) => {
  const { seal, isProved, says } = ways[cipher];

  it('opens with its key', () => {
    expect(said(seal(RECORDS, {}))).toEqual({ security: 'opened', cipher, isProved, key: 0, says });
  });

  it('takes the key that fits, whichever it is', () => {
    expect(said(seal(RECORDS, {}), [OTHER_KEY, bytesOf('00'), KEY])).toMatchObject({ security: 'opened', key: 2 });
  });

  it('says that there is no key, or a wrong one, and shows nothing of it', () => {
    expect(said(seal(RECORDS, {}), [])).toMatchObject({ security: 'no key', key: -1 });
    expect(said(seal(RECORDS, {}), [OTHER_KEY])).toMatchObject({ security: 'wrong key', key: -1 });
    expect(said(seal(RECORDS, {}), [bytesOf('0102')])).toMatchObject({ security: 'wrong key' });
  });

  it('belongs to one meter', () => {
    const body = seal(RECORDS, { sender: { number: '12345679' } });
    body[3] = 0x78;
    // In mode 5 the number only changes what the first block says behind its check bytes.
    if (isProved) expect(said(body).security).toBe('wrong key');
  });

  it('opens nothing damaged that something vouches for', () => {
    const body = seal(RECORDS, {});
    body[body.length - 1] = (body.at(-1) ?? 0) ^ 1;
    if (isProved) expect(said(body).security).toBe('wrong key');
  });

  it('opens with no key but its own', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (key) => {
        expect(said(seal(RECORDS, {}), [key]).security).toBe('wrong key');
      }),
      { numRuns: 30, seed: 1 },
    );
  });
});

describe('protection of the transport layer', () => {
  it('takes the address of a long header, not that of the radio module', () => {
    const header = bytesOf('72 78563412 153D 03 07');
    const module = { maker: 'QDS', number: '11223344', version: 1, medium: 0x37 };
    const body = bodyOf(Uint8Array.from([...header, ...mode5(RECORDS).subarray(10)]), module);
    expect(said(body)).toMatchObject({ security: 'opened' });
  });

  it('leaves the plain tail of a telegram as it is', () => {
    expect(said(mode5(RECORDS, { tail: '0CFD1078563412' })).says).toMatch(/0CFD1078563412$/);
    expect(said(mode7(RECORDS, { tail: '03FD0C050100' })).says).toMatch(/03FD0C050100$/);
  });

  it('takes what a receiver opened before for plain', () => {
    expect(said(bodyOf(`7A 2A 00 2005 ${toHex(filled(RECORDS))}`), [])).toMatchObject({
      security: 'taken off before',
      cipher: 'mode 5',
    });
    const crc = session(`78${PLAIN}`, { isEncrypted: false });
    crc[15] = 0x21;
    expect(said(crc, [])).toMatchObject({ security: 'taken off before', says: PLAIN });
  });

  it('opens what only begins under its key as if it were plain', () => {
    const body = mode5('0C1462550800 046D32371F15 02FD170000');
    expect(toHex(body.subarray(14, 16))).toBe('2F2F');
    expect(said(body)).toMatchObject({ security: 'opened', says: toHex(filled('0C1462550800046D32371F1502FD170000')) });
    expect(wantsKey({ identification: '', data: toHex(Uint8Array.of(body.length, ...body)) })).toEqual(['12345678']);
    // What was opened before stays so with any key, whether it reads as records or not.
    for (const records of [RECORDS, '0C1427048502', '0F0102030405'])
      expect(said(bodyOf(`7A 2A 00 ${records === RECORDS ? '20' : '10'}05 ${toHex(filled(records))}`))).toMatchObject({
        security: 'taken off before',
      });
  });

  it('blames no key where the counter that its keys are made with is missing', () => {
    const body = mode7(RECORDS);
    // Without the layers in front of the header, and with one that has no counter.
    const bare = bodyOf(body.slice(29));
    expect(toHex(bare.subarray(9, 10))).toBe('7A');
    for (const keys of [[], [KEY]])
      expect(said(bare, keys)).toMatchObject({ security: 'not supported', cipher: 'mode 7', key: -1 });
    expect(said(bodyOf(`90 02 0000 ${toHex(bare.subarray(9))}`)).security).toBe('not supported');
  });

  it('takes mode 5 of no blocks for plain', () => {
    expect(said(bodyOf(`7A 2A 00 0005 ${PLAIN}`), [])).toMatchObject({ security: 'plain', says: PLAIN });
  });

  it('opens the whole blocks of a telegram that is cut off', () => {
    const body = mode5('0C1427048502 046D32371F15 02FD170000 0C1312345678 0C1312345678').subarray(0, -5);
    expect(said(body)).toMatchObject({ security: 'opened' });
    expect(said(body).says.startsWith('2F2F0C1427048502')).toBe(true);
  });

  it('opens with other check bytes only where the records leave no doubt', () => {
    const sealed = mode5(RECORDS);
    // The first block is enciphered with the address: another bit there changes that bit of the plain text.
    const odd = mode5(RECORDS, { sender: { maker: 'KPL' } });
    odd.set(bodyOf('', { maker: 'OHU' }).subarray(1, 3), 1);
    expect(said(odd).security).toBe('opened, check bytes differ');
    // And the DIF of the first record.
    sealed[1] = (sealed[1] ?? 0) ^ 0x01;
    sealed[3] = (sealed[3] ?? 0) ^ 0x03;
    expect(said(sealed).security).toBe('wrong key');
  });

  it('knows the key version of mode 10', () => {
    expect(said(mode10(RECORDS, { version: '07' }))).toMatchObject({ security: 'opened', says: PLAIN });
  });

  it('takes the address of the other side where the link layer has one', () => {
    expect(said(session(`78${PLAIN}`, { other: '153D 99999999 01 37' }))).toMatchObject({
      security: 'opened',
      says: PLAIN,
    });
  });

  it.each([2, 3, 4, 8, 9, 13])('says that mode %i cannot be opened', (mode) => {
    expect(said(bodyOf(Uint8Array.from([0x7a, 1, 0, 0x20, mode, ...new Uint8Array(40).fill(0x99)]))).security).toBe(
      'not supported',
    );
  });

  it('never throws, and changes nothing of what it is given', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          '7A',
          '72',
          '7B',
          '8C',
          '8D',
          '8E',
          '8F',
          '8C20058F',
          '90',
          '8C200590',
          '79',
          '81',
          'A2',
          '7A010005',
        ),
        fc.uint8Array({ maxLength: 120 }),
        (head, rest) => {
          const body = bodyOf(Uint8Array.from([...bytesOf(head), ...rest]));
          const before = toHex(body);
          const opened = openTelegram(body, [KEY]);
          expect(toHex(body)).toBe(before);
          expect(opened.bytes).toHaveLength(body.length);
          expect(opened.start).toBeLessThanOrEqual(opened.end);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

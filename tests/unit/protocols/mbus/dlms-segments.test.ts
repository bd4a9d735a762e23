import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../../../src/common/bytes.ts';
import type { Reading } from '../../../../src/common/reading.ts';
import { decodeMbus } from '../../../../src/protocols/mbus/decode.ts';
import { encodeFrame } from '../../../../src/protocols/mbus/frame.ts';

const TITLE = '4B464D1020012345';
const message = `DB08${TITLE}82000F2100000001${'A5'.repeat(10)}`;

const frame = (controlInformation: number, part: string) =>
  toHex(
    encodeFrame({
      kind: 'long',
      control: 0x53,
      address: 0xff,
      controlInformation,
      data: fromHex(`0167${part}`) ?? new Uint8Array(0),
    }),
  );
const decode = (data: string) => decodeMbus({ identification: '', data });
const bytes = ({ value }: Reading) => (value.type === 'bytes' ? toHex(value.bytes) : value.type);

test('segments are one message, named with its system title and what it needs', () => {
  const readings = decode(frame(0x00, message.slice(0, 30)) + frame(0x11, message.slice(30)));
  expect(readings).toHaveLength(1);
  const [whole] = readings;
  expect(whole && bytes(whole)).toBe(message);
  expect(whole).toMatchObject({ label: 'DLMS', state: 'whole' });
  expect(whole?.note).toMatch(`2 segments; system title ${TITLE}; encrypted: needs the key`);
});

test('a message in one frame, and one that is not encrypted', () => {
  expect(decode(frame(0x10, message))[0]).toMatchObject({
    state: 'whole',
    note: expect.stringMatching(/^1 segment;/) as string,
  });
  expect(decode(frame(0x10, '0F00000001'))[0]?.note).toMatch(/not encrypted/);
});

test('what is missing of a message is said, and parts of two are not joined', () => {
  expect(decode(frame(0x00, message)).map(({ state, note }) => [state, note?.split(';')[0]])).toEqual([
    ['partial', '1 segment, its end is missing'],
  ]);
  expect(decode(frame(0x11, message)).map(({ state, note }) => [state, note])).toEqual([
    ['partial', '1 segment, its beginning is missing'],
  ]);
  const two = decode(frame(0x00, message) + frame(0x00, message) + frame(0x11, 'AA') + frame(0x12, 'BB'));
  expect(two.map(({ state }) => state)).toEqual(['partial', 'whole', 'partial']);
});

test('a damaged segment is no part of a message', () => {
  const damaged = frame(0x11, 'AABB').replace(/..16$/, '0016');
  const readings = decode(frame(0x00, message) + damaged);
  expect(readings.map(({ label, state }) => [label, state])).toEqual([
    ['DLMS', 'partial'],
    ['CI11', 'unchecked'],
    ['frame', 'unchecked'],
  ]);
});

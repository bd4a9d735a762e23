import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../../../src/common/bytes.ts';
import { readSetResponse, setRequestBytes } from '../../../../src/protocols/dlms/apdu/set.ts';

const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array(0);
const attribute = { classId: 8, name: bytes('0000010000FF'), number: 2 };
const written = (request: Parameters<typeof setRequestBytes>[0]) => toHex(setRequestBytes(request, 1));

test('a SET is written whole, or in blocks', () => {
  const value = bytes('090C07E50118FF0E303950FFC400');
  expect(written({ kind: 'normal', attribute, value })).toBe('C101C100080000010000FF0200090C07E50118FF0E303950FFC400');
  expect(written({ kind: 'first', attribute, isLast: false, block: 1, raw: bytes('090C07') })).toBe(
    'C102C100080000010000FF0200000000000103090C07',
  );
  expect(written({ kind: 'block', isLast: true, block: 2, raw: bytes('E501') })).toBe('C103C1010000000202E501');
});

test('its answers say the result, or ask for the next block', () => {
  expect(readSetResponse(bytes('C501C100')).response).toEqual({ kind: 'normal', result: 0 });
  expect(readSetResponse(bytes('C501C103')).response).toEqual({ kind: 'normal', result: 3 });
  expect(readSetResponse(bytes('C502C100000001')).response).toEqual({ kind: 'block', block: 1 });
  expect(readSetResponse(bytes('C503C10000000002')).response).toEqual({ kind: 'last', result: 0, block: 2 });
  expect(() => readSetResponse(bytes('C509C100'))).toThrow('no form of a SET response');
});

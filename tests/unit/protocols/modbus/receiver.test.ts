import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../../../src/common/bytes.ts';
import { withCrc } from '../../../../src/protocols/modbus/crc.ts';
import { readRequest, writeRegister } from '../../../../src/protocols/modbus/frame.ts';
import { answerReceiver, type Reception } from '../../../../src/protocols/modbus/receiver.ts';

const bytesOf = (hex: string) => fromHex(hex) ?? new Uint8Array(0);
const framed = (hex: string) => withCrc(bytesOf(hex));

/** Feeds everything up to 'done'; characters at `bad` have wrong parity. */
function receive(request: Uint8Array, stream: Uint8Array, bad: readonly number[] = []): Reception {
  const receiver = answerReceiver(request);
  for (const [at, byte] of stream.entries()) if (receiver.accept(byte, !bad.includes(at)) === 'done') break;
  return receiver.reception();
}

const request = readRequest(0x11, 3, 0x6b, 3);
const answer = framed('1103 06 AE41 5652 4340');
const refusal = framed('11 83 02');

test('the answer ends with its check, whatever follows', () => {
  const reception = receive(request, concatBytes(answer, bytesOf('00 00')));
  expect(reception).toMatchObject({ kind: 'answer', frame: answer });
  expect(receive(request, refusal)).toMatchObject({ kind: 'answer', frame: refusal });
});

test.each([
  ['a leading zero', '00'],
  ['noise that begins like an answer', '11 03 FA'],
  ['the unit address alone', '11'],
  ['an echo without its last byte', toHex(request).slice(0, -2)],
  ['an echo', toHex(request)],
  ['the answer of another unit', toHex(framed('12 03 06 0001 0002 0003'))],
  ['a late answer of another length', toHex(framed('1103 02 0001'))],
  ['an answer with a wrong check', '110306AE415652434049AC'],
])('is found behind %s', (_what, before) => {
  expect(receive(request, concatBytes(bytesOf(before), answer))).toMatchObject({ kind: 'answer', frame: answer });
});

test('what came instead of it is told', () => {
  expect(receive(request, new Uint8Array(0))).toEqual({ kind: 'silence' });
  expect(receive(request, answer.subarray(0, 6))).toMatchObject({ kind: 'incomplete', expected: 11 });
  expect(receive(request, answer, [4])).toMatchObject({ kind: 'damaged', badParity: 1 });
  expect(receive(request, framed('12 03 02 0001'))).toMatchObject({ kind: 'other', why: 'unit' });
  expect(receive(request, framed('11 04 06 0001 0002 0003'))).toMatchObject({ kind: 'other', why: 'function' });
  expect(receive(request, framed('11 03 08 0001 0002 0003 0004'))).toMatchObject({ kind: 'other', why: 'length' });
  expect(receive(request, readRequest(0x20, 3, 1, 2))).toMatchObject({ kind: 'other', why: 'request' });
  expect(receive(request, request)).toMatchObject({ kind: 'other', why: 'echo' });
  expect(receive(request, bytesOf('FF FE 7F 55'))).toMatchObject({ kind: 'noise' });
});

test('another master on the line is noticed', () => {
  const stream = concatBytes(readRequest(0x20, 3, 1, 2), answer);
  expect(receive(request, stream)).toMatchObject({ kind: 'answer', isOtherMaster: true });
  expect(receive(request, concatBytes(request, answer))).toMatchObject({ kind: 'answer', isOtherMaster: false });
});

test('a write is answered by itself, and by nothing else', () => {
  const write = writeRegister(5, 0x20, 7);
  expect(receive(write, write)).toMatchObject({ kind: 'answer', frame: write });
  expect(receive(write, writeRegister(5, 0x20, 8))).toMatchObject({ kind: 'other', why: 'length' });
});

describe('any bytes', () => {
  test('come to an end, and make an answer only where one is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        const reception = receive(request, bytes);
        expect(reception.kind).not.toBe('answer');
      }),
      { numRuns: 60 },
    );
  });

  test('before an answer do not hide it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 250 }), (noise) => {
        expect(receive(request, concatBytes(noise, answer))).toMatchObject({ kind: 'answer', frame: answer });
      }),
      { numRuns: 60 },
    );
  });
});

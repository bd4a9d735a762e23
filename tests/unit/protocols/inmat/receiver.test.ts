import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../../../../src/common/bytes.ts';
import { frameOf, readFrame, type CheckSum } from '../../../../src/protocols/inmat/frame.ts';
import { frameReceiver, type Reception } from '../../../../src/protocols/inmat/receiver.ts';
import { bytesOf, sealed } from './independent-station.ts';

const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array(0);

/** Station 5 answers us, who are 0. */
function receive(all: readonly number[], bad: readonly number[] = []): Reception {
  const receiver = frameReceiver(({ destination, source }) => destination === 0 && source === 5);
  for (const [at, byte] of all.entries()) if (receiver.accept(byte, !bad.includes(at)) === 'done') break;
  return receiver.reception();
}

describe('frames', () => {
  test.each<[string, readonly [number, number, number], string, CheckSum]>([
    ['10 05 00 49 4E 16', [5, 0, 0x49], '', 'sum8'],
    ['10 00 05 00 05 16', [0, 5, 0], '', 'sum8'],
    ['10 00 05 09 0E 16', [0, 5, 9], '', 'sum8'],
    ['68 07 07 68 05 00 4D 01 02 12 00 67 16', [5, 0, 0x4d], '01021200', 'sum8'],
    ['68 07 07 68 05 00 4D 01 00 01 00 54 16', [5, 0, 0x4d], '01000100', 'sum8'],
    ['68 0A 0A 68 05 00 4D 03 10 00 FD FF 1A 00 7B 16', [5, 0, 0x4d], '031000FDFF1A00', 'sum8'],
    ['68 0A 0A 68 05 00 4D 03 10 00 FD FF 1A 00 7D 16', [5, 0, 0x4d], '031000FDFF1A00', 'ones'],
    ['68 08 08 68 00 05 0A 00 00 00 AC 41 FC 16', [0, 5, 10], '000000AC41', 'sum8'],
    ['68 07 07 68 04 1F 4D 01 00 A0 0F 21 16', [4, 31, 0x4d], '0100A00F', 'ones'],
  ])('%s', (hex, head, data, check) => {
    expect(frameOf(head, bytes(data), check)).toEqual(bytes(hex));
    const frame = readFrame(bytes(hex));
    expect([frame?.destination, frame?.source, frame?.control]).toEqual(head);
    expect(frame?.data).toEqual(bytes(data));
    expect(frame?.checks).toContain(check);
  });
});

const ANSWER = bytesOf('68 08 08 68 00 05 0A 00 00 00 AC 41 FC 16');

test.each<[string, string]>([
  ['67 08 08 68 00 05 0A 00 00 00 AC 41 FC 16', 'first start'],
  ['68 08 08 67 00 05 0A 00 00 00 AC 41 FC 16', 'second start'],
  ['68 08 08 68 00 05 0A 00 00 00 AC 41 FC 17', 'end'],
  ['10 00 05 09 0E 15', 'end'],
  ['68 08 08 68 00 05 0A 00 00 00 AC 41 FD 16', 'check sum'],
  ['10 00 05 09 0F 16', 'check sum'],
  ['68 08 09 68 00 05 0A 00 00 00 AC 41 FC 16', 'lengths'],
  ['68 03 03 68 00 05 0A 0F 16', 'length'],
  ['68 FA FA 68 00 05 0A 0F 16', 'length'],
])('%s: wrong %s', (hex, flaw) => {
  expect(receive(bytesOf(hex))).toMatchObject({ kind: 'flawed', flaw });
});

test('a character with wrong parity spoils its frame', () => {
  expect(receive(ANSWER, [8])).toMatchObject({ kind: 'flawed', flaw: 'parity' });
});

test('what is found behind noise, requests and other stations is the answer', () => {
  for (const before of ['00', 'FF00', '10', '68', '6808', '10 05 00 49 4E 16', '10 00 06 00 06 16']) {
    const reception = receive([...bytesOf(before), ...ANSWER]);
    expect(reception, before).toMatchObject({ kind: 'answer', frame: { source: 5 } });
  }
  expect(receive(bytesOf('10 05 00 49 4E 16'))).toEqual({ kind: 'requests' });
  expect(receive(bytesOf('10 00 06 00 06 16'))).toMatchObject({ kind: 'other', frame: { source: 6 } });
});

test('data that look like a frame are data', () => {
  const inner = bytesOf('10 00 05 09 0E 16');
  expect(receive(sealed([0, 5, 0x0a, 0, ...inner, 1]))).toMatchObject({ kind: 'answer', frame: { control: 0x0a } });
  // Nor is one taken for the answer out of a frame that is damaged, or that breaks off.
  const broken = sealed([0, 5, 0x0a, 0, ...inner, 1]).map((byte, at, all) => (at === all.length - 2 ? byte ^ 1 : byte));
  expect(receive(broken)).toMatchObject({ kind: 'flawed', flaw: 'check sum' });
  expect(receive(broken.slice(0, -3))).toMatchObject({ kind: 'incomplete', expected: broken.length });
});

const data = fc.uint8Array({ minLength: 1, maxLength: 246 });

test('any answer is found, with either check sum, behind whatever begins no frame', () => {
  const noise = fc.array(
    fc.integer({ min: 0, max: 255 }).filter((byte) => byte !== 0x10 && byte !== 0x68),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(data, noise, fc.constantFrom('sum8', 'ones'), (content, before, check: CheckSum) => {
      const reception = receive([...before, ...frameOf([0, 5, 0x0a], content, check)]);
      expect(reception).toMatchObject({ kind: 'answer', before: before.length, frame: { data: content } });
      if (reception.kind === 'answer') expect(reception.frame.checks).toContain(check);
    }),
  );
});

test('a frame with one wrong bit is never an answer', () => {
  fc.assert(
    fc.property(data, fc.nat(), fc.integer({ min: 0, max: 7 }), (content, where, bit) => {
      const frame = [...frameOf([0, 5, 0x0a], content, 'sum8')];
      const at = where % frame.length;
      const reception = receive(frame.map((byte, index) => (index === at ? byte ^ (1 << bit) : byte)));
      // The two ways of summing differ by one, so that one bit of control, data or sum may make the other one right.
      if (reception.kind === 'answer') expect(at).toBeGreaterThanOrEqual(frame.length - 3 - content.length);
      if (reception.kind === 'answer') expect(reception.frame.checks).toEqual(['ones']);
    }),
  );
});

test('whatever comes, it ends in a verdict', () => {
  const hostile = fc.array(fc.oneof(fc.constantFrom(0x10, 0x68, 0x16, 0x00, 0x05), fc.integer({ min: 0, max: 255 })), {
    maxLength: 900,
  });
  fc.assert(
    fc.property(hostile, (all) => {
      expect(receive(all).kind).toMatch(/^(?:answer|silence|other|requests|incomplete|flawed|flood)$/);
    }),
  );
});

import { expect, test } from 'vitest';
import type { TraceEntry } from '../../../../src/line/trace.ts';
import { hexLines, wireToText } from '../../../../src/views/read/wire-lines.ts';

test('nothing sent, nothing told', () => expect(wireToText(hexLines([]))).toBe(''));

test('the wire shows one line per frame sent and one per answer, wrong parity marked', () => {
  const received = (time: number, bytes: number[], parityErrors: number[] = []): TraceEntry => ({
    direction: 'received',
    time,
    baudRate: 2400,
    bytes: Uint8Array.from(bytes),
    parityErrors,
    text: '',
  });
  const entries: TraceEntry[] = [
    { direction: 'sent', time: 10, baudRate: 2400, bytes: Uint8Array.of(0x10, 0x40, 0x01, 0x41, 0x16), text: '' },
    received(60, [0x68, 0x03]),
    received(80, [0x03], [0]),
    received(1000, [0xe5]),
    { direction: 'event', time: 1200, baudRate: 2400, bytes: new Uint8Array(), text: 'timeout' },
  ];
  expect(wireToText(hexLines(entries))).toBe(
    ['   0.010  ==> 10 40 01 41 16', '   0.060  <== 68 03 ~03', '   1.000  <== E5', '   1.200  -- timeout --', ''].join(
      '\n',
    ),
  );
});

test('a secret is shown as dots', () => {
  const secret = { direction: 'sent', time: 0, baudRate: 2400, text: '', hidden: [1, 2] } as const;
  expect(wireToText(hexLines([{ ...secret, bytes: Uint8Array.of(1, 0, 0, 2) }]))).toBe('   0.000  ==> 01 •• •• 02\n');
});

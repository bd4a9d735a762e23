import { describe, expect, it } from 'vitest';
import type { TraceEntry } from '../../../../src/line/trace.ts';
import { fromLatin1 } from '../../../../src/common/bytes.ts';
import { traceLines } from '../../../../src/protocols/iec62056-21/wire-text.ts';

const entry = (direction: TraceEntry['direction'], text: string, time = 0, parityErrors?: number[]): TraceEntry => ({
  time,
  direction,
  baudRate: 300,
  bytes: fromLatin1(direction === 'event' ? '' : text),
  text: direction === 'event' ? text : '',
  ...(parityErrors ? { parityErrors } : {}),
});

const texts = (entries: readonly TraceEntry[]): string[] => traceLines(entries).map(({ text }) => text);

describe('traceLines', () => {
  it('looks like the meter test programs people know', () => {
    const lines = texts([
      entry('sent', '/?!\r\n'),
      entry('received', '/XYZ5A'),
      entry('received', 'B\r\n'),
      entry('sent', '\x06050\r\n'),
      entry('received', '\x021.8.1(0597*Wh)\r\n2.8.0(0*Wh)\r\n!\r\n\x03!'),
    ]);
    expect(lines).toEqual([
      '==> /?!<0D><0A>',
      '<== /XYZ5AB',
      '==> <06>050<0D><0A>',
      '<== -- STX --',
      '<== 1.8.1(0597*Wh)',
      '<== 2.8.0(0*Wh)',
      '<== !',
      '<== -- ETX --',
      '<== -- BCC --',
    ]);
  });

  it('shows the end of a block that others follow', () => {
    expect(texts([entry('received', '\x02(1)\x04x'), entry('sent', '\x06')])).toEqual([
      '<== -- STX --',
      '<== (1)',
      '<== -- EOT --',
      '<== -- BCC --',
      '==> <06>',
    ]);
  });

  it('shows dots where a secret went out or came back', () => {
    const secret = { ...entry('sent', '\x01P1\x02(\0\0)\x03\0'), hidden: [5, 6, 9] };
    const dots = '<01>P1<02>(••••)<03>••';
    expect(
      texts([secret, { ...secret, direction: 'received', bytes: fromLatin1('(\0\0)\r\n'), hidden: [1, 2] }]),
    ).toEqual([`==> ${dots}`, '<== (••••)']);
  });

  it('shows time-outs and other events, and ends an open line before them', () => {
    expect(texts([entry('received', '/XY'), entry('event', 'timeout'), entry('event', '9600 Bd')])).toEqual([
      '<== /XY',
      '<== -- Tout --',
      '-- 9600 Bd --',
    ]);
  });

  it('shows control characters, lone line ends, empty lines and wrong parity', () => {
    expect(texts([entry('received', 'a\x00\x7f\xe4\n\r\nb\r\n', 0, [0])])).toEqual([
      '<== <61 parity><00><7F><E4><0A>',
      '<== <0D><0A>',
      '<== b',
    ]);
  });

  it('keeps the time of the first character of a line', () => {
    const [line] = traceLines([entry('received', 'a', 5), entry('received', 'b\r\n', 9)]);
    expect(line).toEqual({ time: 5, direction: 'received', baudRate: 300, text: '<== ab' });
  });
});

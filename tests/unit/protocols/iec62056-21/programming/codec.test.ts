import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLatin1, toHex, toLatin1 } from '../../../../../src/common/bytes.ts';
import { MeterError } from '../../../../../src/common/meter-error.ts';
import {
  answerReceiver,
  errorIn,
  errorWords,
  type Answer,
  type AnswerOptions,
} from '../../../../../src/protocols/iec62056-21/programming/answer.ts';
import { answersTo } from '../../../../../src/protocols/iec62056-21/programming/answers-to.ts';
import {
  checkCharacter,
  passwordCommand,
  readCommand,
} from '../../../../../src/protocols/iec62056-21/programming/command.ts';
import { elsterPassword } from '../../../../../src/protocols/iec62056-21/programming/password.ts';

const usual: AnswerOptions = { check: 'xor', isChecked: true, awaits: 'answer', parity: { ours: undefined } };

/** Text and BCC as the meter sends them. */
function framed(text: string, begin = '\x02', end = '\x03'): string {
  return begin + text + end + String.fromCharCode(checkCharacter(fromLatin1(text + end), 'xor'));
}

function answer(text: string, options: Partial<AnswerOptions> = {}): Answer | undefined {
  const receiver = answerReceiver({ ...usual, ...options });
  for (const byte of fromLatin1(text)) receiver.accept(byte, true);
  return receiver.result();
}

const last = (bytes: Uint8Array) => toHex(bytes.slice(-1));

describe('commands', () => {
  // Check characters of published dialogues (LEM EM4TII, Iskra ME162, Elster A1700, Energomera).
  it.each([
    [readCommand('R1', '1.8.0', 'xor').bytes, '5A'],
    [readCommand('R5', '0.9.1', 'xor').bytes, '5F'],
    [readCommand('R5', '0.9.2', 'xor').bytes, '5C'],
    [readCommand('R5', 'P.01', 'xor', '01301310800;01302010800').bytes, '23'],
    [readCommand('R6', 'P.01', 'xor', '01301310800;01302010800').bytes, '20'],
    [readCommand('R5', 'P.01', 'xor', ';').bytes, '23'],
    [passwordCommand('P1', '00000000', 'xor').bytes, '61'],
    [passwordCommand('P2', '00000000', 'xor').bytes, '62'],
    [passwordCommand('P2', 'BE2C10B158593B3E', 'xor').bytes, '60'],
  ])('%# ends with the check character that is known', (bytes, expected) => {
    expect(last(bytes)).toBe(expected);
    expect(bytes[0]).toBe(1);
  });

  it('hides a password and the check character that would betray it, and nothing else', () => {
    const { bytes, hidden } = passwordCommand('P1', '12345678', 'xor');
    const shown = Array.from(bytes, (byte, at) =>
      hidden.some(([start, end]) => at >= start && at < end) ? '•' : String.fromCharCode(byte),
    ).join('');
    expect(shown).toBe('\x01P1\x02(••••••••)\x03•');
  });

  it.each(['1.8.0\x03', 'ü', '1!', '1'.repeat(300)])('refuses %j', (address) => {
    expect(() => readCommand('R5', address, 'xor')).toThrow(MeterError);
  });

  it('computes the published answer to an Elster seed', () => {
    expect(elsterPassword('FD2BA0E29731D230', fromLatin1('FEDC0003'))).toBe('BE2C10B158593B3E');
    expect(elsterPassword('FD2BA0E29731D2', fromLatin1('FEDC0003'))).toBeUndefined();
    expect(elsterPassword('FD2BA0E29731D230', fromLatin1('FEDC'))).toBeUndefined();
  });
});

describe('answers', () => {
  it.each<[string, string, Answer | undefined]>([
    ['data', '\x020.9.2(130103)\x039', { kind: 'data', text: '0.9.2(130103)', more: false }],
    ['the time', '\x020.9.1(101415)\x03:', { kind: 'data', text: '0.9.1(101415)', more: false }],
    ['a partial block', framed('P.01(0', '\x02', '\x04'), { kind: 'data', text: 'P.01(0', more: true }],
    ['an acknowledge', '\x06', { kind: 'ACK' }],
    ['NAK with its parity bit', '\x95', { kind: 'NAK' }],
    ['P0 without an operand', '\x01P0\x02()\x03\x60', { kind: 'operand', operand: '' }],
    ['P0 with a seed', '\x01P0\x02(FD2BA0E29731D230)\x03\x6d', { kind: 'operand', operand: 'FD2BA0E29731D230' }],
    ['the break', '\x01B0\x03\x71', { kind: 'break' }],
    ['noise before', '\x00\x7f\xff(\r\n' + framed('(1*kWh)'), { kind: 'data', text: '(1*kWh)', more: false }],
    [
      'our own command, echoed',
      '\x01R1\x021.8.0()\x03\x5a' + framed('(1)'),
      { kind: 'data', text: '(1)', more: false },
    ],
    ['nothing', '', undefined],
    ['noise alone', '\x00\xff\r\n123', undefined],
  ])('reads %s', (_name, bytes, expected) => {
    expect(answer(bytes)).toEqual(expected);
  });

  it('takes P0 with a seven-bit sum', () => {
    expect(answer('\x01P0\x02(83BC249)\x03\x65', { check: 'sum7' })).toEqual({ kind: 'operand', operand: '83BC249' });
    expect(answer('\x01P0\x02(83BC249)\x03\x65')).toMatchObject({ kind: 'damaged', isOtherCheck: true });
  });

  it('passes over an acknowledge in front of P0, and knows a readout in its place', () => {
    expect(answer('\x06\r\n\x01P0\x02()\x03\x60', { awaits: 'operand' })).toEqual({ kind: 'operand', operand: '' });
    expect(answer(framed('1.8.0(1)\r\n!\r\n'), { awaits: 'operand' })).toEqual({ kind: 'readout' });
  });

  it('names what is wrong, and keeps the text of an answer that broke off', () => {
    expect(answer('\x020.9.2(130103)\x03\x40')).toMatchObject({ reason: 'the block check is wrong' });
    expect(answer('\x02P.01(1)(2)')).toMatchObject({ reason: 'the answer broke off', text: 'P.01(1)(2)' });
    expect(answer('\x02' + '1'.repeat(99), { maxBytes: 50 })).toMatchObject({ reason: 'the answer does not end' });
    expect(answer('\x020.9.2(130103)\x03\x40', { isChecked: false })).toMatchObject({ kind: 'data' });
  });

  it('does not trust a character of wrong parity, whatever the check says', () => {
    const receiver = answerReceiver({ ...usual, parity: { ours: 'even', known: 'even' } });
    fromLatin1('\x020.9.2(130103)\x039').forEach((byte, at) => receiver.accept(byte, at !== 4));
    expect(receiver.result()).toMatchObject({ kind: 'damaged', reason: '1 character with wrong parity' });
  });

  it('leaves what is glued behind the message to the next read', () => {
    const receiver = answerReceiver(usual);
    const bytes = fromLatin1(framed('(1)') + '\x01B0\x03\x71');
    const taken = bytes.findIndex((byte) => receiver.accept(byte, true) === 'done') + 1;
    expect(toLatin1(bytes.slice(taken))).toBe('\x01B0\x03\x71');
  });

  it('never throws, stays bounded and gives a known kind, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 300 }),
        fc.constantFrom<AnswerOptions['awaits']>('operand', 'answer'),
        (bytes, awaits) => {
          const receiver = answerReceiver({ ...usual, awaits, maxBytes: 64 });
          for (const byte of bytes) if (receiver.accept(byte, true) === 'done') break;
          expect(receiver.text.length).toBeLessThanOrEqual(64);
          const kinds = ['ACK', 'NAK', 'data', 'operand', 'break', 'readout', 'damaged', undefined];
          expect(kinds).toContain(receiver.result()?.kind);
        },
      ),
    );
  });

  it('never takes a message with one flipped bit for another', () => {
    const whole = fromLatin1(framed('1-0:1.8.0(00123.456*kWh)'));
    for (let at = 1; at < whole.length; at++) {
      for (let bit = 0; bit < 7; bit++) {
        const flipped = whole.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte));
        expect(answer(toLatin1(flipped))?.kind).not.toBe('data');
      }
    }
  });
});

describe('an answer', () => {
  it.each([
    ['1.8.0', '(1*kWh)', true],
    ['1.8.0', '1.8.0(1*kWh)', true],
    ['1.8.0', '\r\n1-0:1.8.0*255(1*kWh)', true],
    ['1-0:1.8.0', '1.8.0(1*kWh)', true],
    ['1.8.0', '1.8.1(1*kWh)', false],
    ['1.8.0', '2.8.0(1*kWh)', false],
    ['1.8.0*01', '1.8.0*02(1*kWh)', false],
    ['1-0:1.8.0', '1-1:1.8.0(1*kWh)', false],
    ['C.1.0', '0-0:96.1.0(1)', true],
    ['P.01', '1-0:99.1.0(2)', true],
    ['P.98', 'P.01(2)', false],
    ['P.01', 'P.01', true],
    ['ET0PE', 'ET0PE(1)', true],
    ['798001', '1.8.0(1)', true],
    ['1.8.0', 'ET0PE(1)', true],
  ])('to %j may be %j: %s', (asked, text, expected) => expect(answersTo(asked, text)).toBe(expected));
});

describe('error messages', () => {
  it.each([
    ['(ERROR)', 'ERROR'],
    ['P.200(ERROR)', 'ERROR'],
    ['(ER23)', 'ER23'],
    ['(ERROR11)\r\n', 'ERROR11'],
    ['(1.234*kWh)', undefined],
    ['1.8.0(ERROR)(1)', undefined],
    ['', undefined],
  ])('%j', (text, expected) => expect(errorIn(text)).toBe(expected));

  it('are put in words where their number is known', () => {
    expect(errorWords('ERROR11')).toBe('“ERROR11” (wrong time or date)');
    expect(errorWords('ERR01')).toBe('“ERR01” (unknown command)');
    expect(errorWords('ERROR')).toBe('“ERROR”');
    expect(errorWords('ER 99')).toBe('“ER 99”');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLatin1, toLatin1 } from '../../../../src/common/bytes.ts';
import { MeterError } from '../../../../src/common/meter-error.ts';
import { identificationReceiver, parseIdentification } from '../../../../src/protocols/iec62056-21/identification.ts';
import type { IdentificationReceiver } from '../../../../src/protocols/iec62056-21/identification.ts';

const parse = (text: string) => parseIdentification(fromLatin1(text));

function feed(text: string): { receiver: IdentificationReceiver; states: string[] } {
  const receiver = identificationReceiver();
  return { receiver, states: Array.from(fromLatin1(text), (byte) => receiver.accept(byte, true)) };
}

describe('parseIdentification', () => {
  it('takes a regular message apart', () => {
    expect(parse('/XYZ5ABC 123-4\r\n')).toEqual({
      manufacturer: 'XYZ',
      baudCharacter: '5',
      identification: 'ABC 123-4',
      escapes: [],
      fastReaction: false,
      deviations: [],
      baudCharacterDamaged: false,
      raw: fromLatin1('/XYZ5ABC 123-4\r\n'),
    });
  });

  it('keeps escapes in the identification and names them', () => {
    expect(parse('/XYZ5\\@\\201AB\\3\r\n')).toMatchObject({ identification: '\\@\\201AB\\3', escapes: ['@', '2'] });
  });

  it.each([
    ['/XYz5A\r\n', { fastReaction: true, deviations: [] }],
    ['/Xyz5A\r\n', { fastReaction: true, deviations: ['the first two letters of the manufacturer are not capitals'] }],
    ['/XYZ5\x02A\r\n', { identification: '\x02A', deviations: [expect.stringContaining('<02> at position 6')] }],
    ['/XYZ5A\x00B\r\n', { identification: 'A\x00B', deviations: [expect.stringContaining('<00> at position 7')] }],
    ['/XYZ5A\xffB\r\n', { identification: 'A\xffB', deviations: [expect.stringContaining('<FF>')] }],
    ['/XYZ5A!B\r\n', { identification: 'A!B', deviations: [expect.stringContaining('! at position 7')] }],
    ['/XYZ5A\n', { identification: 'A', deviations: [expect.stringContaining('<0A> instead')] }],
    ['/XYZ5A\r', { identification: 'A', deviations: [expect.stringContaining('<0D> instead')] }],
    ['/XYZ M\r\n', { baudCharacter: ' ', deviations: [] }],
    [`/XYZ5${'A'.repeat(17)}\r\n`, { deviations: [expect.stringContaining('17 characters')] }],
    ['/XYZ5\r\n', { identification: '' }],
  ])('lives with %j', (text, parts) => {
    expect(parse(text)).toMatchObject(parts);
  });

  it.each([
    ['/X1Z5A\r\n', 65793],
    ['/XY\r\n', 65793],
    ['XYZ5A\r\n', 65793],
    ['/XYZ\r\n', 65794],
    ['/XYZ\x05A\r\n', 65794],
    ['/XYZ5A', 65796],
    ['/XYZ5A\rB', 65796],
  ])('%j fails with %i', (text, code) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code }) as Error);
  });
});

describe('identificationReceiver', () => {
  it('ends at LF and has enough at CR', () => {
    const { receiver, states } = feed('/XYZ5A\r\n');
    expect(states).toEqual(['more', 'more', 'more', 'more', 'more', 'more', 'enough', 'done']);
    expect(receiver.message().identification).toBe('A');
    expect(receiver.accept(0x41, true)).toBe('done');
  });

  it('passes over garbage before the message', () => {
    const { receiver } = feed('\x00\x7f\xff\r\nnoise/XYZ5A\r\n');
    expect(receiver.skipped).toBe(10);
    expect(receiver.message().raw).toEqual(fromLatin1('/XYZ5A\r\n'));
    expect(toLatin1(receiver.raw)).toContain('noise/XYZ5A');
  });

  it.each(['/?!\r\n/XYZ5A\r\n', '/?123!\r\n/XYZ5A\r\n', '/#!\r/XYZ5A\r\n', '/?!/XYZ5A\r\n'])(
    'passes over the echo in %j',
    (text) => {
      const { receiver, states } = feed(text);
      expect(states.indexOf('done')).toBe(text.length - 1);
      expect(receiver.sawEcho).toBe(true);
      expect(receiver.message()).toMatchObject({ manufacturer: 'XYZ', identification: 'A' });
    },
  );

  it('starts over at a second sign-on', () => {
    for (const text of ['/XY/XYZ5A\r\n', '/\x7f\x7f/XYZ5A\r\n', '/XYZ5AB/XYZ5A\r\n']) {
      const { receiver } = feed(text);
      expect(receiver.message()).toMatchObject({ identification: 'A' });
      expect(receiver.sawEcho).toBe(false);
    }
  });

  it('says what is missing', () => {
    expect(() => feed('').receiver.message()).toThrow(expect.objectContaining({ code: 65541 }) as Error);
    expect(() => feed('/?!\r\n').receiver.message()).toThrow(expect.objectContaining({ code: 65541 }) as Error);
    expect(() => feed('/XYZ5A\rB').receiver.message()).toThrow(expect.objectContaining({ code: 65796 }) as Error);
    expect(() => feed('/XYZ5A').receiver.message()).toThrow(expect.objectContaining({ code: 65796 }) as Error);
  });

  it('counts wrong parities of the message only', () => {
    const receiver = identificationReceiver();
    for (const byte of fromLatin1('\x7f/XYZ5A\r\n')) receiver.accept(byte, byte !== 0x41 && byte !== 0x7f);
    expect(receiver.parityErrors).toBe(1);
    expect(receiver.message().baudCharacterDamaged).toBe(false);
  });

  it('tells whether the baud character was among them, in a line with a second sign-on too', () => {
    for (const text of ['/XYZ5A\r\n', '\x7f/XY/XYZ5A\r\n']) {
      const receiver = identificationReceiver();
      for (const byte of fromLatin1(text)) receiver.accept(byte, byte !== 0x35);
      expect(receiver.message()).toMatchObject({ baudCharacter: '5', baudCharacterDamaged: true });
    }
  });

  it('stays bounded and ends whatever comes in', () => {
    for (const filler of ['A', '/', '!', '/?!\r\n', '\r', '/AB', '\x00']) {
      const receiver = identificationReceiver();
      let taken = 0;
      while (taken < 1 << 20 && receiver.accept(filler.charCodeAt(taken % filler.length), true) !== 'done') taken++;
      expect(taken).toBeLessThan(20_000);
      expect(receiver.raw.length).toBeLessThan(20_000);
      expect(() => receiver.message()).toThrow(MeterError);
    }
  });

  it('throws nothing but MeterErrors', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, slash) => {
        const receiver = identificationReceiver();
        if (slash) receiver.accept(0x2f, true);
        for (const byte of bytes) receiver.accept(byte, byte % 3 !== 0);
        try {
          receiver.message();
        } catch (error) {
          expect(error).toBeInstanceOf(MeterError);
        }
      }),
    );
  });

  it('reads every regular message back', () => {
    const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    const printable = fc.constantFrom(...' 0123456789ABCXYZabcxyz.-_#');
    fc.assert(
      fc.property(
        fc.tuple(letter, letter, letter),
        printable,
        fc.array(printable, { maxLength: 16 }),
        (letters, baudCharacter, characters) => {
          const manufacturer = letters.join('');
          const identification = characters.join('');
          const { receiver, states } = feed(`/${manufacturer}${baudCharacter}${identification}\r\n`);
          expect(states.at(-1)).toBe('done');
          expect(receiver.message()).toMatchObject({ manufacturer, baudCharacter, identification, deviations: [] });
        },
      ),
    );
  });
});

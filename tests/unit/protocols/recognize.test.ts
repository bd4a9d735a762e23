import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromLatin1, toHex } from '../../../src/common/bytes.ts';
import { readHexLines } from '../../../src/intake/hex-notation.ts';
import { dsmrCrc } from '../../../src/protocols/iec62056-21/block-check.ts';
import { encodeFrame } from '../../../src/protocols/mbus/frame.ts';
import { reqUd2 } from '../../../src/protocols/mbus/messages.ts';
import { loadRecognition } from '../../../src/protocols/recognize.ts';
import type { Recognized } from '../../../src/protocols/recognized.ts';
import { protocols as builtIn } from '../../../src/protocols/registry.ts';

const { recognize } = await loadRecognition(builtIn);

const pair = (byte: number) => byte.toString(16).padStart(2, '0');
const pairs = (bytes: Uint8Array) => Array.from(bytes, pair);
const rows = <T>(items: readonly T[], width: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / width) }, (_, i) => items.slice(i * width, (i + 1) * width));
const offset = (at: number, digits: number, radix = 16) => at.toString(radix).padStart(digits, '0');
const ascii = (row: readonly string[]) =>
  row.map((digits) => String.fromCharCode(Number.parseInt(digits, 16)).replace(/[^ -~]/g, '.')).join('');

/** The same bytes as programs and people write them. */
const notations: Readonly<Record<string, (bytes: Uint8Array) => string>> = {
  'upper case': toHex,
  'lower case': (bytes) => toHex(bytes).toLowerCase(),
  blanks: (bytes) => pairs(bytes).join(' '),
  tabs: (bytes) => pairs(bytes).join('\t'),
  colons: (bytes) => pairs(bytes).join(':'),
  dashes: (bytes) => pairs(bytes).join('-').toUpperCase(),
  commas: (bytes) => pairs(bytes).join(', '),
  semicolons: (bytes) => pairs(bytes).join(';'),
  '0x each': (bytes) =>
    pairs(bytes)
      .map((digits) => `0x${digits}`)
      .join(' '),
  '0x each, digits alone': (bytes) => Array.from(bytes, (byte) => `0x${byte.toString(16)}`).join(', '),
  '0x in front': (bytes) => `0x${toHex(bytes)}`,
  'h behind': (bytes) =>
    pairs(bytes)
      .map((digits) => `${digits.toUpperCase()}h`)
      .join(' '),
  escapes: (bytes) =>
    `"${pairs(bytes)
      .map((digits) => `\\x${digits}`)
      .join('')}"`,
  'Python bytes': (bytes) =>
    `frame = b'${pairs(bytes)
      .map((digits) => `\\x${digits}`)
      .join('')}'`,
  'C array': (bytes) =>
    `static const uint8_t frame[${bytes.length}] = {\n${rows(pairs(bytes), 12)
      .map((row) => `  ${row.map((digits) => `0x${digits.toUpperCase()}`).join(', ')},`)
      .join('\n')}\n};`,
  'C array with casts': (bytes) =>
    `{ ${pairs(bytes)
      .map((digits) => `(byte)0x${digits}`)
      .join(', ')} } // one frame`,
  'decimal array': (bytes) => `[${Array.from(bytes).join(', ')}]`,
  'blanks, wrapped': (bytes) =>
    rows(pairs(bytes), 16)
      .map((row) => row.join(' '))
      .join('\n'),
  'wrapped, CR LF': (bytes) =>
    rows(pairs(bytes), 8)
      .map((row) => row.join(''))
      .join('\r\n'),
  'words of two': (bytes) =>
    rows(pairs(bytes), 2)
      .map((row) => row.join(''))
      .join(' '),
  'hexdump -C': (bytes) =>
    [
      ...rows(pairs(bytes), 16).map(
        (row, i) =>
          `${offset(16 * i, 8)}  ${row.slice(0, 8).join(' ')}  ${row.slice(8).join(' ')}`.padEnd(60) +
          `|${ascii(row)}|`,
      ),
      offset(bytes.length, 8),
    ].join('\n'),
  hexdump: (bytes) =>
    [
      ...rows(pairs(bytes), 16).map((row, i) =>
        [offset(16 * i, 7), ...rows(row, 2).map(([low = '', high = '00']) => high + low)].join(' '),
      ),
      offset(bytes.length, 7),
    ].join('\n'),
  'od -tx1': (bytes) =>
    [
      ...rows(pairs(bytes), 16).map((row, i) => `${offset(16 * i, 7, 8)} ${row.join(' ')}`),
      offset(bytes.length, 7, 8),
    ].join('\n'),
  xxd: (bytes) =>
    rows(pairs(bytes), 16)
      .map(
        (row, i) =>
          `${offset(16 * i, 8)}: ${rows(row, 2)
            .map((two) => two.join(''))
            .join(' ')}`.padEnd(51) + ascii(row),
      )
      .join('\n'),
  Wireshark: (bytes) =>
    rows(pairs(bytes), 16)
      .map((row, i) => `${offset(16 * i, 4)}   ${row.join(' ')}`.padEnd(57) + ascii(row).replaceAll(' ', '.'))
      .join('\n'),
  'time stamp and arrow': (bytes) => `2026-11-20 10:15:00.123 <- ${pairs(bytes).join(' ')}`,
  'clock and label': (bytes) => `[10:15:00.123] RX: ${toHex(bytes)}`,
  'key and value': (bytes) => `telegram=|${toHex(bytes)}|`,
  JSON: (bytes) => `{"frame": "${toHex(bytes)}"}`,
};

const longFrame = fc
  .tuple(
    fc.nat(255),
    fc.nat(250),
    fc.constantFrom(0x72, 0x7a, 0x78, 0x73),
    fc.uint8Array({ minLength: 1, maxLength: 240 }),
  )
  .map(([control, address, controlInformation, data]) =>
    encodeFrame({ kind: 'long', control, address, controlInformation, data }),
  );

const found = (text: string): Recognized[] => [...recognize(text)];
const hex = (text: string): string[] => found(text).map(({ data }) => data);

describe('any notation of the same bytes is the same frame', () => {
  test.each(Object.entries(notations))('%s', (_, write) => {
    fc.assert(
      fc.property(longFrame, (bytes) => {
        expect(hex(write(bytes))).toEqual([toHex(bytes)]);
      }),
    );
  });

  test('bytes of any kind survive the notations that state them one by one', () => {
    const names = ['blanks', 'colons', '0x each', 'h behind', 'escapes', 'upper case', 'xxd', 'hexdump -C', 'od -tx1'];
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 5, maxLength: 64 }), fc.constantFrom(...names), (bytes, name) => {
        const { found: runs } = readHexLines((notations[name]?.(bytes) ?? '').split('\n'));
        expect(runs.map((run) => toHex(run.bytes)).join('')).toBe(toHex(bytes));
      }),
    );
  });
});

describe('many at once', () => {
  const frames = fc.array(longFrame, { minLength: 1, maxLength: 12 });

  test('one a line, in any notation of one line', () => {
    const oneLiners = Object.entries(notations).filter(([, write]) => !write(new Uint8Array(99)).includes('\n'));
    fc.assert(
      fc.property(frames, fc.constantFrom(...oneLiners), (list, [name, write]) => {
        // The numbers of a decimal array tell their base only all together.
        fc.pre(name !== 'decimal array');
        expect(hex(list.map(write).join('\n'))).toEqual(list.map(toHex));
      }),
    );
  });

  test('separated by empty lines, in any notation', () => {
    fc.assert(
      fc.property(frames, fc.constantFrom(...Object.values(notations)), (list, write) => {
        expect(hex(list.map(write).join('\n\n'))).toEqual(list.map(toHex));
      }),
    );
  });

  test('a column of CSV, whatever stands beside it', () => {
    fc.assert(
      fc.property(frames, fc.constantFrom(';', ',', '\t'), fc.boolean(), (list, delimiter, head) => {
        const table = list.map((bytes, i) =>
          [String(i + 10), '2026-11-20 10:15:00', `"note ""${i}"""`, toHex(bytes), '0'].join(delimiter),
        );
        if (head) table.unshift(['number', 'time', 'note', 'data', 'error'].join(delimiter));
        expect(hex(table.join('\r\n'))).toEqual(list.map(toHex));
      }),
    );
  });

  test('each knows its line, and lines without a frame are told', () => {
    const frame = toHex(encodeFrame({ kind: 'control', control: 0x08, address: 1, controlInformation: 0x78 }));
    const skipped: number[] = [];
    const lines = [...recognize(`reading the bus\n\n${frame}\n${frame}\nend of it`, (line) => skipped.push(line))];
    expect(lines.map(({ line }) => line)).toEqual([2, 3]);
    expect(skipped).toEqual([0, 4]);
  });

  test('a broken frame does not swallow the one in the next line', () => {
    const good = toHex(encodeFrame({ kind: 'control', control: 0x08, address: 1, controlInformation: 0x78 }));
    const cut = `681F1F6808017201020304`;
    expect(hex(`${cut}\n${good}\n${good}`)).toEqual([cut, good, good]);
  });
});

describe('what bytes are', () => {
  const protocols = (text: string) => found(text).map(({ protocol }) => protocol);

  test('frames of the link layer', () => {
    expect(protocols('E5')).toEqual(['MBUS']);
    expect(protocols(toHex(reqUd2(254, 1)))).toEqual(['MBUS']);
  });

  test('a wireless telegram is told as such and not decoded', () => {
    const telegram = '2F44' + '153D' + '78563412' + '0107' + '7A'.padEnd(76, '0');
    expect(protocols(telegram)).toEqual(['WMBUS']);
    expect(
      protocols(
        rows(telegram.match(/../g) ?? [], 16)
          .map((row) => row.join(' '))
          .join('\n'),
      ),
    ).toEqual(['WMBUS']);
  });

  test('HDLC, and bytes that say nothing of themselves', () => {
    expect(protocols('7E A0 0A 00 02 23 21 93 18 71 7E')).toEqual(['HDLC']);
    expect(found('01 03 00 00 00 02 C4 0C')[0]).toMatchObject({ protocol: '', data: '010300000002C40C' });
  });

  test('wrong check sums and lost bytes are told with their figures', () => {
    const frame = encodeFrame({
      kind: 'long',
      control: 8,
      address: 5,
      controlInformation: 0x78,
      data: Uint8Array.of(1, 0x7a, 5),
    });
    const sum = pair(frame.at(-2) ?? 0).toUpperCase();
    const wrong = frame.with(-2, 0x11);
    expect(found(toHex(wrong))[0]?.problems).toEqual([`The checksum is 11; the bytes add up to ${sum}.`]);
    expect(found(toHex(frame.slice(0, -3)))[0]?.problems).toEqual(['The frame is cut off: 9 of 12 bytes.']);
    expect(found(`${toHex(frame)} 00 00`)[0]?.problems[0]).toMatch(/^At byte 12: 2 bytes belong to no frame/);
    expect(found(toHex(frame))[0]?.problems).toEqual([]);
  });
});

describe('IEC 62056-21 readouts', () => {
  const block = '1.8.0(000265.057*kWh)\r\nC.1(12345678)\r\n';
  const identification = '/OHU5SIM1\r\n';
  const bcc = (text: string) =>
    String.fromCharCode([...text].reduce((sum, character) => sum ^ character.charCodeAt(0), 0));
  const framed = (text: string) => `\x02${text}!\r\n\x03${bcc(`${text}!\r\n\x03`)}`;
  const readout = { protocol: 'IEC62056-21', identification: 'SIM1', data: block, problems: [] };

  test.each<[string, string]>([
    ['whole', identification + framed(block)],
    ['as a text field gives it back', (identification + framed(block)).replaceAll('\r\n', '\n')],
    ['without STX, ETX and check character', `${identification}\r\n${block}!\r\n`],
    [
      'with control characters in words',
      (identification + framed(block)).replace('\x02', '<STX>').replace('\x03', '<ETX>'),
    ],
    [
      'with control characters as numbers',
      (identification + framed(block)).replace('\x02', '<02>').replace('\x03', '<03>'),
    ],
    ['with pictures of control characters', (identification + framed(block)).replace('\x02', '␂').replace('\x03', '␃')],
    ['after the request', `/?!\r\n${identification}${framed(block)}`],
    ['as bytes in hexadecimal', toHex(fromLatin1(identification + framed(block)))],
    [
      'as a copied wire trace',
      `   0.000  ==> /?!<0D><0A>\n   0.413  <== ${identification}   0.900  ==> <06>050<0D><0A>\n   1.000  <== -- STX --\n` +
        `${block.replace(/^(?=.)/gm, '   1.100  <== ')}   1.300  <== !\n   1.400  <== -- ETX --\n   1.400  <== -- BCC --\n`,
    ],
  ])('%s', (_, text) => {
    expect(found(text)).toEqual([expect.objectContaining(readout)]);
  });

  test('a data block alone', () => {
    expect(found(block)).toEqual([expect.objectContaining({ ...readout, identification: '' })]);
  });

  test('a wrong check character is told with both values', () => {
    const text = (identification + framed(block)).replace('265.057', '265.058');
    expect(found(text)[0]?.problems[0]).toMatch(
      /^The check character is wrong: calculated [0-9A-F]{2}, received [0-9A-F]{2}\.$/,
    );
    expect(found(text)[0]?.facts).toContainEqual(['Check character', 'wrong']);
  });

  test('a DSMR telegram with its check sum', () => {
    const text = `/OHU5\\2SIM\r\n\r\n1-0:1.8.1(000123.456*kWh)\r\n!`;
    const crc = dsmrCrc(fromLatin1(text)).toString(16).toUpperCase().padStart(4, '0');
    expect(found(`${text}${crc}\r\n`)[0]).toMatchObject({ problems: [], data: '1-0:1.8.1(000123.456*kWh)\r\n' });
    expect(found(`${text}${crc === '0000' ? '0001' : '0000'}\r\n`)[0]?.problems[0]).toMatch(/check character is wrong/);
  });

  test('several, and decimal commas make no table of them', () => {
    const comma = block.replace('265.057', '265,057');
    const items = found(`${identification}${framed(comma)}\r\n${identification}${framed(block)}`);
    expect(items.map(({ data }) => data)).toEqual([comma, block]);
    expect(items.map(({ line }) => line)).toEqual([0, 5]);
    expect(found(comma).map(({ data }) => data)).toEqual([comma]);
  });

  test('in the data column of an export', () => {
    const csv = `sequence_number;device_identification;data\r\n1;SIM1;"${block}"\r\n2;SIM1;"${block}"\r\n`;
    expect(found(csv)).toEqual([expect.objectContaining(readout), expect.objectContaining(readout)]);
  });
});

test('any text at all is taken apart without an exception and in time', () => {
  const scrap = fc.constantFrom(
    '68',
    '0x',
    '\\x',
    '(',
    ')',
    '/OHU5A\n',
    '!',
    '\x02',
    '\x03',
    '"',
    ';',
    ',',
    '\n',
    '00000000 ',
    '*\n',
    'E5',
    '|',
    ' ',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ maxLength: 400 }),
        fc.array(scrap, { maxLength: 200 }).map((parts) => parts.join('')),
      ),
      (text) => {
        for (const item of recognize(text)) expect(item.line).toBeGreaterThanOrEqual(0);
      },
    ),
    { numRuns: 2000 },
  );
});

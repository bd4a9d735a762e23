import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, toHex } from '../../../../src/common/bytes.ts';
import { decodeRadio } from '../../../../src/protocols/wmbus/decode.ts';
import { explainRadio } from '../../../../src/protocols/wmbus/explain.ts';
import { wmbusExplainer } from '../../../../src/protocols/wmbus/explainer.ts';
import { wmbusRecognizer } from '../../../../src/protocols/wmbus/recognizer.ts';
import { bytesOf } from '../mbus/samples.ts';
import { bodyOf, formatA, formatB, mode10, mode5, mode7, session, withLength } from './radio.ts';

const body = bodyOf('7A 2A 00 0000 0C13 45230100 02FD17 0000');
const { sees, found, problems, text } = wmbusRecognizer;
const foundIn = (bytes: Uint8Array) => [...(found?.(bytes, 3) ?? [])];
const linesIn = (lines: string) => [...(text?.find(lines) ?? [])];

describe('bytes', () => {
  it.each([
    ['format A', formatA(body)],
    ['format B', formatB(body)],
    ['without check sums', withLength(body)],
    ['with the signal strength behind', Uint8Array.of(...withLength(body), 0x5b)],
    ['two of them', concatBytes(withLength(body), withLength(body))],
  ])('in %s are a telegram, kept as records keep it', (_, bytes) => {
    expect(sees(bytes)).toBe('whole');
    for (const one of foundIn(bytes)) expect(one).toMatchObject({ data: toHex(body), line: 3, problems: [] });
  });

  it('may be several telegrams', () => {
    const other = bodyOf('78 0C13 00000000');
    expect(foundIn(concatBytes(withLength(body), formatA(other))).map(({ data }) => data)).toEqual([
      toHex(body),
      toHex(other),
    ]);
  });

  it('may begin with the C field, as in records', () => {
    expect(sees(body)).toBe('beginning');
    expect(foundIn(body)).toMatchObject([{ data: toHex(body) }]);
    expect(problems?.(body)).toEqual([]);
  });

  it('say what is wrong with them', () => {
    const damaged = formatA(body);
    damaged[15] = (damaged[15] ?? 0) ^ 1;
    expect(foundIn(damaged)).toMatchObject([
      { problems: ['The frame: the check sum of block 2 is wrong.'], circumstances: { blockCheck: 'bad' } },
    ]);
    const [item] = foundIn(damaged);
    expect(item && decodeRadio(item).filter(({ state }) => state === 'whole')).toEqual([]);
  });

  it.each(['68 0303 68 08 05 72 7F 16', '10 5B FE 59 16', 'E5', '2F 41 42 43', '0E44153D 78563412 0307 FF 000000 00'])(
    '%s are none',
    (hex) => {
      expect(sees(bytesOf(hex))).toBeUndefined();
    },
  );
});

describe('lines of receivers', () => {
  const hex = toHex(withLength(body)).toLowerCase();

  it('of rtl_wmbus are read, each telegram once, and one with wrong check sums is doubted', () => {
    const lines = [
      'rtl_sdr: tuned',
      `T1;1;1;2019-02-09 07:14:18.000;117;102;12345678;0x${hex}`,
      `T1;1;1;2019-02-09 07:14:18.000;117;90;12345678;0x${hex}`,
      `C1;0;1;2019-02-09 07:14:19.000;117;102;12345678;0x${hex}`,
    ].join('\n');
    expect(text?.isIn(lines)).toBe(true);
    expect(text?.begins(lines)).toBe(true);
    const items = linesIn(lines);
    expect(items.map(({ line, data }) => [line, data])).toEqual([
      [1, toHex(body)],
      [3, toHex(body)],
    ]);
    expect(items[0]?.facts).toContainEqual(['Received', '2019-02-09 07:14:18.000']);
    expect(items[1]).toMatchObject({ circumstances: { blockCheck: 'bad' } });
  });

  it('of a CUL are read in both formats, and one that is cut off says so', () => {
    const a = toHex(formatA(body));
    const lines = `b${a}2A5B\r\nbY${toHex(formatB(body))}\nb${a.slice(0, -5)}`;
    expect(text?.begins(lines)).toBe(true);
    const items = linesIn(lines);
    expect(items.map(({ data, problems: wrong }) => [data, wrong.length])).toEqual([
      [toHex(body), 0],
      [toHex(body), 0],
      [toHex(body.subarray(0, -1)), 2],
    ]);
    expect(items[2]?.problems.at(-1)).toBe('The firmware of the stick may have cut it off.');
  });
});

describe('explanation', () => {
  it.each([
    ['plain', body],
    ['mode 5', mode5('0C1345230100')],
    ['mode 7', mode7('0C1345230100')],
    ['mode 10', mode10('0C1345230100')],
    ['a session', session('780C1345230100')],
    ['a long header', bodyOf('72 21436587 153D 01 04 2A 00 0000 0C13 45230100')],
    ['an address of the other side', session('780C1345230100', { other: '153D 99999999 01 37' })],
    ['a compact frame', bodyOf('79 1122 3344 5566')],
    ['a network layer', bodyOf('81 1D 78 0C13 45230100')],
  ])('of %s covers every byte', (_, bytes) => {
    const spans = explainRadio(bytes);
    expect(spans[0]?.start).toBe(0);
    for (const [n, { start }] of spans.entries()) if (n > 0) expect(start).toBe(spans[n - 1]?.end);
    expect(spans.at(-1)?.end).toBe(bytes.length);
    expect(spans.every(({ text: words }) => words !== '')).toBe(true);
  });

  it('never leaves a gap, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('7A', '72', '8C', '8D', '8F', '90', '79', '78', 'A2'),
        fc.uint8Array({ maxLength: 60 }),
        (ci, rest) => {
          const bytes = bodyOf(Uint8Array.from([...bytesOf(ci), ...rest]));
          let at = 0;
          for (const { start, end } of explainRadio(bytes)) {
            expect(start).toBe(at);
            at = end;
          }
          expect(at).toBe(bytes.length);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('names the meter, and says whether it is encrypted', () => {
    const words = wmbusExplainer.describe({
      identification: '',
      data: toHex(mode5('0C1345230100')),
      facts: [['Signal', '-68 dBm']],
    });
    expect(words).toMatchObject({ kind: 'Wireless M-Bus telegram', meter: 'OHU 12345678 · Water', limit: '' });
    expect(words.facts).toContainEqual(['Encryption', 'mode 5']);
    expect(words.facts).toContainEqual(['Signal', '-68 dBm']);
  });
});

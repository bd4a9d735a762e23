import { fromHex } from '../../common/bytes.ts';
import type { Found, TextRecognizer } from '../recognizer.ts';
import { foundFrame } from './found-frame.ts';
import { readFrame } from './frame.ts';

/**
 * Telegrams as programs and sticks print them, one a line: rtl_wmbus (`T1;1;1;2019-02-09 07:14:18.000;…;0x<hex>`) and CUL
 * (`b<hex>`, `bY<hex>` for format B). Lines between them are chatter.
 */
export const receiverLines: TextRecognizer = {
  isIn: (text) => ANY_LINE.test(text),
  // Its separators make no table of it, whatever chatter comes first.
  begins: (text) => ANY_LINE.test(text),
  isCell: () => false,
  find,
};

const RTL = String.raw`[TCS]\d;[01];[01];[^\n]*0x[0-9A-Fa-f]{20,}`;
const CUL = String.raw`bY?[0-9A-Fa-f]{24,}[ \t\r]*$`;
const ANY_LINE = new RegExp(`^(?:${RTL}|${CUL})`, 'm');

function* find(text: string): Generator<Found> {
  let before = '';
  for (const [line, content] of text.split('\n').entries()) {
    const printed = content.trim();
    if (/^[TCS]\d;/.test(printed)) {
      // Its two ways to receive print the same telegram twice.
      const what = printed
        .split(';')
        .filter((field, n) => n === 3 || field.startsWith('0x'))
        .join();
      if (what !== before) yield* fromRtl(printed, line);
      before = what;
    } else if (/^bY?[0-9A-Fa-f]{24,}$/.test(printed)) yield* fromCul(printed.replace(/^bY?/, ''), line);
  }
}

function* fromRtl(printed: string, line: number): Generator<Found> {
  const [mode = '', crc, code, time = ''] = printed.split(';');
  const facts: Found['facts'] = [['Mode', mode], ...(time === '' ? [] : [['Received', time] as const])];
  const isRight = crc === '1' && code === '1';
  for (const [, hex = ''] of printed.matchAll(/;0x([0-9A-Fa-f]+)/g)) {
    const found = foundIn(hex, line, facts);
    if (!found) continue;
    yield isRight
      ? found
      : {
          ...found,
          circumstances: { blockCheck: 'bad' },
          problems: [...found.problems, 'The receiver found its check sums wrong.'],
        };
  }
}

function* fromCul(hex: string, line: number): Generator<Found> {
  // Its firmware has room for so many digits, and may break off between the two of a byte.
  const isCut = hex.length % 2 !== 0;
  const found = foundIn(isCut ? hex.slice(0, -1) : hex, line, []);
  if (!found) return;
  const problems = isCut || found.problems.length > 0 ? ['The firmware of the stick may have cut it off.'] : [];
  yield { ...found, problems: [...found.problems, ...problems] };
}

function foundIn(hex: string, line: number, facts: Found['facts']): Found | undefined {
  const bytes = fromHex(hex);
  const frame = bytes && readFrame(bytes);
  return frame && foundFrame(frame, line, facts);
}

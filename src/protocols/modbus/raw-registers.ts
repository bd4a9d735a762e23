import type { Decimal } from '../../common/decimal.ts';
import type { ReadingValue } from '../../common/reading.ts';
import { toHex } from '../../common/bytes.ts';
import { decimalOfNumberText, shortestFloat32 } from '../../common/float.ts';
import type { RawRegister, WayToRead } from '../protocol.ts';
import { hex, manualNumber } from './address.ts';
import { imageOf, type Image, type Piece } from './image.ts';
import { figureOf, inOrder, wordsOf, WORD_ORDERS, type NumberType, type WordOrder } from './numbers.ts';
import { keptFrames } from './record-data.ts';

/** Types by the registers they take, each in every order that is met. */
const TYPES: readonly (readonly [types: readonly NumberType[], orders: readonly WordOrder[]])[] = [
  [
    ['u16', 'i16', 'bcd16'],
    ['ABCD', 'BADC'],
  ],
  [['u32', 'i32', 'f32', 'bcd32'], WORD_ORDERS],
  [
    ['t5', 't6'],
    ['ABCD', 'CDAB'],
  ],
  [['u64', 'i64', 'f64'], WORD_ORDERS],
  [['m10k'], ['ABCD']],
];

/** Texts in registers are not longer than this. */
const MOST_TEXT = 20;

/** A float beyond these is seldom what a meter measures, and what every float in a wrong order looks like. */
const LIKELY = { least: 1e-3, most: 1e9 };

/**
 * Every register in the data of a record, whoever the meter is, with every usual way to read it and those behind it:
 * what speaks against a way stands beside it, and hides nothing.
 */
export function rawRegisters(data: string): readonly RawRegister[] {
  const image = imageOf(keptFrames(data));
  const seen = new Set<string>();
  return image.answers.flatMap(({ command, address, size }) =>
    command < 3
      ? []
      : Array.from({ length: size >> 1 }, (_, index) => address + index).flatMap((at): RawRegister[] => {
          const label = `${hex(command, 2)}:${hex(at, 4)}`;
          const piece = image.words(command, at, 1);
          // Answers overlap; what came last is what holds.
          if (!piece || seen.has(label)) return [];
          seen.add(label);
          return [
            {
              label,
              number: String(manualNumber(command, at)),
              hex: toHex(piece.bytes),
              isUnchecked: !piece.isSound,
              ways: () => waysAt(image, command, at),
            },
          ];
        }),
  );
}

function waysAt(image: Image, command: number, address: number): readonly WayToRead[] {
  const bits = image.words(command, address, 1);
  const numbers = TYPES.flatMap(([types, orders]) =>
    types.flatMap((type) => {
      const piece = image.words(command, address, wordsOf(type));
      return piece ? orders.map((order) => wayOf(piece, type, order)) : [];
    }),
  );
  const single = numbers.findIndex(({ count }) => count > 1);
  const cut = single < 0 ? numbers.length : single;
  return [
    ...numbers.slice(0, cut),
    ...(bits ? [{ type: 'bits', order: '', count: 1, value: textOf(bitsOf(bits.bytes)), doubt: '' }] : []),
    ...textsAt(image, command, address),
    ...numbers.slice(cut),
  ];
}

function wayOf(piece: Piece, type: NumberType, order: WordOrder): WayToRead {
  const count = wordsOf(type);
  const ordered = inOrder(piece.bytes, order);
  const figure = figureOf(piece.bytes, type, order);
  const doubts = [
    typeof figure === 'string' ? doubtOf(type, figure) : isUnlikely(type, ordered, figure) ? 'unlikely' : '',
    piece.isSplit ? 'from two answers' : '',
  ];
  return {
    type,
    order: count === 1 ? order.slice(0, 2) : order,
    count,
    value: valueOf(type, ordered, figure),
    doubt: doubts.filter((doubt) => doubt !== '').join(', '),
  };
}

function doubtOf(type: NumberType, figure: 'not available' | 'impossible'): string {
  if (type === 'f32' || type === 'f64') return figure === 'impossible' ? 'infinite' : 'not a number';
  return figure === 'impossible' ? (type === 'm10k' ? 'a word above 9999' : 'no decimal digits') : 'invalid marker';
}

/** Also where it marks something as invalid: the number that is written there. */
function valueOf(type: NumberType, ordered: Uint8Array, figure: ReturnType<typeof figureOf>): WayToRead['value'] {
  if (type === 'f32' || type === 'f64') return floatValue(floatIn(type, ordered), type, figure);
  if (typeof figure !== 'string')
    return isFar(figure)
      ? textOf(`${figure.coefficient.toString()}e${figure.exponent}`)
      : { type: 'number', decimal: figure };
  const raw = toHex(ordered);
  if (!/^[ui]/.test(type)) return textOf(raw);
  const bits = 8 * ordered.length;
  const unsigned = BigInt(`0x${raw}`);
  const value = type.startsWith('i') ? BigInt.asIntN(bits, unsigned) : unsigned;
  return { type: 'number', decimal: { coefficient: value, exponent: 0 } };
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) => new DataView(buffer, byteOffset, byteLength);
const floatIn = (type: 'f32' | 'f64', ordered: Uint8Array) =>
  type === 'f32' ? viewOf(ordered).getFloat32(0) : viewOf(ordered).getFloat64(0);

/** With digits behind the point that can be read: 2.3e-41 has forty zeros. */
function floatValue(value: number, type: 'f32' | 'f64', figure: ReturnType<typeof figureOf>): WayToRead['value'] {
  if (Number.isNaN(value)) return textOf('NaN');
  if (typeof figure === 'string') return textOf(value > 0 ? '∞' : '−∞');
  const size = Math.abs(value);
  const text = type === 'f32' ? shortestFloat32(value) : String(value);
  if (size !== 0 && (size < 1e-6 || size >= 1e15)) return textOf(Number(text).toExponential());
  return { type: 'number', decimal: decimalOfNumberText(text) };
}

/** Of a number with an exponent of its own. */
const isFar = ({ exponent }: Decimal) => Math.abs(exponent) > 12;

function isUnlikely(type: NumberType, ordered: Uint8Array, figure: Decimal): boolean {
  if (type !== 'f32' && type !== 'f64') return isFar(figure);
  const size = Math.abs(floatIn(type, ordered));
  return size !== 0 && (size < LIKELY.least || size > LIKELY.most);
}

const textOf = (text: string): Extract<ReadingValue, { type: 'text' }> => ({ type: 'text', text });

/** The highest first, four by four. */
const bitsOf = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0').replace(/.{4}/, '$& ')).join(' ');

/** From this register on, as far as it is text: with the first character high, and low. */
function textsAt(image: Image, command: number, address: number): readonly WayToRead[] {
  return (['ABCD', 'BADC'] as const).map((order) => {
    let text = '';
    let count = 0;
    while (count < MOST_TEXT) {
      const piece = image.words(command, address + count, 1);
      const characters = piece && asText(inOrder(piece.bytes, order));
      if (characters === undefined) break;
      text += characters;
      count++;
      if (characters.length < 2) break;
    }
    return {
      type: 'text',
      order: order.slice(0, 2),
      count: Math.max(1, count),
      value: textOf(text === '' ? '–' : `“${text}”`),
      doubt: text === '' ? 'no text' : '',
    };
  });
}

/** Printable characters up to a zero; undefined where it is no text. */
function asText(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  const isText = used.every((byte) => byte >= 0x20 && byte < 0x7f) && bytes.subarray(used.length).every((b) => b === 0);
  return isText && used.length > 0 ? String.fromCharCode(...used) : undefined;
}

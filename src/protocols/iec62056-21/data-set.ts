/**
 * The lossless grammar of a data block (IEC 62056-21, 6.6): `address ( value [* unit] )`, several sets on a line, several
 * values in a set, and what real meters make of it. Whatever the text, rendering the items gives it back to the character.
 */
export type BlockItem = DataSet | Literal;

/** Line ends, blanks and anything that is not a data set. */
export interface Literal {
  readonly kind: 'literal';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface DataSet {
  readonly kind: 'data set';
  /** As sent; empty where the meter leaves it out: it then repeats the address before. */
  readonly address: string;
  /** Blanks between address and bracket, which some meters send. */
  readonly gap: string;
  /** Without an address, and text that is no data set stands in front: it repeats none, and nobody knows its own. */
  readonly afterText?: true;
  /** At least one. */
  readonly values: readonly DataValue[];
  /** Half-open range of characters in the block. */
  readonly start: number;
  readonly end: number;
}

/** No closing bracket: the line or the whole message ended first, and nobody knows what more there was. */
export function isCutOff({ open, close }: DataValue, next: DataValue | undefined): boolean {
  return open !== '' && close === '' && next?.open !== '&';
}

export interface DataValue {
  /** `&` joins two values in one pair of brackets (`98.5*C&96.1*C`); empty where the bracket is missing. */
  readonly open: '(' | '&' | '';
  readonly value: string;
  /** `*` by the standard; a blank or nothing where a known unit follows the digits (`024562 kWh`, `001.322kW`). */
  readonly separator: '*' | ' ' | '';
  /** Undefined where there is none; empty after a `*` with nothing behind. */
  readonly unit?: string;
  /** Empty where the bracket is missing or `&` goes on. */
  readonly close: ')' | '';
  readonly start: number;
  readonly end: number;
}

/** Digits with a unit behind that no `*` sets apart. Without a blank only units that are no hexadecimal digit or season mark. */
const UNMARKED_UNIT =
  /^([+-]?\d+(?:[.,]\d+)?)(?:( )([kMG]?(?:Wh?|var|varh|VAr|VArh|VA|VAh|V|A|J|Hz)|m3|m3ph|l|h|min|s|secs|%|imp)|([kMG](?:Wh?|var|varh|VAr|VArh|VA|VAh|V|A|J|Hz)|Wh|V|%|varh?|VArh?|VAh?|Hz|m3|m3ph))$/;

/** An address with one digit for E that runs into its value because the bracket is missing. */
const MISSING_OPEN = /^((?:\d{1,3}-\d{1,3}:)?[\dCFLP]{1,2}\.\d{1,2}\.\d)(\d{3,}[.,]?\d*(?:\*[^*]*)?)$/;

/** Takes a data block apart. Linear in its length; never throws. */
export function parseDataBlock(text: string): BlockItem[] {
  const items: BlockItem[] = [];
  let at = 0;
  while (at < text.length) {
    const stop = endOfRun(text, at);
    const mark = text.charAt(stop);
    const bracket = afterBlanks(text, stop);
    if (mark === '(' || (stop > at && text.charAt(bracket) === '(')) at = pushDataSet(items, text, at, stop, bracket);
    else if (mark === ')') at = pushUnopened(items, text, at, stop);
    else at = pushLiteral(items, text, at, endOfGap(text, stop));
  }
  return items;
}

/** What is left of a data set that lost its value: the end of one, `*kW)`, or an address with nothing behind it. */
export interface Hole {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const LEFT_OF_A_SET =
  /[!-'*-~]{0,60}\)|(?<![!-~])\d{1,3}-\d{1,3}:[\dCFLP]{1,3}\.\d{1,3}\.\d{1,3}(?:[*&]\d{1,3})?(?![!-~])/g;

/** Places where data is missing, which no data set shows. */
export function holesIn(items: readonly BlockItem[]): readonly Hole[] {
  const holes: Hole[] = [];
  for (const item of items) {
    if (item.kind === 'data set') continue;
    for (const { 0: text, index } of item.text.matchAll(LEFT_OF_A_SET)) {
      const start = item.start + index;
      // Of brackets within brackets one is left behind the data set: `((ER11))`.
      if (text !== ')' || index > 0 || start === 0) holes.push({ text, start, end: start + text.length });
    }
  }
  return holes;
}

/** Does it repeat the address of the data set before? */
export function continues({ address, afterText }: DataSet): boolean {
  return address === '' && afterText === undefined;
}

/** The address must be the printable run right before the bracket; what stands before it is a literal. */
function endOfRun(text: string, from: number): number {
  let at = from;
  while (at < text.length && isAddressCharacter(text.charCodeAt(at))) at++;
  return at;
}

/** Past line ends, blanks and characters that are not printable. */
function endOfGap(text: string, from: number): number {
  let at = from;
  while (at < text.length && isGap(text.charCodeAt(at))) at++;
  return at;
}

function hasText(text: string): boolean {
  return Array.from(text).some((character) => isAddressCharacter(character.charCodeAt(0)));
}

function isGap(code: number): boolean {
  return code <= 0x20 || code >= 0x7f;
}

function isAddressCharacter(code: number): boolean {
  return !isGap(code) && code !== 0x28 && code !== 0x29;
}

/** A value belongs to the address in front of it, though blanks stand between; pasted text has some of its own. */
function afterBlanks(text: string, from: number): number {
  let at = from;
  while ([0x20, 0x09, 0xa0, 0x200b].includes(text.charCodeAt(at))) at++;
  return at;
}

function pushDataSet(items: BlockItem[], text: string, start: number, stop: number, bracket: number): number {
  const values: DataValue[] = [];
  let at = bracket;
  while (text.charAt(at) === '(') at = pushBracket(values, text, at);
  const before = items.at(-1);
  items.push({
    kind: 'data set',
    address: text.slice(start, stop),
    ...(stop === start && before?.kind === 'literal' && hasText(before.text) ? { afterText: true } : {}),
    gap: text.slice(stop, bracket),
    values,
    start,
    end: at,
  });
  return at;
}

/** One pair of brackets; a line end or another `(` closes it where `)` is missing, as in `C.1(12880041.0(22:48 18-11-13)`. */
function pushBracket(values: DataValue[], text: string, bracket: number): number {
  let end = bracket + 1;
  while (end < text.length && !isBracketEnd(text.charCodeAt(end))) end++;
  const close = text.charAt(end) === ')' ? ')' : '';
  const parts = text.slice(bracket + 1, end).split('&');
  let start = bracket;
  parts.forEach((part, index) => {
    values.push(dataValue(index === 0 ? '(' : '&', part, index === parts.length - 1 ? close : '', start));
    start += 1 + part.length;
  });
  return end + close.length;
}

function isBracketEnd(code: number): boolean {
  return code === 0x29 || code === 0x28 || code === 0x0d || code === 0x0a;
}

function dataValue(open: DataValue['open'], text: string, close: DataValue['close'], start: number): DataValue {
  const range = { start, end: start + open.length + text.length + close.length };
  const star = text.indexOf('*');
  if (star >= 0) {
    return { open, value: text.slice(0, star), separator: '*', unit: text.slice(star + 1), close, ...range };
  }
  const match = text.length <= 40 ? UNMARKED_UNIT.exec(text) : null;
  if (match) {
    const [, value = '', blank, unitAfterBlank, unitDirectly = ''] = match;
    return { open, value, separator: blank ? ' ' : '', unit: unitAfterBlank ?? unitDirectly, close, ...range };
  }
  return { open, value: text, separator: '', close, ...range };
}

/** `1-0:1.8.100001.001*kWh)`: the opening bracket is missing. Anything else that ends in `)` stays as it is. */
function pushUnopened(items: BlockItem[], text: string, start: number, bracket: number): number {
  const end = bracket + 1;
  const match = bracket - start <= 60 ? MISSING_OPEN.exec(text.slice(start, bracket)) : null;
  if (!match) return pushLiteral(items, text, start, end);
  const [, address = '', value = ''] = match;
  const values = [dataValue('', value, ')', start + address.length)];
  items.push({ kind: 'data set', address, gap: '', values, start, end });
  return end;
}

/** Adjacent literals become one. */
function pushLiteral(items: BlockItem[], text: string, start: number, end: number): number {
  const last = items.at(-1);
  if (last?.kind === 'literal') items[items.length - 1] = { ...last, text: text.slice(last.start, end), end };
  else items.push({ kind: 'literal', text: text.slice(start, end), start, end });
  return end;
}

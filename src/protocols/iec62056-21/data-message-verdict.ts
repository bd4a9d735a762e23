import { toLatin1 } from '../../common/bytes.ts';
import { blockCheckCharacter, dsmrCrc, sevenBitSum } from './block-check.ts';
import { EOT, LF } from './control.ts';
import { holesIn, parseDataBlock, type Hole } from './data-set.ts';
import { iecErrorCode } from './errors.ts';
import type { SentParity } from './parity-tally.ts';
import type { BlockCheckPolicy } from './settings.ts';

export interface DataMessageOptions {
  readonly blockCheck: BlockCheckPolicy;
  /** The identification message as received; a DSMR check sum covers it too. */
  readonly preamble?: Uint8Array;
  /** The parity the line takes off by software, and the one this meter is known to send. */
  readonly parity?: { readonly ours: 'even' | 'odd' | undefined; readonly known?: SentParity };
  /** This meter has sent a DSMR check sum before: a message without one is damaged. */
  readonly expectsCrc?: boolean;
  /** Longest message taken, bytes; beyond it the result has code 66050. */
  readonly maxBytes?: number;
}

/** A data message as received, with what can be said of it. */
export interface DataMessage {
  /** The data block as received, one character per byte, without STX and the closing `!`. */
  readonly block: string;
  readonly blockCheck: 'ok' | 'bad' | 'absent' | 'not checked';
  /** BCC or DSMR CRC-16 as computed by the policy, and as received. */
  readonly expectedBcc?: number;
  readonly receivedBcc?: number;
  /** What was compared is the CRC-16 of a DSMR telegram, not a block check character. */
  readonly crc: boolean;
  /** The received block check is the 7-bit sum that some meters use. */
  readonly ownSum: boolean;
  /** STX (or SOH) was seen. */
  readonly framed: boolean;
  /** It ended with EOT: the meter has more blocks to send. */
  readonly more: boolean;
  /** The end was seen: `!` or ETX, and with STX the BCC too. Otherwise the message broke off. */
  readonly complete: boolean;
  /** Characters of the message that are not in the parity the meter uses. */
  readonly parityErrors: number;
  /** Characters of the block that no text has. */
  readonly invalidCharacters: number;
  /**
   * 0; 66050 too long; 66051 or 66052 wrong end; 66053 block check bad under 'strict' and 'sum7'; 66049 characters of
   * wrong parity, or unallowed ones or a hole in a block that no block check vouches for.
   */
  readonly errorCode: number;
  /** What differs from the standard, in words. */
  readonly deviations: readonly string[];
  /** The identification line in front of the block, where one came with it. */
  readonly head?: Uint8Array;
  readonly raw: Uint8Array;
  /** Where the block stands in `raw`. */
  readonly range: { readonly start: number; readonly end: number };
}

/** Everything seen, for the verdict: positions are indices into `raw`. */
export interface Seen {
  readonly raw: Uint8Array;
  /** Positions of characters that came with bit 7 set, where it was taken off as a parity. */
  readonly highBits: readonly number[];
  readonly framed: boolean;
  readonly blockStart: number | undefined;
  readonly blockEnd: number | undefined;
  /** Position of the closing `!`. */
  readonly bang: number | undefined;
  /** Position of ETX, EOT or what stands in their place. */
  readonly etx: number | undefined;
  readonly receivedBcc: number | undefined;
  /** The four hexadecimal digits after `!`, as far as they came; some meters leave out leading zeros. */
  readonly crcDigits: string;
  /** Start of an identification line in front of the block. */
  readonly telegramStart: number | undefined;
  readonly ackEcho: boolean;
  readonly invalidCharacters: number;
  /** What the sender does with bit 7, and how many characters were not so. */
  readonly parity: { readonly sent: SentParity; readonly wrong: number };
  readonly failure: 'block too long' | 'block end' | 'ETX' | 'character timeout' | undefined;
}

interface Check {
  readonly blockCheck: DataMessage['blockCheck'];
  readonly expected?: number;
  readonly received?: number;
  /** The message as it was sent, where its check sum shows that it has eight bits. */
  readonly eightBits?: Uint8Array;
}

export function judgeDataMessage(seen: Seen, options: DataMessageOptions): DataMessage {
  const start = seen.blockStart ?? seen.raw.length;
  const end = seen.blockEnd ?? seen.raw.length;
  const check: Check =
    seen.receivedBcc === undefined ? checkCrc(seen, options) : checkBcc(seen, seen.receivedBcc, options);
  const block = toLatin1((check.eightBits ?? seen.raw).subarray(start, end));
  const holes = holesIn(parseDataBlock(block));
  return {
    block,
    blockCheck: check.blockCheck,
    ...(check.expected === undefined ? {} : { expectedBcc: check.expected }),
    ...(check.received === undefined ? {} : { receivedBcc: check.received }),
    crc: seen.receivedBcc === undefined && check.received !== undefined,
    ownSum: isOwnSum(seen, check),
    framed: seen.framed,
    more: seen.etx !== undefined && seen.raw[seen.etx] === EOT,
    complete: seen.framed ? seen.receivedBcc !== undefined : seen.bang !== undefined || seen.etx !== undefined,
    parityErrors: parityErrors(seen, check),
    invalidCharacters: seen.invalidCharacters,
    errorCode: errorCode(seen, check, holes.length > 0, options),
    deviations: [...deviations(seen, check, start, options), ...holes.map(holeWords)],
    ...headOf(seen, start),
    raw: seen.raw.slice(),
    range: { start, end },
  };
}

const holeWords = ({ text }: Hole) => `a hole in the data at “${text}”`;

function headOf({ raw, telegramStart }: Seen, start: number): { head?: Uint8Array } {
  if (telegramStart === undefined || telegramStart >= start) return {};
  const end = raw.indexOf(LF, telegramStart) + 1;
  return end > 0 && end <= start ? { head: raw.slice(telegramStart, end) } : {};
}

function checkBcc(seen: Seen, received: number, { blockCheck: policy }: DataMessageOptions): Check {
  const checked = checkedBytes(seen);
  const expected = policy === 'sum7' ? sevenBitSum(checked) : blockCheckCharacter(checked);
  if (policy === 'none') return { blockCheck: 'not checked', expected, received };
  if (expected !== received) return { blockCheck: 'bad', expected, received };
  const eightBits = textOfEightBits(seen);
  return { blockCheck: 'ok', expected, received, ...(eightBits ? { eightBits } : {}) };
}

/** A turned bit 7 makes none of these of what meters send in brackets: the degree after `*`, the power after m. */
const SIGN = /(?<=\([^()\r\n]{0,60})(?:\*\xb0|m[\xb2\xb3])/g;
/** No text: a digit, or its neighbor, with bit 7 turned. */
const IN_NUMBER = /[\d.,][\x80-\xff]|[\x80-\xff][\d.,]/;

/**
 * The message of a sender without parity, where bit 7 is shown to belong to its texts: by the eighth bit of the check
 * character, or, where that is 0 and may be none, by where the characters stand that have it.
 */
function textOfEightBits(seen: Seen): Uint8Array | undefined {
  const { blockStart = 0, etx = seen.raw.length, parity } = seen;
  const inText = seen.highBits.filter((at) => at >= blockStart && at < etx).length;
  const bytes = parity.sent === 'none' && inText > 0 ? withHighBits(seen) : undefined;
  if (!bytes) return undefined;
  const isOdd = inText % 2 === 1;
  if (seen.highBits.includes(etx + 1)) return isOdd ? bytes : undefined;
  const text = toLatin1(bytes.subarray(blockStart, etx));
  const plausible = isOdd ? text.match(SIGN)?.length === inText : !IN_NUMBER.test(text);
  return plausible ? bytes : undefined;
}

function checkedBytes({ raw, blockStart = 0, etx = raw.length }: Seen): Uint8Array {
  return raw.subarray(blockStart, etx + 1);
}

/** A DSMR telegram ends with `!` and the CRC-16 of everything from the identification's `/` to the `!`. */
function checkCrc(seen: Seen, { blockCheck: policy, preamble }: DataMessageOptions): Check {
  if (seen.framed || seen.bang === undefined || seen.crcDigits === '') return { blockCheck: 'absent' };
  const received = Number.parseInt(seen.crcDigits, 16);
  if (seen.telegramStart === undefined && preamble === undefined) return { blockCheck: 'not checked', received };
  const head = seen.telegramStart === undefined && preamble ? preamble : new Uint8Array(0);
  const crcOf = (raw: Uint8Array) => dsmrCrc(head, raw.subarray(seen.telegramStart ?? 0, (seen.bang ?? 0) + 1));
  const expected = crcOf(seen.raw);
  if (policy === 'none') return { blockCheck: 'not checked', expected, received };
  if (expected === received) return { blockCheck: 'ok', expected, received };
  // Texts of eight bits: what was taken off as a parity belonged to the characters.
  const eightBits = withHighBits(seen);
  if (eightBits && crcOf(eightBits) === received) return { blockCheck: 'ok', expected: received, received, eightBits };
  return { blockCheck: 'bad', expected, received };
}

function withHighBits({ raw, highBits }: Seen): Uint8Array | undefined {
  if (highBits.length === 0) return undefined;
  const bytes = raw.slice();
  for (const at of highBits) bytes[at] = (bytes[at] ?? 0) | 0x80;
  return bytes;
}

/** From version 4 on every P1 telegram ends with a check sum. */
function lacksCrc({ raw, framed, blockEnd }: Seen, { expectsCrc = false }: DataMessageOptions): boolean {
  if (framed || blockEnd === undefined) return false;
  return expectsCrc || /^1-3:0\.2\.8\([45]/m.test(toLatin1(raw));
}

function errorCode(seen: Seen, check: Check, hasHoles: boolean, options: DataMessageOptions): number {
  const { blockCheck } = check;
  const policy = options.blockCheck;
  if (seen.failure) return iecErrorCode(seen.failure);
  if (blockCheck === 'bad' && policy !== 'warn') return iecErrorCode('block check');
  if (blockCheck === 'absent' && policy !== 'none' && lacksCrc(seen, options)) return iecErrorCode('block check');
  // Two characters with the same bit flipped leave a block check as it was: the parity of each tells. A CRC is not fooled.
  const isDamaged = parityErrors(seen, check) > 0 && !(blockCheck === 'ok' && !seen.framed && seen.etx === undefined);
  if (isDamaged || (blockCheck !== 'ok' && (seen.invalidCharacters > 0 || hasHoles)))
    return iecErrorCode('block character');
  return 0;
}

/** Where the check shows that the characters have eight bits, none of them is a parity. */
function parityErrors({ parity }: Seen, { eightBits }: Check): number {
  return eightBits ? 0 : parity.wrong;
}

function isOwnSum(seen: Seen, { blockCheck, received }: Check): boolean {
  return blockCheck === 'bad' && seen.receivedBcc !== undefined && sevenBitSum(checkedBytes(seen)) === received;
}

function deviations(seen: Seen, check: Check, start: number, { preamble }: DataMessageOptions): readonly string[] {
  const found: string[] = [];
  const skipped = toLatin1(seen.raw.subarray(0, seen.framed ? start - 1 : start));
  if (seen.ackEcho) found.push('an acknowledge echo stands before the data');
  if (seen.telegramStart !== undefined && seen.telegramStart < start) {
    // Where none came before it belongs there: a pushed telegram.
    if (seen.framed || preamble) found.push('an identification or request line stands before the data');
  } else if (!seen.ackEcho && /[^\r\n]/.test(skipped)) {
    found.push(`${String(skipped.length)} stray characters before the data`);
  }
  if (seen.failure === 'character timeout') found.push('another message begins inside this one');
  if (!seen.framed && seen.etx !== undefined) found.push('STX is missing');
  if (seen.etx !== undefined && seen.bang === undefined) found.push("no '!' before ETX");
  if (seen.etx !== undefined && seen.raw[seen.etx] === 0x04) found.push('EOT instead of ETX: a partial block');
  if (seen.bang !== undefined) found.push(...tailDeviations(seen, seen.bang));
  if (seen.invalidCharacters > 0)
    found.push(`${String(seen.invalidCharacters)} unprintable characters in the data block`);
  const wrong = parityErrors(seen, check);
  if (wrong > 0) found.push(`wrong parity in ${String(wrong)} characters`);
  if (isOwnSum(seen, check)) found.push('the block check is a 7-bit sum (setting “Seven-bit sum”)');
  return found;
}

function tailDeviations({ raw, etx, crcDigits, framed }: Seen, bang: number): readonly string[] {
  const text = toLatin1(raw.subarray(bang + 1 + crcDigits.length, etx ?? raw.length));
  const found: string[] = [];
  if (framed && etx === undefined) return found;
  if (!text.startsWith('\r\n')) found.push("'!' is not followed by CR LF");
  if (etx === undefined && /[^\r\n\0]/.test(text)) found.push('a stray character after the end of the data');
  return found;
}

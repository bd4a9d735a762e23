import type { ReadingState } from '../../common/reading.ts';
import type { VifMeaning } from './vif-meaning.ts';
import { meaning } from './vif-meaning.ts';
import { combine, vifMeaning } from './vif.ts';

/**
 * Walks the data records of a telegram (EN 13757-3, 6: DIF, DIFEs, VIF, VIFEs, data). One cursor is filled again for
 * every record: nothing is allocated on the way, which makes up most of the decoder's speed. Decoding, explaining
 * and the plain telegram view all read records through it.
 */
export interface RecordCursor {
  bytes: Uint8Array;
  /** Where the next record begins. */
  position: number;
  /** End of the records, exclusive. */
  limit: number;
  /** CI with mode bit: multi-byte values come high byte first. */
  mode2: boolean;

  kind: RecordKind;
  start: number;
  /** First VIF byte. */
  vifStart: number;
  /** After the last VIFE or the text of a text VIF. */
  vifEnd: number;
  /** Data proper; between `vifEnd` and here stands the length byte of variable data. */
  dataStart: number;
  /** End of the data and of the record. */
  end: number;
  dif: number;
  storage: number;
  tariff: number;
  subunit: number;
  /** Length byte of variable data (LVAR), or -1. */
  lvar: number;
  meaning: VifMeaning;
  /** Why the record can't be understood; empty for most. */
  fault: string;
  /** What `readValue` has to say beside the value; empty for most. */
  remark: string;
  /** What the value says of itself, once `readValue` has read it. */
  state: ReadingState;
}

/**
 * - 'value': a data record.
 * - 'manufacturer data', 'more records follow': DIF 0F and 1F, everything to the end belongs to the manufacturer.
 * - 'filler': 2F. 'readout request': 7F.
 * - 'unknown': can't be cut into data; `fault` says why, the bytes are kept.
 */
export type RecordKind =
  'value' | 'manufacturer data' | 'more records follow' | 'filler' | 'readout request' | 'unknown';

const NOTHING = meaning('', '');
const MOST_DIFES = 10;
const MOST_VIFES = 10;

/** Bytes of data by the low nibble of the DIF; D (variable) and F (special) are handled apart. */
const DATA_LENGTH = Uint8Array.of(0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, 0, 6, 0);

export function recordCursor(): RecordCursor {
  return {
    bytes: new Uint8Array(0),
    position: 0,
    limit: 0,
    mode2: false,
    kind: 'value',
    start: 0,
    vifStart: 0,
    vifEnd: 0,
    dataStart: 0,
    end: 0,
    dif: 0,
    storage: 0,
    tariff: 0,
    subunit: 0,
    lvar: -1,
    meaning: NOTHING,
    fault: '',
    remark: '',
    state: 'whole',
  };
}

/** Places a cursor before the records in `bytes[start, end)`. */
export function seek(cursor: RecordCursor, bytes: Uint8Array, start: number, end: number, mode2: boolean): void {
  cursor.bytes = bytes;
  cursor.position = start;
  cursor.limit = end;
  cursor.mode2 = mode2;
}

/** Fills the cursor with the next record; false at the end. Every byte of the region belongs to exactly one record. */
export function nextRecord(cursor: RecordCursor): boolean {
  const { bytes, limit } = cursor;
  let position = cursor.position;
  if (position >= limit) return false;
  cursor.start = position;
  cursor.fault = '';
  cursor.lvar = -1;
  cursor.meaning = NOTHING;
  const dif = bytes[position++] ?? 0;
  cursor.dif = dif;
  cursor.storage = (dif >> 6) & 1;
  cursor.tariff = 0;
  cursor.subunit = 0;
  cursor.vifStart = cursor.vifEnd = cursor.dataStart = position;
  if ((dif & 15) === 15) return special(cursor, position);

  if (dif >= 0x80) {
    position = readDifes(cursor, position);
    if (position < 0) return unknown(cursor, 'the telegram ends inside a DIFE chain', limit);
  }
  cursor.vifStart = cursor.vifEnd = cursor.dataStart = position;
  if (position >= limit) return unknown(cursor, 'the telegram ends before the VIF', limit);

  const vif = bytes[position] ?? 0;
  if ((vif & 0x7f) === 0x7c) {
    position = readTextVif(cursor, position);
  } else {
    while ((bytes[position] ?? 0) >= 0x80 && position < limit) position++;
    position = position < limit ? position + 1 : -1;
    if (position > 0) cursor.meaning = vifMeaning(bytes, cursor.vifStart, position);
  }
  if (position < 0) return unknown(cursor, cursor.fault || 'the telegram ends inside a VIFE chain', limit);
  cursor.vifEnd = cursor.dataStart = position;
  if ((vif & 0x7f) !== 0x7c && position - cursor.vifStart > MOST_VIFES + 1) cursor.fault = 'more than 10 VIFEs';

  let length = DATA_LENGTH[dif & 15] ?? 0;
  if ((dif & 15) === 13) {
    if (position >= limit) return unknown(cursor, 'the telegram ends before the length of variable data', limit);
    cursor.lvar = bytes[position++] ?? 0;
    length = variableLength(cursor.lvar);
    if (length < 0) return unknown(cursor, 'the length code of variable data is reserved', limit);
    cursor.dataStart = position;
  }
  if (position + length > limit) return unknown(cursor, 'the telegram ends inside this record', limit);
  cursor.kind = cursor.fault === '' ? 'value' : 'unknown';
  cursor.end = cursor.position = position + length;
  return true;
}

function special(cursor: RecordCursor, position: number): boolean {
  switch (cursor.dif) {
    case 0x2f:
      cursor.kind = 'filler';
      cursor.end = cursor.position = position;
      return true;
    case 0x7f:
      cursor.kind = 'readout request';
      cursor.end = cursor.position = position;
      return true;
    case 0x0f:
    case 0x1f:
      cursor.kind = cursor.dif === 0x0f ? 'manufacturer data' : 'more records follow';
      cursor.end = cursor.position = cursor.limit;
      return true;
    default:
      return unknown(cursor, 'the DIF is reserved, so its length is unknown', cursor.limit);
  }
}

/** The record is kept with its bytes; what comes after `end` is read as if nothing had been. */
function unknown(cursor: RecordCursor, fault: string, end: number): boolean {
  cursor.kind = 'unknown';
  cursor.fault = fault;
  cursor.end = cursor.position = end;
  return true;
}

/** Position after the chain; -1 where the telegram ends inside it. */
function readDifes(cursor: RecordCursor, from: number): number {
  const { bytes, limit } = cursor;
  let storageWeight = 2;
  let tariffWeight = 1;
  let subunitWeight = 1;
  for (let position = from; position < limit; position++) {
    const dife = bytes[position] ?? 0;
    cursor.storage += (dife & 15) * storageWeight;
    cursor.tariff += ((dife >> 4) & 3) * tariffWeight;
    cursor.subunit += ((dife >> 6) & 1) * subunitWeight;
    // Products, not shifts: ten DIFEs make 41 bits of storage number.
    storageWeight *= 16;
    tariffWeight *= 4;
    subunitWeight *= 2;
    if (dife < 0x80) {
      if (position - from >= MOST_DIFES) cursor.fault = 'more than 10 DIFEs';
      return position + 1;
    }
  }
  return -1;
}

/**
 * Text VIF 7C/FC: a length byte and that many characters, last character first in mode 1. Older meters send the text
 * directly after the VIF and the VIFEs behind it, newer ones the VIFEs first (libmbus PR #229): the order that gives
 * printable text wins.
 */
function readTextVif(cursor: RecordCursor, at: number): number {
  const { bytes, limit } = cursor;
  const extended = (bytes[at] ?? 0) >= 0x80;
  if (isText(bytes, at + 1, limit)) {
    const textEnd = at + 2 + (bytes[at + 1] ?? 0);
    const end = extended ? endOfChain(bytes, textEnd, limit) : textEnd;
    if (end > 0) return textMeaning(cursor, at + 1, textEnd, end);
  }
  const chainEnd = extended ? endOfChain(bytes, at + 1, limit) : -1;
  if (chainEnd > 0 && isText(bytes, chainEnd, limit)) {
    textMeaning(cursor, chainEnd, at + 1, chainEnd);
    return chainEnd + 1 + (bytes[chainEnd] ?? 0);
  }
  cursor.fault = 'the text of the VIF does not fit into the telegram';
  return -1;
}

/** VIFEs that have bit 7 set, and the one that has not. */
function endOfChain(bytes: Uint8Array, from: number, limit: number): number {
  for (let position = from; position < limit; position++) if ((bytes[position] ?? 0) < 0x80) return position + 1;
  return -1;
}

/** Is there a length byte at `at`, and that many printable characters (ISO 8859-1) after it? */
function isText(bytes: Uint8Array, at: number, limit: number): boolean {
  const end = at + 1 + (bytes[at] ?? 0);
  if (at >= limit || end > limit) return false;
  for (let i = at + 1; i < end; i++) if (((bytes[i] ?? 0) & 0x7f) < 0x20) return false;
  return true;
}

/** Texts that are units of a quantity we know: Elvaco's humidity sensors. */
const TEXT_UNITS: ReadonlyMap<string, VifMeaning> = new Map([['%RH', meaning('Relative humidity', '%')]]);

function textMeaning(cursor: RecordCursor, lengthAt: number, chainStart: number, chainEnd: number): number {
  const start = lengthAt + 1;
  const text = readText(cursor.bytes, start, start + (cursor.bytes[lengthAt] ?? 0), cursor.mode2);
  const named = TEXT_UNITS.get(text) ?? meaning(text, '', { note: 'named by the meter' });
  cursor.meaning = combine(named, cursor.bytes, chainStart, chainEnd);
  return chainEnd;
}

/** Characters of `bytes[start, end)`: sent last one first in mode 1. */
export function readText(bytes: Uint8Array, start: number, end: number, mode2: boolean): string {
  let text = '';
  if (mode2) for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i] ?? 0);
  else for (let i = end - 1; i >= start; i--) text += String.fromCharCode(bytes[i] ?? 0);
  return text;
}

/** Bytes of variable data by its length byte; -1 where the code is reserved. */
export function variableLength(lvar: number): number {
  if (lvar < 0xc0) return lvar;
  if (lvar < 0xca) return lvar - 0xc0;
  if (lvar < 0xd0) return -1;
  if (lvar < 0xda) return lvar - 0xd0;
  if (lvar < 0xe0) return -1;
  if (lvar < 0xf0) return lvar - 0xe0;
  if (lvar < 0xf5) return 4 * (lvar - 0xec);
  if (lvar === 0xf5) return 48;
  if (lvar === 0xf6) return 64;
  // F8–FA are the floating point numbers of the first edition, F0 + number of bytes.
  return lvar >= 0xf8 && lvar <= 0xfa ? lvar - 0xf0 : -1;
}

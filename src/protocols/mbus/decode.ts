import type { StoredData } from '../stored-data.ts';
import type { Reading } from '../../common/reading.ts';
import type { ControlInformation } from './control-information.ts';
import { CONTROL_INFORMATION } from './control-information.ts';
import type { Draft } from './draft.ts';
import { plain } from './draft.ts';
import { dlmsMessage, followsOn, isDlms, type Segment } from './dlms-segments.ts';
import { fixedStructure } from './fixed-readings.ts';
import { encryptionMode, FIXED_STRUCTURE, identificationDigits, LONG_HEADER, SHORT_HEADER } from './header.ts';
import { readHex } from './hex.ts';
import { decodeManufacturer } from './manufacturer.ts';
import { MEDIUM_NAMES } from './medium.ts';
import { nextRecord, recordCursor, seek } from './record.ts';
import { appendRecords } from './record-readings.ts';
import type { RecordsOf } from './record-readings.ts';
import { applicationErrorText, isErrorStatus, STATUS_TEXTS } from './status.ts';
import type { TelegramCursor } from './telegram.ts';
import { nextTelegram, telegramCursor } from './telegram.ts';

/** Medium of telegrams that state none. */
const NO_MEDIUM = 0x0f;

const cursor = recordCursor();

/**
 * All readings of stored M-Bus data: one or more whole frames in upper-case hex (other notations are understood too).
 * First the identification and status of the meter, then every record in order; a record that can't be understood is
 * a reading of its bytes with a note. `source` is a range of bytes. Pure, and never throws for what the data holds.
 */
export function decodeMbus(stored: StoredData): readonly Reading[] {
  const hex = readHex(stored.data);
  if (hex === undefined)
    return [
      unchecked(plain('data', 'Data', { type: 'text', text: stored.data }, 0, stored.data.length, 'not hexadecimal')),
    ];
  const readings: Draft[] = [];
  const telegram = telegramCursor(hex.bytes, hex.length);
  /** Where the header of the previous telegram stands: a readout in several telegrams shows its meter once. */
  let shown = -1;
  let last = 0;
  let segments: Segment[] = [];
  const endMessage = () => {
    if (segments.length > 0) readings.push(dlmsMessage(segments));
    segments = [];
  };
  while (nextTelegram(telegram)) {
    const segment = segmentOf(telegram);
    if (!segment || !followsOn(segments, segment)) endMessage();
    const first = (last = readings.length);
    if (segment) {
      segments.push(segment);
      continue;
    }
    if (telegram.kind === 'long') shown = decodeTelegram(readings, telegram, hex.text, shown);
    else if (telegram.kind === 'stray')
      readings.push(unchecked(bytesReading(telegram, telegram.start, telegram.end, 'stray', telegram.fault)));
    if (telegram.kind === 'long' && telegram.fault !== '') {
      readings.push(
        plain('frame', 'Frame', { type: 'text', text: telegram.fault }, telegram.start, telegram.end, '', 'error'),
      );
      doubt(readings, first);
    }
  }
  endMessage();
  if (stored.errorCode === ANOTHER_METER) doubt(readings, 0);
  // Only the last telegram of a read can be a damaged one; the line saw what its check sum doesn't tell.
  if (stored.circumstances?.blockCheck === 'bad') doubt(readings, last);
  return readings;
}

/** A damaged frame is no part of a message: what it says is shown as what it is. */
function segmentOf({
  kind,
  fault,
  controlInformation,
  bytes,
  dataStart,
  dataEnd,
  start,
  end,
}: TelegramCursor): Segment | undefined {
  if (kind !== 'long' || fault !== '' || !isDlms(controlInformation)) return undefined;
  return { controlInformation, data: bytes.slice(dataStart, dataEnd), start, end };
}

/** No check sum of a frame stands for it. */
const unchecked = (reading: Draft): Draft => ({ ...reading, state: 'unchecked' });

/** "Response from the other device": whole frames, but not of the meter that was asked. */
const ANOTHER_METER = 131085;

/** Its check sum is wrong or never came, or it came damaged: nothing vouches for what the frame says. */
function doubt(readings: Draft[], first: number): void {
  for (const reading of readings.slice(first)) if (reading.state === 'whole') reading.state = 'unchecked';
}

/** Returns where the header shown last stands. */
function decodeTelegram(readings: Draft[], telegram: TelegramCursor, hex: string, shown: number): number {
  const { bytes, dataStart, dataEnd, controlInformation } = telegram;
  const ci = CONTROL_INFORMATION[controlInformation];
  if (ci === undefined) return shown;
  switch (ci.layout) {
    case 'long header': {
      const recordsStart = dataStart + LONG_HEADER;
      if (recordsStart > dataEnd) break;
      if (shown < 0 || !sameMeter(bytes, shown, dataStart)) longHeader(readings, bytes, dataStart, ci);
      records(readings, telegram, hex, ci, recordsStart, {
        medium: bytes[dataStart + 7] ?? NO_MEDIUM,
        maker: decodeManufacturer(manufacturerAt(bytes, dataStart, ci)),
      });
      return dataStart;
    }
    case 'short header': {
      const recordsStart = dataStart + SHORT_HEADER;
      if (recordsStart > dataEnd) break;
      readings.push(statusReading(bytes[dataStart + 1] ?? 0, dataStart + 1));
      records(readings, telegram, hex, ci, recordsStart, { medium: NO_MEDIUM, maker: '' });
      return shown;
    }
    case 'records':
      appendRecords(readings, bytes, dataStart, dataEnd, hex, { mode2: ci.mode2, medium: NO_MEDIUM, maker: '' });
      return shown;
    case 'fixed':
      if (dataEnd - dataStart !== FIXED_STRUCTURE) break;
      fixedStructure(readings, bytes, dataStart, ci);
      return shown;
    case 'application error': {
      const text = applicationErrorText(dataStart < dataEnd ? bytes[dataStart] : undefined);
      readings.push(plain('CI70', 'Application error', { type: 'text', text }, dataStart - 1, dataEnd, '', 'error'));
      return shown;
    }
    case 'alarm': {
      const text = dataStart < dataEnd ? hex.slice(2 * dataStart, 2 * dataEnd) : '';
      readings.push(plain('CI71', 'Alarm', { type: 'text', text }, dataStart - 1, dataEnd, '', 'error'));
      return shown;
    }
    default:
  }
  const tooShort = ci.layout === 'long header' || ci.layout === 'short header' || ci.layout === 'fixed';
  const note = tooShort ? `wrong length for ${ci.name}` : ci.name;
  readings.push(bytesReading(telegram, dataStart, dataEnd, `CI${hex.slice(2 * dataStart - 2, 2 * dataStart)}`, note));
  return shown;
}

/** Identification, manufacturer, version and medium are the same eight bytes. */
function sameMeter(bytes: Uint8Array, a: number, b: number): boolean {
  for (let i = 0; i < 8; i++) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}

function longHeader(readings: Draft[], bytes: Uint8Array, at: number, ci: ControlInformation): void {
  const identification = identificationDigits(bytes, at, ci.mode2);
  const note = meterNote(manufacturerAt(bytes, at, ci), bytes[at + 6] ?? 0, bytes[at + 7] ?? 0);
  readings.push(plain('ID', 'Identification number', { type: 'text', text: identification }, at, at + 8, note));
  readings.push(statusReading(bytes[at + 9] ?? 0, at + 9));
}

function manufacturerAt(bytes: Uint8Array, at: number, { mode2 }: ControlInformation): number {
  const [b4 = 0, b5 = 0] = bytes.subarray(at + 4, at + 6);
  return mode2 ? (b4 << 8) | b5 : (b5 << 8) | b4;
}

const meterNotes = new Map<number, string>();
const MOST_NOTES = 4096;

/** "LUG, version 4, Heat (outlet)" */
function meterNote(manufacturer: number, version: number, medium: number): string {
  const key = (manufacturer * 256 + version) * 256 + medium;
  const known = meterNotes.get(key);
  if (known !== undefined) return known;
  const note = `${decodeManufacturer(manufacturer)}, version ${version}, ${MEDIUM_NAMES[medium] ?? ''}`;
  if (meterNotes.size < MOST_NOTES) meterNotes.set(key, note);
  return note;
}

function statusReading(status: number, at: number): Draft {
  const kind = isErrorStatus(status) ? 'error' : 'instantaneous';
  return plain('STATUS', 'Status', { type: 'text', text: STATUS_TEXTS[status] ?? '' }, at, at + 1, '', kind);
}

/** Records after a header whose last two bytes are the configuration word. */
function records(
  readings: Draft[],
  telegram: TelegramCursor,
  hex: string,
  ci: ControlInformation,
  start: number,
  { medium, maker }: Pick<RecordsOf, 'medium' | 'maker'>,
): void {
  const { bytes, dataEnd } = telegram;
  const high = bytes[ci.mode2 ? start - 2 : start - 1] ?? 0;
  const mode = high === 0 ? 0 : encryptionMode(high << 8, bytes, start);
  if (mode !== 0)
    readings.push(bytesReading(telegram, start, dataEnd, 'encrypted', `encrypted, security mode ${mode}`));
  else appendRecords(readings, bytes, start, dataEnd, hex, { mode2: ci.mode2, medium, maker });
}

function bytesReading(telegram: TelegramCursor, start: number, end: number, label: string, note: string): Draft {
  return plain(label, 'Not decoded', { type: 'bytes', bytes: telegram.bytes.slice(start, end) }, start, end, note);
}

/** Does the telegram in one stored frame end with DIF 1F, so that the next REQ_UD2 (other FCB) brings more? */
export function moreRecordsFollow(frame: Uint8Array): boolean {
  const telegram = telegramCursor(frame, frame.length);
  while (nextTelegram(telegram)) {
    if (telegram.kind !== 'long') continue;
    const ci = CONTROL_INFORMATION[telegram.controlInformation];
    const header = HEADER_LENGTH[ci?.layout ?? 'other'];
    if (ci === undefined || header === undefined) continue;
    seek(cursor, frame, telegram.dataStart + header, telegram.dataEnd, ci.mode2);
    while (nextRecord(cursor)) if (cursor.kind === 'more records follow') return true;
  }
  return false;
}

/** Bytes before the records, for layouts that have records. */
const HEADER_LENGTH: Partial<Record<ControlInformation['layout'], number>> = {
  'long header': LONG_HEADER,
  'short header': SHORT_HEADER,
  records: 0,
};

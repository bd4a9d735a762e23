import type { Reading } from '../../common/reading.ts';
import type { Draft } from '../mbus/draft.ts';
import { plain } from '../mbus/draft.ts';
import { appendRecords } from '../mbus/record-readings.ts';
import { applicationErrorText, isErrorStatus, STATUS_TEXTS } from '../mbus/status.ts';
import type { StoredData } from '../stored-data.ts';
import { HEX_PAIR } from '../../common/bcd.ts';
import { builtInFormats } from './built-in-formats.ts';
import { compactReadings } from './compact.ts';
import { formatBook, formatOf, pairs, type FormatBook } from './formats.ts';
import { linkIdentity, meterIdentity, typeWords, type Identity } from './identity.ts';
import { LINK_END } from './link.ts';
import { hasLayouts, ownRecord, ownTelegram } from './makers/index.ts';
import type { Own } from './makers/layout.ts';
import { VARIABLE_LINK, type Transport } from './layers.ts';
import { openTelegram } from './open.ts';
import type { OpenedTelegram } from './opened.ts';
import { closedWords, openedWords } from './security-words.ts';
import { storedBody, type StoredBody } from './stored-body.ts';

/** What a decoder may need beside the telegram. */
export interface RadioHelp {
  /** Keys that may fit, those of the meter first. */
  readonly keys?: readonly Uint8Array[];
  /** Why a key that may be there is not among them, in words. */
  readonly trouble?: string;
  readonly formats?: FormatBook;
}

const ownFormats = formatBook(builtInFormats);

/**
 * All readings of a telegram: the meter, its status, then what it says. What is closed, or cannot be understood, is a
 * reading of its bytes with a note that says why. `source` is a range of bytes of the telegram from its C field on. Pure but
 * for what it learns of formats; never throws for what the data holds.
 */
export function decodeRadio(stored: StoredData, help: RadioHelp = {}): readonly Reading[] {
  const body = storedBody(stored.data);
  if (body === undefined) {
    const all = plain('data', 'Data', { type: 'text', text: stored.data }, 0, stored.data.length, 'not hexadecimal');
    return [{ ...all, state: 'unchecked' }];
  }
  if (body.bytes.length < LINK_END)
    return [bytesReading('stray', body.bytes, 0, body.bytes.length, 'no telegram', 'unchecked')];
  const readings = openedReadings(body, openTelegram(body.bytes, help.keys ?? []), help);
  // Whoever received it found its check sums wrong.
  if (stored.circumstances?.blockCheck === 'bad') doubt(readings);
  return readings;
}

/** Is there something in it that a key would open? */
export function wantsKey(stored: StoredData): readonly string[] | undefined {
  const body = storedBody(stored.data);
  if (body === undefined || body.bytes.length < LINK_END) return undefined;
  const opened = openTelegram(body.bytes, []);
  // What looks as if it had been opened before may only begin so.
  if (opened.security !== 'no key' && opened.security !== 'taken off before') return undefined;
  return numbersOf(body.bytes, opened.transport);
}

/** The numbers by which the keys of a meter may be kept: its own, that of its radio module. */
function numbersOf(body: Uint8Array, header: Transport | undefined): readonly string[] {
  return [...new Set([meterIdentity(body, header).number, linkIdentity(body, header).number])];
}

function openedReadings(body: StoredBody, opened: OpenedTelegram, help: RadioHelp): Draft[] {
  const { bytes, transport: header } = opened;
  const meter = meterIdentity(bytes, header);
  const readings: Draft[] = [identification(meter)];
  if (header && header.numberAt >= 0) addModule(readings, linkIdentity(bytes), meter);
  if (header && header.header !== 'none') readings.push(statusReading(header));
  const words = openedWords(opened);
  if (words !== '') readings.push(plain('SECURITY', 'Security', { type: 'text', text: words }, LINK_END, opened.start));
  const hex = opened.bytes === body.bytes ? body.hex : pairs(opened.bytes);
  if (header) appendContent(readings, opened, header, meter, hex, help);
  const { start, end } = opened.closed;
  if (end > start) readings.push(bytesReading('encrypted', bytes, start, end, closedWords(opened, help.trouble)));
  if (body.fault !== '')
    readings.push(plain('frame', 'Frame', { type: 'text', text: body.fault }, 0, bytes.length, '', 'error'));
  if ((body.fault !== '' && !opened.isProved) || opened.isDamaged) doubt(readings);
  return readings;
}

function identification(meter: Identity): Draft {
  const { number, start, end } = meter;
  return plain('ID', 'Identification number', { type: 'text', text: number }, start, end, typeWords(meter));
}

/** Where the meter has another address than what sends for it. */
function addModule(readings: Draft[], module: Identity, meter: Identity): void {
  if (module.number === meter.number && module.maker === meter.maker) return;
  const { number, start, end } = module;
  readings.push(
    plain('LINK', 'Number of the radio module', { type: 'text', text: number }, start, end, typeWords(module)),
  );
}

/** The bits that the standard leaves to the maker are used as each likes: the byte itself is always there. */
function statusReading({ status, extensionAt }: Transport): Draft {
  const at = extensionAt - 3;
  const kind = isErrorStatus(status) ? 'error' : 'instantaneous';
  const note = status === 0 ? '' : (HEX_PAIR[status] ?? '');
  return plain('STATUS', 'Status', { type: 'text', text: STATUS_TEXTS[status] ?? '' }, at, at + 1, note, kind);
}

function appendContent(
  readings: Draft[],
  opened: OpenedTelegram,
  header: Transport,
  meter: Identity,
  hex: string,
  { formats = ownFormats, keys = [] }: RadioHelp,
): void {
  const { bytes, start } = opened;
  // Behind what could not be opened there may be records that never were closed.
  const isClosed = opened.closed.end > opened.closed.start;
  const from = isClosed ? opened.closed.end : start;
  const { end } = opened;
  if (opened.authentication?.hasMoreFragments === true) {
    readings.push(bytesReading('fragment', bytes, from, end, 'one part of a message in several telegrams', 'partial'));
    return;
  }
  const of = { mode2: false, medium: meter.medium, maker: meter.maker };
  const own: Own | undefined =
    hasLayouts(meter.maker) && !isClosed ? { bytes, start, end, header, meter, keys } : undefined;
  const whole = own && ownTelegram(own);
  if (whole) {
    readings.push(...whole);
    return;
  }
  switch (header.content) {
    case 'records':
      appendRecords(readings, bytes, from, end, hex, of);
      if (own) addOwnRecords(readings, own);
      if (!isClosed) learnOnce(formats, opened, meter);
      return;
    case 'compact':
      if (!isClosed) readings.push(...compactReadings(bytes, start, end, formats, of, opened.isProved));
      return;
    case 'nothing':
      return;
    case 'error': {
      const text = applicationErrorText(start < end ? bytes[start] : undefined);
      readings.push(plain('CI70', 'Application error', { type: 'text', text }, start - 1, end, '', 'error'));
      return;
    }
    case 'alarm': {
      const text = hex.slice(2 * start, 2 * end);
      readings.push(plain('CI71', 'Alarm', { type: 'text', text }, start - 1, end, '', 'error'));
      return;
    }
    default:
      if (end > from)
        readings.push(bytesReading(`CI${HEX_PAIR[header.ci] ?? ''}`, bytes, from, end, contentWords(header)));
  }
}

/** Behind a record of the maker's own what it says, where that is known. */
function addOwnRecords(readings: Draft[], own: Own): void {
  for (const [at, reading] of [...readings.entries()].reverse()) {
    const { label, source } = reading;
    const head = label.length / 2 + (label.startsWith('0D') ? 1 : 0);
    const start = source.start + head;
    const said = ownRecord(label, { ...own, start, end: source.end });
    if (!said) continue;
    const value = { type: 'bytes', bytes: own.bytes.slice(start, source.end) } as const;
    readings.splice(at, 1, { ...reading, value }, ...said);
  }
}

function contentWords({ content, ci, fault }: Transport): string {
  if (fault !== '') return fault;
  switch (content) {
    case 'format':
      return 'format of compact frames';
    case 'clock':
      return 'time for the meter';
    case 'dlms':
      return 'DLMS message';
    case 'obis':
      return 'records with OBIS codes';
    case 'maker':
      return 'layout of the manufacturer, which is not known';
    default:
      return ci === VARIABLE_LINK ? 'extended link layer of variable length' : 'unknown CI';
  }
}

/** Kinds of telegrams whose format has been looked at, by meter type and length, so that it costs nothing again. */
const looked = new Set<number>();
const MOST_LOOKED = 2000;

function learnOnce(
  formats: FormatBook,
  { bytes, start, end }: OpenedTelegram,
  { maker, version, medium }: Identity,
): void {
  const letters = (maker.charCodeAt(0) * 32 + maker.charCodeAt(1)) * 32 + maker.charCodeAt(2);
  const key = ((letters * 256 + version) * 256 + medium) * 256 + end - start;
  if (looked.has(key) || looked.size >= MOST_LOOKED) return;
  if (formats === ownFormats) looked.add(key);
  const format = formatOf(bytes, start, end);
  if (format) formats.learn(format);
}

function bytesReading(
  label: string,
  bytes: Uint8Array,
  start: number,
  end: number,
  note: string,
  state: Draft['state'] = 'whole',
): Draft {
  return { ...plain(label, 'Not decoded', { type: 'bytes', bytes: bytes.slice(start, end) }, start, end, note), state };
}

/** Nothing vouches for the telegram. */
function doubt(readings: Draft[]): void {
  for (const reading of readings) if (reading.state === 'whole') reading.state = 'unchecked';
}

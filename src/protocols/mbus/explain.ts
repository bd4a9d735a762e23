import { HEX_PAIR } from '../../common/bcd.ts';
import { formatDecimal } from '../../common/decimal.ts';
import type { ReadingValue } from '../../common/reading.ts';
import { CONTROL_INFORMATION } from './control-information.ts';
import { STOP } from './frame.ts';
import { explainHeader } from './explain-header.ts';
import type { RecordCursor } from './record.ts';
import { nextRecord, recordCursor, seek } from './record.ts';
import type { TelegramCursor } from './telegram.ts';
import { nextTelegram, telegramCursor } from './telegram.ts';
import type { Span } from '../protocol.ts';
import { readValue } from './value.ts';
import type { VifMeaning } from './vif-meaning.ts';

/**
 * Every byte of stored M-Bus data explained: spans in order, without gap or overlap, over all of `bytes`.
 * Never throws, whatever the bytes are.
 */
export function explainMbus(bytes: Uint8Array): readonly Span[] {
  const spans: Span[] = [];
  const telegram = telegramCursor(bytes, bytes.length);
  while (nextTelegram(telegram)) {
    switch (telegram.kind) {
      case 'acknowledge':
        spans.push({ start: telegram.start, end: telegram.end, text: 'acknowledgment' });
        break;
      case 'stray':
        spans.push({ start: telegram.start, end: telegram.end, text: telegram.fault });
        break;
      case 'short':
        explainShort(spans, telegram);
        break;
      case 'long':
        explainLong(spans, telegram);
        break;
    }
  }
  return spans;
}

const pair = (byte: number | undefined) => HEX_PAIR[byte ?? 0] ?? '';

function add(spans: Span[], start: number, end: number, text: string): void {
  if (end > start) spans.push({ start, end, text });
}

function explainShort(spans: Span[], { start, end, control, address }: TelegramCursor): void {
  add(spans, start, start + 1, 'start of a short frame');
  add(spans, start + 1, start + 2, controlText(control));
  add(spans, start + 2, start + 3, addressText(address));
  add(spans, start + 3, start + 4, 'checksum, right');
  add(spans, end - 1, end, 'stop');
}

function explainLong(spans: Span[], telegram: TelegramCursor): void {
  const { bytes, start, end, dataStart, dataEnd } = telegram;
  const size = bytes[start + 1] ?? 0;
  const ci = CONTROL_INFORMATION[telegram.controlInformation];
  add(spans, start, start + 1, 'start of a long frame');
  add(spans, start + 1, start + 2, `length: ${size} bytes from the control field to the checksum`);
  add(spans, start + 2, start + 3, `length again: ${size}`);
  add(spans, start + 3, start + 4, 'start again');
  add(spans, start + 4, start + 5, controlText(telegram.control));
  add(spans, start + 5, start + 6, addressText(telegram.address));
  add(spans, start + 6, start + 7, `CI ${pair(telegram.controlInformation)}: ${ci?.name ?? ''}`);
  if (ci !== undefined) {
    const header = explainHeader(bytes, dataStart, dataEnd, ci);
    spans.push(...header.spans);
    if (header.holdsRecords) explainRecords(spans, bytes, header.end, dataEnd, ci.mode2);
    else add(spans, header.end, dataEnd, header.rest);
  }
  const checksum = telegram.fault === 'wrong checksum' ? 'wrong' : 'right';
  add(spans, dataEnd, Math.min(dataEnd + 1, end), `checksum, ${checksum}`);
  add(spans, dataEnd + 1, end, bytes[end - 1] === STOP ? 'stop' : 'stop, should be 16');
}

function controlText(control: number): string {
  const code = `C ${pair(control)}`;
  if ((control & 0x40) === 0) {
    const flags = `${(control & 0x20) === 0 ? '' : ', alarm data waits'}${(control & 0x10) === 0 ? '' : ', can take no more data'}`;
    return (control & 0x0f) === 0x08
      ? `${code}: RSP_UD, data of the meter${flags}`
      : `${code}: answer of the meter${flags}`;
  }
  const counted = (control & 0x10) === 0 ? '' : `, FCB ${(control >> 5) & 1}`;
  switch (control & 0x0f) {
    case 0x00:
      return `${code}: SND_NKE, link reset`;
    case 0x03:
      return `${code}: SND_UD, data to the meter${counted}`;
    case 0x0a:
      return `${code}: REQ_UD1, request for alarm data${counted}`;
    case 0x0b:
      return `${code}: REQ_UD2, request for data${counted}`;
    default:
      return `${code}: request`;
  }
}

function addressText(address: number): string {
  switch (address) {
    case 0:
      return 'address 0: as delivered';
    case 253:
      return 'address 253: the selected meter';
    case 254:
      return 'address 254: every meter answers';
    case 255:
      return 'address 255: every meter, no answer';
    default:
      return `primary address ${address}`;
  }
}

const cursor = recordCursor();

/** Spans of the records in `bytes[start, end)`. */
export function explainRecords(spans: Span[], bytes: Uint8Array, start: number, end: number, mode2: boolean): void {
  seek(cursor, bytes, start, end, mode2);
  while (nextRecord(cursor)) explainRecord(spans, cursor);
}

function explainRecord(spans: Span[], record: RecordCursor): void {
  const { start, vifStart, vifEnd, dataStart, end, kind } = record;
  switch (kind) {
    case 'filler':
      return add(spans, start, end, 'filler');
    case 'readout request':
      return add(spans, start, end, 'DIF 7F: everything is to be read out');
    case 'manufacturer data':
    case 'more records follow': {
      const more = kind === 'more records follow' ? ', more records follow in the next telegram' : '';
      add(spans, start, start + 1, `DIF ${pair(record.dif)}: manufacturer data to the end${more}`);
      return add(spans, start + 1, end, 'manufacturer-specific data');
    }
    case 'unknown': {
      const stop = Math.min(vifEnd, end);
      add(spans, start, Math.min(vifStart, end), dibText(record));
      add(spans, Math.min(vifStart, end), stop, vibText(record));
      return add(spans, stop, end, `not decoded: ${record.fault}`);
    }
    case 'value': {
      const value = readValue(record);
      add(spans, start, vifStart, dibText(record));
      add(spans, vifStart, vifEnd, vibText(record));
      add(
        spans,
        vifEnd,
        dataStart,
        `LVAR ${pair(record.lvar)}: ${end - dataStart} bytes of ${variableText(record.lvar)}`,
      );
      const remark = record.remark === '' ? '' : ` (${record.remark})`;
      return add(spans, dataStart, end, `${valueText(value, record.meaning.unit)}${remark}`);
    }
  }
}

const DATA_TYPES = [
  'no data',
  '8-bit integer',
  '16-bit integer',
  '24-bit integer',
  '32-bit integer',
  '32-bit real',
  '48-bit integer',
  '64-bit integer',
  'selected for readout',
  '2 digits BCD',
  '4 digits BCD',
  '6 digits BCD',
  '8 digits BCD',
  'variable length',
  '12 digits BCD',
  'special',
];
const FUNCTIONS = ['current value', 'maximum', 'minimum', 'value during error'];

function dibText(record: RecordCursor): string {
  const { bytes, start, vifStart, end, dif, storage, tariff, subunit } = record;
  const parts = [DATA_TYPES[dif & 15] ?? '', FUNCTIONS[(dif >> 4) & 3] ?? ''];
  if (storage > 0) parts.push(`storage ${storage}`);
  if (tariff > 0) parts.push(`tariff ${tariff}`);
  if (subunit > 0) parts.push(`subunit ${subunit}`);
  return `DIF ${spaced(bytes, start, Math.min(vifStart, end))}: ${parts.join(', ')}`;
}

function vibText({ bytes, vifStart, vifEnd, end, meaning }: RecordCursor): string {
  const code = `VIF ${spaced(bytes, vifStart, Math.min(vifEnd, end))}`;
  const scale = scaleText(meaning);
  const parts = [meaning.quantity, scale, meaning.note].filter((part) => part !== '');
  return parts.length === 0 ? code : `${code}: ${parts.join(', ')}`;
}

const SUPERSCRIPT: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from('-0123456789', (digit, n) => [digit, '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(n)]),
);

/** "10⁻³ m³" */
function scaleText({ unit, exponent }: VifMeaning): string {
  if (exponent === 0) return unit;
  const power = Array.from(String(exponent), (digit) => SUPERSCRIPT[digit] ?? digit).join('');
  return unit === '' ? `10${power}` : `10${power} ${unit}`;
}

function variableText(lvar: number): string {
  if (lvar < 0xc0) return 'text';
  if (lvar < 0xd0) return 'BCD digits';
  if (lvar < 0xe0) return 'BCD digits of a negative number';
  return lvar >= 0xf8 ? 'a floating point number' : 'a binary number';
}

function valueText(value: ReadingValue, unit: string): string {
  switch (value.type) {
    case 'number':
      return unit === '' ? formatDecimal(value.decimal) : `${formatDecimal(value.decimal)} ${unit}`;
    case 'time':
      return value.time.iso === '' ? 'no date' : value.time.iso;
    case 'text':
      return value.text === '' ? 'empty' : `"${value.text}"`;
    case 'bytes':
      return `bytes ${spaced(value.bytes, 0, value.bytes.length)}`;
  }
}

function spaced(bytes: Uint8Array, start: number, end: number): string {
  return Array.from(bytes.subarray(start, end), pair).join(' ');
}

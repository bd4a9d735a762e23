import { HEX_PAIR } from '../../common/bcd.ts';
import type { ControlInformation } from './control-information.ts';
import { FIXED_UNITS, SAME_BUT_HISTORIC } from './fixed.ts';
import {
  encryptionMode,
  FIXED_STRUCTURE,
  fixedMedium,
  identificationDigits,
  LONG_HEADER,
  SHORT_HEADER,
} from './header.ts';
import { decodeManufacturer } from './manufacturer.ts';
import { MEDIUM_NAMES } from './medium.ts';
import type { Span } from '../protocol.ts';
import { applicationErrorText, fixedStatusText, STATUS_TEXTS } from './status.ts';

export interface ExplainedHeader {
  readonly spans: readonly Span[];
  /** Where the header ends. */
  readonly end: number;
  readonly holdsRecords: boolean;
  /** What the bytes after the header are where they are no records. */
  readonly rest: string;
}

/** Explains what stands between the CI field and the records in `bytes[at, end)`. */
export function explainHeader(bytes: Uint8Array, at: number, end: number, ci: ControlInformation): ExplainedHeader {
  switch (ci.layout) {
    case 'long header':
      return end - at < LONG_HEADER ? rest(at, `too short for ${ci.name}`) : longHeader(bytes, at, ci);
    case 'short header':
      return end - at < SHORT_HEADER ? rest(at, `too short for ${ci.name}`) : shortHeader(bytes, at, ci);
    case 'records':
      return { spans: [], end: at, holdsRecords: true, rest: '' };
    case 'fixed':
      return end - at === FIXED_STRUCTURE ? fixed(bytes, at, ci) : rest(at, `wrong length for ${ci.name}`);
    case 'application error': {
      if (at === end) return rest(at, '');
      const text = `application error: ${applicationErrorText(bytes[at])}`;
      return { spans: [{ start: at, end: at + 1, text }], end: at + 1, holdsRecords: false, rest: 'more of the error' };
    }
    case 'selection':
      return end - at < 8 ? rest(at, `too short for ${ci.name}`) : selection(bytes, at, ci);
    case 'alarm':
    case 'other':
      return rest(at, ci.name);
  }
}

function rest(at: number, text: string): ExplainedHeader {
  return { spans: [], end: at, holdsRecords: false, rest: text };
}

const byteAt = (bytes: Uint8Array, at: number) => bytes[at] ?? 0;
const hex = (byte: number) => HEX_PAIR[byte] ?? '';

function wordAt(bytes: Uint8Array, at: number, mode2: boolean): number {
  const first = byteAt(bytes, at);
  const second = byteAt(bytes, at + 1);
  return mode2 ? (first << 8) | second : first | (second << 8);
}

function longHeader(bytes: Uint8Array, at: number, ci: ControlInformation): ExplainedHeader {
  const manufacturer = decodeManufacturer(wordAt(bytes, at + 4, ci.mode2));
  const medium = byteAt(bytes, at + 7);
  const spans = [
    { start: at, end: at + 4, text: `identification number ${identificationDigits(bytes, at, ci.mode2)}` },
    { start: at + 4, end: at + 6, text: `manufacturer ${manufacturer}` },
    { start: at + 6, end: at + 7, text: `version ${byteAt(bytes, at + 6)}` },
    { start: at + 7, end: at + 8, text: `medium ${hex(medium)}: ${MEDIUM_NAMES[medium] ?? ''}` },
  ];
  const short = shortHeader(bytes, at + 8, ci);
  return { ...short, spans: [...spans, ...short.spans] };
}

function shortHeader(bytes: Uint8Array, at: number, ci: ControlInformation): ExplainedHeader {
  const configuration = wordAt(bytes, at + 2, ci.mode2);
  const end = at + SHORT_HEADER;
  const mode = encryptionMode(configuration, bytes, end);
  const status = byteAt(bytes, at + 1);
  const spans = [
    { start: at, end: at + 1, text: `access number ${byteAt(bytes, at)}` },
    { start: at + 1, end: at + 2, text: `status ${hex(status)}: ${STATUS_TEXTS[status] ?? ''}` },
    {
      start: at + 2,
      end,
      text:
        configuration === 0
          ? 'signature: none'
          : `signature or configuration ${configuration.toString(16).padStart(4, '0').toUpperCase()}`,
    },
  ];
  return { spans, end, holdsRecords: mode === 0, rest: `encrypted, security mode ${mode}` };
}

function fixed(bytes: Uint8Array, at: number, ci: ControlInformation): ExplainedHeader {
  const status = byteAt(bytes, at + 5);
  const unit1 = byteAt(bytes, at + 6);
  const unit2 = byteAt(bytes, at + 7);
  const coding = (status & 1) === 1 ? 'binary counters' : 'BCD counters';
  const taken = (status & 2) === 0 ? 'current values' : 'values of a fixed date';
  const medium = MEDIUM_NAMES[fixedMedium(unit1, unit2)] ?? '';
  const spans = [
    { start: at, end: at + 4, text: `identification number ${identificationDigits(bytes, at, ci.mode2)}` },
    { start: at + 4, end: at + 5, text: `access number ${byteAt(bytes, at + 4)}` },
    { start: at + 5, end: at + 6, text: `status ${hex(status)}: ${fixedStatusText(status)}, ${coding}, ${taken}` },
    { start: at + 6, end: at + 7, text: `unit of counter 1: ${unitText(unit1)}; medium ${medium}` },
    { start: at + 7, end: at + 8, text: `unit of counter 2: ${unitText(unit2)}; medium ${medium}` },
    { start: at + 8, end: at + 12, text: 'counter 1' },
    { start: at + 12, end: at + 16, text: 'counter 2' },
  ];
  return { spans, end: at + FIXED_STRUCTURE, holdsRecords: false, rest: '' };
}

function unitText(code: number): string {
  if ((code & 63) === SAME_BUT_HISTORIC) return 'the same, stored';
  const unit = FIXED_UNITS[code & 63];
  if (unit === undefined) return '';
  return `${unit.quantity}${unit.unit === '' ? '' : ` 10^${unit.exponent} ${unit.unit}`}`;
}

function selection(bytes: Uint8Array, at: number, ci: ControlInformation): ExplainedHeader {
  const manufacturer = wordAt(bytes, at + 4, ci.mode2);
  const any = (byte: number, text: string) => (byte === 0xff ? `any ${text}` : `${text} ${hex(byte)}`);
  const spans = [
    {
      start: at,
      end: at + 4,
      text: `identification number ${identificationDigits(bytes, at, ci.mode2)}, F is any digit`,
    },
    {
      start: at + 4,
      end: at + 6,
      text: manufacturer === 0xffff ? 'any manufacturer' : `manufacturer ${decodeManufacturer(manufacturer)}`,
    },
    { start: at + 6, end: at + 7, text: any(byteAt(bytes, at + 6), 'version') },
    { start: at + 7, end: at + 8, text: any(byteAt(bytes, at + 7), 'medium') },
  ];
  return { spans, end: at + 8, holdsRecords: true, rest: '' };
}

import { bigEndianDigits, littleEndianDigits } from '../../common/bcd.ts';
import type { ControlInformation } from './control-information.ts';
import { decodeManufacturer } from './manufacturer.ts';
import { FIXED_MEDIA } from './medium.ts';

/** What a telegram says of its meter. Members are absent where the header has no such field. */
export interface MeterHeader {
  /** Eight digits of the identification number; A–F where the meter sends no BCD. */
  readonly identification?: string;
  /** Three letters. */
  readonly manufacturer?: string;
  readonly version?: number;
  /** Code of the medium, see MEDIUM_NAMES. */
  readonly medium?: number;
  readonly accessNumber: number;
  readonly status: number;
  /** Signature or configuration word. */
  readonly configuration?: number;
}

export const LONG_HEADER = 12;
export const SHORT_HEADER = 4;
/** ID, access number, status, medium/unit, two counters: the fixed structure has nothing else. */
export const FIXED_STRUCTURE = 16;

/** The header in `bytes[at, end)`; undefined where the CI has none or the telegram is too short for it. */
export function readHeader(
  bytes: Uint8Array,
  at: number,
  end: number,
  ci: ControlInformation,
): MeterHeader | undefined {
  const byte = (offset: number) => bytes[at + offset] ?? 0;
  const word = (offset: number) =>
    ci.mode2 ? (byte(offset) << 8) | byte(offset + 1) : byte(offset) | (byte(offset + 1) << 8);
  switch (ci.layout) {
    case 'long header':
      if (end - at < LONG_HEADER) return undefined;
      return {
        identification: identificationDigits(bytes, at, ci.mode2),
        manufacturer: decodeManufacturer(word(4)),
        version: byte(6),
        medium: byte(7),
        accessNumber: byte(8),
        status: byte(9),
        configuration: word(10),
      };
    case 'short header':
      if (end - at < SHORT_HEADER) return undefined;
      return { accessNumber: byte(0), status: byte(1), configuration: word(2) };
    case 'fixed':
      if (end - at < FIXED_STRUCTURE) return undefined;
      return {
        identification: identificationDigits(bytes, at, ci.mode2),
        medium: fixedMedium(byte(6), byte(7)),
        accessNumber: byte(4),
        status: byte(5),
      };
    default:
      return undefined;
  }
}

export function identificationDigits(bytes: Uint8Array, at: number, mode2: boolean): string {
  return mode2 ? bigEndianDigits(bytes, at, at + 4) : littleEndianDigits(bytes, at, at + 4);
}

/** The four bits of the medium are the two top bits of each unit byte, low pair first. */
export function fixedMedium(unit1: number, unit2: number): number {
  return FIXED_MEDIA[((unit2 >> 6) << 2) | (unit1 >> 6)] ?? 0x0f;
}

/**
 * Security mode of a configuration word, 0 where nothing is encrypted. Old meters send a signature in its place, so
 * only modes that exist count, and data that begins with the filler 2F 2F is readable already.
 */
export function encryptionMode(configuration: number, bytes: Uint8Array, at: number): number {
  const mode = (configuration >> 8) & 31;
  if (mode === 0 || !ENCRYPTED_MODES.has(mode)) return 0;
  return bytes[at] === 0x2f && bytes[at + 1] === 0x2f ? 0 : mode;
}

const ENCRYPTED_MODES = new Set([2, 3, 4, 5, 7, 8, 9, 10, 13]);

import { decodeManufacturer } from '../mbus/manufacturer.ts';

/** Link layer of a telegram from its C field on: C, manufacturer (2), number (4), version, medium; then the CI field. */
export const LINK_END = 9;

/** C fields of EN 13757-4, without bit 7, which a repeater sets: what meters send, and what is sent to them. */
const CONTROLS: ReadonlyMap<number, string> = new Map([
  [0x00, 'acknowledgment'],
  [0x06, 'confirmation of an installation'],
  [0x08, 'answer of the meter'],
  [0x18, 'answer of the meter'],
  [0x28, 'answer of the meter'],
  [0x38, 'answer of the meter'],
  [0x40, 'link reset'],
  [0x42, 'data of the meter'],
  [0x43, 'command to the meter'],
  [0x44, 'data of the meter, unasked'],
  [0x45, 'command to the meter'],
  [0x46, 'installation: the meter introduces itself'],
  [0x47, 'the meter can be asked now'],
  [0x48, 'the meter asks to be asked'],
  [0x53, 'command to the meter'],
  [0x5a, 'request for alarm data'],
  [0x5b, 'request for data'],
  [0x73, 'command to the meter'],
  [0x7a, 'request for alarm data'],
  [0x7b, 'request for data'],
]);

export const RELAYED = 0x80;

/** What others send to meters: its address is that of the sender. */
const TO_METERS: ReadonlySet<number> = new Set([0x40, 0x43, 0x45, 0x53, 0x5a, 0x5b, 0x73, 0x7a, 0x7b]);

export const isToMeter = (control: number): boolean => TO_METERS.has(control & ~RELAYED);

/** "data of the meter, unasked, relayed"; undefined for a C field that radio does not know. */
export function controlWords(control: number): string | undefined {
  const words = CONTROLS.get(control & ~RELAYED);
  return words !== undefined && (control & RELAYED) !== 0 ? `${words}, relayed` : words;
}

/** Do `bytes` hold a link layer at `at`? By its C field and the three letters of the manufacturer. */
export function isRadioLink(bytes: Uint8Array, at: number): boolean {
  return (
    bytes.length >= at + LINK_END && CONTROLS.has((bytes[at] ?? 0xff) & ~RELAYED) && isMaker(makerAt(bytes, at + 1))
  );
}

const isMaker = (code: number) =>
  [code >> 10, code >> 5, code].every((letter) => (letter & 31) >= 1 && (letter & 31) <= 26);

/** Bit 15 says that the address is not the only one of its kind, and is no part of the name. */
export const makerAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)) & 0x7fff;

const letters = new Map<number, string>();

/** "KAM" */
export function makerName(code: number): string {
  const known = letters.get(code);
  if (known !== undefined) return known;
  const name = decodeManufacturer(code);
  letters.set(code, name);
  return name;
}

import { addressError } from './frame-error.ts';
import { encodeManufacturer } from './manufacturer.ts';

/** Rates of wired M-Bus that the SmartCOM knows. */
export const MBUS_BAUD_RATES = [300, 600, 1200, 2400, 4800, 9600, 19200, 38400] as const;
export type MbusBaudRate = (typeof MBUS_BAUD_RATES)[number];
export const DEFAULT_BAUD_RATE: MbusBaudRate = 2400;

/** Link address of the meter selected last (EN 13757-2, 5.7.5). */
export const NETWORK_LAYER_ADDRESS = 253;
/** Every meter on the bus answers it and obeys it: for a single one, point to point (EN 13757-2, 5.7.5). */
const EVERYBODY = 254;

export type MbusAddress = PrimaryAddress | SecondaryAddress;

export interface PrimaryAddress {
  readonly kind: 'primary';
  /** 0–250; 253 (the selected meter) and 254 (every meter answers) only in our own notation. */
  readonly address: number;
  readonly baudRate: MbusBaudRate;
}

export interface SecondaryAddress extends SecondaryMask {
  readonly kind: 'secondary';
  readonly baudRate: MbusBaudRate;
}

/** Which meters a selection means. Absent members select any. */
export interface SecondaryMask {
  /** Eight characters: digits, or F for any; some makers number their meters with A–E as well (Saia-Burgess). */
  readonly identification: string;
  /** Three letters A–Z. */
  readonly manufacturer?: string;
  /** 0–254; the whole byte FF is the wildcard. */
  readonly version?: number;
  /** 0–254, code of the header. */
  readonly medium?: number;
  /** Eight characters as in `identification`: enhanced selection by fabrication number. */
  readonly fabrication?: string;
}

const RATE = /^([^@]*)(?:@(\d{1,6}))?$/;
const PRIMARY = /^\d{1,3}$/;
const OWN_PRIMARY = /^\/(253|254)$/;
const SECONDARY = /^\*([0-9A-F]{8})(?:\/([A-Z]{3}|\*)\.([0-9A-F]{2}|\*)\.([0-9A-F]{2}|\*)(?:\/([0-9A-F]{8}))?)?$/;

/**
 * An address as the SmartCOM writes it (DEV_ADD, M-Bus): `<0..250>[@<baud>]` or `*<8 digits or F>[@<baud>]`, 2400 Bd
 * unless said otherwise.
 *
 * Our own extensions all have a slash, which the SmartCOM's form never has:
 * - `*<8>/<manufacturer>.<version>.<medium>[/<fabrication number>]` narrows a selection: three letters, two hex digits,
 *   two hex digits, each or `*` for any, then eight digits or F: `*015794FF/LUG.04.07`, `*015794FF/LUG.04.07/12345678`.
 * - `/253` and `/254`: the meter selected last, and the only meter on the bus.
 *
 * Throws MeterError 131074 for anything else.
 */
export function parseMbusAddress(text: string): MbusAddress {
  const [, head = '', rateText] = RATE.exec(text) ?? wrong(text, 'there is no baud rate after @');
  const baudRate = rateText === undefined ? DEFAULT_BAUD_RATE : rate(text, Number(rateText));
  if (PRIMARY.test(head)) {
    const address = Number(head);
    if (address > 250) return wrong(text, 'a primary address is 0 to 250');
    return { kind: 'primary', address, baudRate };
  }
  const own = OWN_PRIMARY.exec(head);
  if (own) return { kind: 'primary', address: Number(own[1]), baudRate };
  const match = SECONDARY.exec(head);
  if (!match) return wrong(text, 'it is neither 0 to 250 nor * and eight digits or F');
  const [, identification = '', manufacturer = '*', version = '*', medium = '*', fabrication] = match;
  return {
    kind: 'secondary',
    identification,
    ...(manufacturer === '*' ? {} : { manufacturer }),
    ...wholeByte('version', version),
    ...wholeByte('medium', medium),
    ...(fabrication === undefined ? {} : { fabrication }),
    baudRate,
  };
}

function wholeByte<Name extends 'version' | 'medium'>(name: Name, hex: string): Partial<Record<Name, number>> {
  return hex === '*' || hex === 'FF' ? {} : ({ [name]: Number.parseInt(hex, 16) } as Record<Name, number>);
}

function rate(text: string, value: number): MbusBaudRate {
  return MBUS_BAUD_RATES.find((known) => known === value) ?? wrong(text, `${value} Bd is no rate of M-Bus`);
}

function wrong(text: string, reason: string): never {
  throw addressError(`"${text}" is not an M-Bus address: ${reason}.`);
}

/** The text of an address, the inverse of {@link parseMbusAddress}; the default rate is left out. */
export function formatMbusAddress(address: MbusAddress): string {
  const suffix = address.baudRate === DEFAULT_BAUD_RATE ? '' : `@${address.baudRate}`;
  if (address.kind === 'primary') return `${address.address > 250 ? '/' : ''}${address.address}${suffix}`;
  const { identification, manufacturer, version, medium, fabrication } = address;
  const narrowed = [manufacturer, version, medium, fabrication].some((part) => part !== undefined);
  const byte = (value: number | undefined) => value?.toString(16).padStart(2, '0').toUpperCase() ?? '*';
  const narrowing = narrowed ? `/${manufacturer ?? '*'}.${byte(version)}.${byte(medium)}` : '';
  return `*${identification}${narrowing}${fabrication === undefined ? '' : `/${fabrication}`}${suffix}`;
}

/** The manufacturer's number in a selection; FFFF selects any. */
export function manufacturerWildcard(letters: string | undefined): number {
  return letters === undefined ? 0xffff : (encodeManufacturer(letters) ?? 0xffff);
}

export const isEverybody = (address: MbusAddress): boolean =>
  address.kind === 'primary' && address.address === EVERYBODY;

import { littleEndianDigits } from '../../common/bcd.ts';
import { MEDIUM_NAMES } from '../mbus/medium.ts';
import type { Transport } from './layers.ts';
import { makerAt, makerName } from './link.ts';

/** Which meter speaks. */
export interface Identity {
  /** Three letters. */
  readonly maker: string;
  /** Eight digits, A–F where the meter sends no BCD. */
  readonly number: string;
  readonly version: number;
  readonly medium: number;
  /** Where that stands. */
  readonly start: number;
  readonly end: number;
}

/** Makers whose older meters send version and medium in front of the number (wmbusmeters, "izar"). */
const TURNED = new Set(['DME', 'EWT', 'HYD', 'SAP', 'SPL']);
/** Their telegrams with this bit in the configuration word are of their own making. */
const OWN_SECURITY = 0x1000;

/** The sender of the link layer: the meter itself, or the radio module of one that has another address inside. */
export function linkIdentity(body: Uint8Array, header?: Pick<Transport, 'ci' | 'configuration'>): Identity {
  const maker = makerName(makerAt(body, 1));
  const isTurned = header !== undefined && TURNED.has(maker) && isOwn(header) && !isPacked(maker, header);
  const number = isTurned ? 5 : 3;
  const type = isTurned ? 3 : 7;
  return {
    maker,
    number: littleEndianDigits(body, number, number + 4),
    version: body[type] ?? 0,
    medium: body[type + 1] ?? 0,
    start: 1,
    end: 9,
  };
}

/** Sappel packs letters, year and number into one, in the order of the others. */
export const isPacked = (maker: string, { ci }: Pick<Transport, 'ci'>): boolean =>
  maker === 'SAP' && ci >= 0xa0 && ci <= 0xa7;

function isOwn({ ci, configuration }: Pick<Transport, 'ci' | 'configuration'>): boolean {
  return (ci >= 0xa0 && ci <= 0xb3) || ci === 0x71 || (ci === 0x7a && (configuration & OWN_SECURITY) !== 0);
}

/** The meter: with a long header, that of the header. */
export function meterIdentity(bytes: Uint8Array, header: Transport | undefined): Identity {
  const at = header?.numberAt ?? -1;
  if (at < 0) return linkIdentity(bytes, header);
  return {
    maker: makerName(makerAt(bytes, at + 4)),
    number: littleEndianDigits(bytes, at, at + 4),
    version: bytes[at + 6] ?? 0,
    medium: bytes[at + 7] ?? 0,
    start: at,
    end: at + 8,
  };
}

/** Techem has media of its own. */
const TECHEM_MEDIA = new Map([
  [0x43, 'Heat'],
  [0x62, 'Warm water'],
  [0x72, 'Cold water'],
  [0x80, 'Heat cost allocator'],
  [0xc3, 'Heat'],
  [0xf0, 'Smoke detector'],
]);

const words = new Map<number, string>();
const MOST_WORDS = 4096;

/** "KAM, version 27, Water" */
export function typeWords({ maker, version, medium }: Identity): string {
  const key =
    ((maker.charCodeAt(0) * 32 + maker.charCodeAt(1)) * 32 + maker.charCodeAt(2)) * 65_536 + version * 256 + medium;
  const known = words.get(key);
  if (known !== undefined) return known;
  const name = (maker === 'TCH' ? TECHEM_MEDIA.get(medium) : undefined) ?? MEDIUM_NAMES[medium] ?? '';
  const text = `${maker}, version ${version}, ${name}`;
  if (words.size < MOST_WORDS) words.set(key, text);
  return text;
}

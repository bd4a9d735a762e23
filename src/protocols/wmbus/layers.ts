import { LINK_END } from './link.ts';

/**
 * The layers between link and records (EN 13757-4, -7 and OMS volume 2): extended link layer, network layer, AFL and the
 * header of the transport layer. Positions are in the telegram from its C field on.
 */

/** Extended link layer: CI 8C, 8D, 8E, 8F. */
export interface ExtendedLink {
  readonly ci: number;
  readonly start: number;
  /** Of the next CI field; with a session, that one is encrypted with all behind it. */
  readonly end: number;
  readonly control: number;
  readonly access: number;
  /** Of the other party, or of the adapter: manufacturer, number, version, medium. */
  readonly addressAt?: number;
  /** Number of the session, four bytes, with the check sum of the plain text behind it. */
  readonly session?: { readonly at: number; readonly isEncrypted: boolean };
}

/** Authentication and fragmentation: CI 90. */
export interface Authentication {
  readonly start: number;
  readonly end: number;
  readonly hasMoreFragments: boolean;
  readonly control?: number;
  readonly counterAt?: number;
  readonly mac?: { readonly start: number; readonly end: number };
  readonly lengthAt?: number;
}

export type HeaderKind = 'long' | 'short' | 'none';

/** What stands behind the header. */
export type Content =
  'records' | 'compact' | 'format' | 'nothing' | 'error' | 'alarm' | 'clock' | 'dlms' | 'obis' | 'maker' | 'other';

export interface Transport {
  readonly ciAt: number;
  readonly ci: number;
  readonly header: HeaderKind;
  readonly content: Content;
  /** Number (4), manufacturer (2), version, medium: an order that is not the link layer's. -1 where it has none. */
  readonly numberAt: number;
  readonly access: number;
  readonly status: number;
  readonly configuration: number;
  /** Security mode; 0 without a header. */
  readonly mode: number;
  /** What belongs to the configuration word begins here, and the data behind it. */
  readonly extensionAt: number;
  readonly dataStart: number;
  readonly fault: string;
}

const SESSION = 4;
const CHECK = 2;

/** Lengths behind the CI field, and where address and session stand in them. */
const EXTENDED: Readonly<
  Record<number, { readonly length: number; readonly address?: number; readonly session?: number }>
> = {
  0x8c: { length: 2 },
  0x8d: { length: 2 + SESSION + CHECK, session: 2 },
  0x8e: { length: 10, address: 2 },
  0x8f: { length: 10 + SESSION + CHECK, address: 2, session: 10 },
};

/** Undefined where the telegram has none, or ends inside it. */
export function extendedLink(body: Uint8Array): ExtendedLink | undefined {
  const start = LINK_END;
  const ci = body[start] ?? 0;
  const form = EXTENDED[ci];
  if (form === undefined || start + 1 + form.length > body.length) return undefined;
  const fields = start + 1;
  const { address, session } = form;
  const at = session === undefined ? undefined : fields + session;
  return {
    ci,
    start,
    end: start + 1 + form.length,
    control: body[fields] ?? 0,
    access: body[fields + 1] ?? 0,
    ...(address !== undefined && { addressAt: fields + address }),
    ...(at !== undefined && { session: { at, isEncrypted: (body[at + 3] ?? 0) >> 5 !== 0 } }),
  };
}

const AFL = 0x90;
const NETWORK = 0x81;
const MAC_BYTES: readonly (number | undefined)[] = [undefined, undefined, undefined, 2, 4, 8, 12, 16, 12];

/** Authentication at `at`; undefined where there is none, or the telegram ends inside it. */
export function authentication(body: Uint8Array, at: number): Authentication | undefined {
  if (body[at] !== AFL) return undefined;
  const end = at + 2 + (body[at + 1] ?? 0);
  if (end > body.length || end < at + 4) return undefined;
  const fields = (body[at + 2] ?? 0) | ((body[at + 3] ?? 0) << 8);
  const has = (bit: number) => (fields & bit) !== 0;
  let next = at + 4;
  const take = (length: number) => (next += length) - length;
  const control = has(0x2000) ? body[take(1)] : undefined;
  if (has(0x0200)) take(2);
  const counterAt = has(0x0800) ? take(4) : undefined;
  const macLength = has(0x0400) ? (MAC_BYTES[(control ?? 0) & 15] ?? 0) : 0;
  const macStart = take(macLength);
  const lengthAt = has(0x1000) ? take(2) : undefined;
  if (next > end) return undefined;
  return {
    start: at,
    end,
    hasMoreFragments: has(0x4000),
    ...(control !== undefined && { control }),
    ...(counterAt !== undefined && { counterAt }),
    ...(macLength > 0 && { mac: { start: macStart, end: macStart + macLength } }),
    ...(lengthAt !== undefined && { lengthAt }),
  };
}

/** Behind a network layer, of which one byte has been seen so far. */
export const behindNetwork = (body: Uint8Array, at: number): number => (body[at] === NETWORK ? at + 2 : at);

const FORMS = new Map<number, readonly [HeaderKind, Content]>([
  [0x72, ['long', 'records']],
  [0x7a, ['short', 'records']],
  [0x78, ['none', 'records']],
  // On the wire 73 is the fixed data structure.
  [0x73, ['long', 'compact']],
  [0x7b, ['short', 'compact']],
  [0x79, ['none', 'compact']],
  [0x6b, ['long', 'format']],
  [0x6a, ['short', 'format']],
  [0x69, ['none', 'format']],
  [0x80, ['long', 'nothing']],
  [0x8a, ['short', 'nothing']],
  [0x8b, ['long', 'nothing']],
  [0x70, ['none', 'error']],
  [0x6e, ['short', 'error']],
  [0x6f, ['long', 'error']],
  [0x71, ['none', 'alarm']],
  [0x74, ['short', 'alarm']],
  [0x75, ['long', 'alarm']],
  [0x6c, ['long', 'clock']],
  [0x6d, ['long', 'clock']],
  [0x60, ['long', 'dlms']],
  [0x61, ['short', 'dlms']],
  [0x7c, ['long', 'dlms']],
  [0x7d, ['short', 'dlms']],
  [0x64, ['long', 'obis']],
  [0x65, ['short', 'obis']],
  [0x7e, ['long', 'obis']],
  [0x7f, ['short', 'obis']],
  [0x5a, ['short', 'records']],
  [0x5b, ['long', 'records']],
]);

/** CI fields by which a telegram can be told from other bytes. */
export const isRadioCi = (ci: number): boolean =>
  FORMS.has(ci) || EXTENDED[ci] !== undefined || ci === VARIABLE_LINK || ci === AFL || ci === NETWORK || isMakers(ci);

/** The extended link layer of variable length: what its fields look like is not public, so it is named and no more. */
export const VARIABLE_LINK = 0x86;

const isMakers = (ci: number) => ci >= 0xa0 && ci <= 0xb7;

const LONG = 12;
const SHORT = 4;

/** The header whose CI field is at `at`; with a fault where the telegram ends inside it. */
export function transport(body: Uint8Array, at: number): Transport {
  const ci = body[at] ?? 0;
  const [header, content] = FORMS.get(ci) ?? (['none', isMakers(ci) ? 'maker' : 'other'] as const);
  const plain = { ciAt: at, ci, header, content, numberAt: -1, access: 0, status: 0, configuration: 0, mode: 0 };
  if (header === 'none') return { ...plain, extensionAt: at + 1, dataStart: at + 1, fault: '' };
  const length = header === 'long' ? LONG : SHORT;
  if (at + 1 + length > body.length)
    return {
      ...plain,
      header: 'none',
      content: 'other',
      extensionAt: at + 1,
      dataStart: at + 1,
      fault: 'the telegram ends inside its header',
    };
  const short = at + 1 + length - SHORT;
  const configuration = (body[short + 2] ?? 0) | ((body[short + 3] ?? 0) << 8);
  const mode = (configuration >> 8) & 31;
  return {
    ciAt: at,
    ci,
    header,
    content,
    numberAt: header === 'long' ? at + 1 : -1,
    access: body[short] ?? 0,
    status: body[short + 1] ?? 0,
    configuration,
    mode,
    extensionAt: short + SHORT,
    dataStart: Math.min(body.length, short + SHORT + extension(body, short + SHORT, mode)),
    fault: '',
  };
}

/** Bytes behind the configuration word that belong to it; the counter of mode 10 as well. */
function extension(body: Uint8Array, at: number, mode: number): number {
  switch (mode) {
    case 7:
    case 13:
      return 1;
    case 10:
      return 2 + (hasKeyVersion(body, at) ? 1 : 0) + 4;
    default:
      return 0;
  }
}

/** Bit 6 of the extension of mode 10. */
export const hasKeyVersion = (body: Uint8Array, at: number): boolean => ((body[at] ?? 0) & 0x40) !== 0;

import { AES_BLOCK, AES_KEY, macOf, openCbc, openCcm } from './aes.ts';
import { messageKeys } from './keys.ts';
import type { Authentication, Transport } from './layers.ts';
import type { OpenedTelegram } from './opened.ts';
import { areSaneRecords } from './sane-records.ts';

export type Inner = Pick<OpenedTelegram, 'bytes' | 'end' | 'closed' | 'security' | 'cipher' | 'isProved' | 'key'>;

/** What the header says of the protection of what follows, taken off as far as one of the keys does it. */
export function openTransport(
  bytes: Uint8Array,
  header: Transport,
  afl: Authentication | undefined,
  keys: readonly Uint8Array[],
): Inner {
  const end = bytes.length;
  const { mode, dataStart } = header;
  const cipher = `mode ${mode}`;
  const as = (security: Inner['security'], closed = { start: end, end }): Inner => ({
    bytes,
    end,
    closed,
    security,
    cipher,
    isProved: false,
    key: -1,
  });
  if (mode === 0 || mode >= MAKERS_MODES || header.content === 'nothing') return as('plain');
  const cut = sealedPart(bytes, header);
  if (cut === undefined) return as('not supported', { start: dataStart, end });
  if (cut.end <= dataStart) return as('plain');
  // Receivers that know the key send the telegram on with its configuration word as it was. One of 65 536 texts under a key
  // begins as those do: what a key opens was not one of them, unless it reads as one.
  const isLikeOne = hasFillers(bytes, dataStart);
  if (isLikeOne && (keys.length === 0 || areSaneRecords(bytes, dataStart + 2, end))) return as('taken off before');
  const usable = keys.filter((key) => key.length === AES_KEY);
  // Its keys are made with a counter: without it no key fits, and none is wrong.
  if (mode === 7 && afl?.counterAt === undefined) return as('not supported', cut);
  if (keys.length === 0) return as('no key', cut);
  for (const key of usable) {
    const opened = mode === 5 ? openMode5(key, bytes, header, cut) : openWithMessageKeys(key, bytes, header, afl, cut);
    if (opened) return { ...opened, cipher, key: keys.indexOf(key) };
  }
  return isLikeOne ? as('taken off before') : as('wrong key', cut);
}

/** From here on each maker has its own. */
const MAKERS_MODES = 16;

interface Part {
  readonly start: number;
  readonly end: number;
}

/** What is enciphered; undefined for modes that this version does not open. */
function sealedPart(bytes: Uint8Array, header: Transport): Part | undefined {
  const { mode, dataStart, configuration } = header;
  const rest = bytes.length - dataStart;
  const count = configuration & 0xff;
  switch (mode) {
    case 5:
    case 7: {
      const blocks = Math.min(count >> 4, Math.floor(rest / AES_BLOCK));
      // Of a telegram that is cut off, what is there of it.
      return { start: dataStart, end: dataStart + blocks * AES_BLOCK };
    }
    case 10: {
      const tag = tagLength(bytes, header);
      return { start: dataStart, end: Math.min(count === 0xff ? Infinity : dataStart + count, bytes.length - tag) };
    }
    default:
      return undefined;
  }
}

const hasFillers = (bytes: Uint8Array, at: number) => bytes[at] === 0x2f && bytes[at + 1] === 0x2f;

/** Manufacturer, number, version and medium in the order of the link layer; from the transport layer where it has them. */
function addressOf(bytes: Uint8Array, { numberAt }: Transport): Uint8Array {
  if (numberAt < 0) return bytes.slice(1, 9);
  const address = new Uint8Array(8);
  address.set(bytes.subarray(numberAt + 4, numberAt + 6));
  address.set(bytes.subarray(numberAt, numberAt + 4), 2);
  address.set(bytes.subarray(numberAt + 6, numberAt + 8), 6);
  return address;
}

function replaced(bytes: Uint8Array, { start }: Part, plain: Uint8Array): Uint8Array {
  const whole = bytes.slice();
  whole.set(plain, start);
  return whole;
}

type Opened = Omit<Inner, 'cipher' | 'key'> | undefined;

function openMode5(key: Uint8Array, bytes: Uint8Array, header: Transport, cut: Part): Opened {
  const iv = new Uint8Array(AES_BLOCK).fill(header.access);
  iv.set(addressOf(bytes, header));
  const plain = replaced(bytes, cut, openCbc(key, iv, bytes.slice(cut.start, cut.end)));
  return judged(plain, header, cut);
}

/** By the two fillers that have to come first, or, where a maker sends others, by records that can be no accident. */
function judged(plain: Uint8Array, header: Transport, cut: Part): Opened {
  const end = plain.length;
  const opened = { bytes: plain, end, closed: { start: end, end }, isProved: false };
  if (hasFillers(plain, cut.start)) return { ...opened, security: 'opened' };
  if (header.content !== 'records' || !areSaneRecords(plain, cut.start + 2, end)) return undefined;
  return { ...opened, security: 'opened, check bytes differ' };
}

function openWithMessageKeys(
  key: Uint8Array,
  bytes: Uint8Array,
  header: Transport,
  afl: Authentication | undefined,
  cut: Part,
): Opened {
  return header.mode === 7 ? openMode7(key, bytes, header, afl, cut) : openMode10(key, bytes, header, cut);
}

function openMode7(
  key: Uint8Array,
  bytes: Uint8Array,
  header: Transport,
  afl: Authentication | undefined,
  cut: Part,
): Opened {
  if (afl?.counterAt === undefined) return undefined;
  const counter = bytes.slice(afl.counterAt, afl.counterAt + 4);
  const keys = messageKeys(key, counter, addressOf(bytes, header).slice(2, 6));
  // The MAC tells a wrong key before anything is deciphered.
  if (afl.mac && !isMacRight(keys.authentication, bytes, header, afl)) return undefined;
  const plain = replaced(
    bytes,
    cut,
    openCbc(keys.encryption, new Uint8Array(AES_BLOCK), bytes.slice(cut.start, cut.end)),
  );
  const opened = judged(plain, header, cut);
  return opened && { ...opened, isProved: afl.mac !== undefined };
}

/** Over control and counter of the AFL, the length of the message where it has one, and all from the header's CI field on. */
function isMacRight(key: Uint8Array, bytes: Uint8Array, { ciAt }: Transport, afl: Authentication): boolean {
  const { mac, control = 0, counterAt = 0, lengthAt } = afl;
  if (mac === undefined) return false;
  const length = lengthAt === undefined ? [] : bytes.subarray(lengthAt, lengthAt + 2);
  const text = Uint8Array.from([
    control,
    ...bytes.subarray(counterAt, counterAt + 4),
    ...length,
    ...bytes.subarray(ciAt),
  ]);
  const right = macOf(key, text);
  return bytes.subarray(mac.start, mac.end).every((byte, at) => byte === right[at]);
}

/** By the high byte of the extension. */
const tagLength = (bytes: Uint8Array, { extensionAt }: Transport) => 4 + 4 * ((bytes[extensionAt + 1] ?? 0) & 3);

function openMode10(key: Uint8Array, bytes: Uint8Array, header: Transport, cut: Part): Opened {
  const counterAt = header.dataStart - 4;
  const tag = tagLength(bytes, header);
  if (cut.end <= cut.start || cut.end + tag > bytes.length) return undefined;
  const counter = bytes.slice(counterAt, counterAt + 4);
  const address = addressOf(bytes, header);
  const { encryption } = messageKeys(key, counter, address.slice(2, 6));
  const nonce = Uint8Array.from([...address, 0, ...counter.toReversed()]);
  const end = bytes.length - tag;
  // What is sent plain behind the enciphered part is not known to be part of what the tag is made of.
  const plain = openCcm(encryption, bytes.slice(cut.start, cut.end), bytes.slice(end), {
    nonce,
    additional: bytes.slice(header.ciAt, counterAt),
    tagLength: tag,
  });
  if (plain === undefined) return undefined;
  const whole = replaced(bytes, cut, plain);
  return { bytes: whole, end, closed: { start: end, end }, security: 'opened', isProved: true };
}

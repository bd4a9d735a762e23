import { radioCrc } from './crc.ts';
import { isRadioLink, LINK_END } from './link.ts';

/** A telegram as a receiver, a file or somebody's notes have it: from its L field on, with or without check sums. */
export interface RadioFrame {
  /** From the C field on, without check sums: what records keep. */
  readonly body: Uint8Array;
  /** 'none': its check sums were taken out, by a receiver that found them right. */
  readonly format: 'A' | 'B' | 'none';
  /** What stands behind the frame: some receivers add the strength of the signal. */
  readonly behind: Uint8Array;
  /** What is wrong with it, in words; empty where nothing is. */
  readonly fault: string;
}

const FIRST_BLOCK = 10;
const BLOCK = 16;
const CRC = 2;
/** A frame of format B that is longer has a check sum in between as well. */
const FIRST_BLOCK_B = 128;

/** The frame whose L field is the first byte; undefined where the bytes are none. */
export function readFrame(bytes: Uint8Array): RadioFrame | undefined {
  const length = bytes[0] ?? 0;
  if (length < LINK_END || bytes.length < 1 + LINK_END || !isRadioLink(bytes, 1)) return undefined;
  return formatA(bytes, length) ?? formatB(bytes, length) ?? withoutChecks(bytes, length);
}

const isRight = (bytes: Uint8Array, start: number, end: number) =>
  end + CRC <= bytes.length && radioCrc(bytes, start, end) === (((bytes[end] ?? 0) << 8) | (bytes[end + 1] ?? 0));

/** Told by the check sum of its first block: L leaves them out. */
function formatA(bytes: Uint8Array, length: number): RadioFrame | undefined {
  if (!isRight(bytes, 0, FIRST_BLOCK)) return undefined;
  const body = new Uint8Array(length);
  body.set(bytes.subarray(1, FIRST_BLOCK));
  let done = FIRST_BLOCK - 1;
  let at = FIRST_BLOCK + CRC;
  let fault = '';
  for (let block = 2; done < length; block++) {
    const size = Math.min(BLOCK, length - done);
    const there = Math.max(0, Math.min(size, bytes.length - at));
    body.set(bytes.subarray(at, at + there), done);
    if (at + size + CRC > bytes.length) {
      const whole = at + size + CRC + blocksBehind(length - done - size);
      return {
        body: body.slice(0, done + there),
        format: 'A',
        behind: new Uint8Array(0),
        fault: cutOff(bytes.length, whole),
      };
    }
    if (!isRight(bytes, at, at + size)) fault ||= `the check sum of block ${block} is wrong`;
    done += size;
    at += size + CRC;
  }
  return { body, format: 'A', behind: bytes.slice(at), fault };
}

const blocksBehind = (rest: number) => rest + CRC * Math.ceil(rest / BLOCK);

const cutOff = (there: number, whole: number) => `cut off: ${there} of ${whole} bytes`;

/** L counts the check sums: one at the end, and one after the first 126 bytes of a long frame. */
function formatB(bytes: Uint8Array, length: number): RadioFrame | undefined {
  const end = length + 1;
  const isLong = end > FIRST_BLOCK_B;
  const first = isLong ? FIRST_BLOCK_B : end;
  const second = isLong ? FIRST_BLOCK_B : 0;
  const checks = [
    isRight(bytes.subarray(0, first), 0, first - CRC),
    ...(isLong ? [bytes.length >= end && isRight(bytes.subarray(0, end), second, end - CRC)] : []),
  ];
  if (!checks[0]) return undefined;
  if (bytes.length < end)
    return {
      body: join(bytes.subarray(1, first - CRC), bytes.subarray(second)),
      format: 'B',
      behind: new Uint8Array(0),
      fault: cutOff(bytes.length, end),
    };
  return {
    body: isLong
      ? join(bytes.subarray(1, first - CRC), bytes.subarray(second, end - CRC))
      : bytes.slice(1, first - CRC),
    format: 'B',
    behind: bytes.slice(end),
    fault: checks.every(Boolean) ? '' : 'the check sum of block 2 is wrong',
  };
}

function join(one: Uint8Array, other: Uint8Array): Uint8Array {
  const whole = new Uint8Array(one.length + other.length);
  whole.set(one);
  whole.set(other, one.length);
  return whole;
}

function withoutChecks(bytes: Uint8Array, length: number): RadioFrame {
  const end = length + 1;
  const nothing = new Uint8Array(0);
  // rtl_433 prints frames of mode S with an L that is two too small, and leaves the last check sum (rtl_433#2256).
  if (bytes.length === end + 2 * CRC && isRight(bytes, lastBlock(end + CRC), end + CRC))
    return { body: bytes.slice(1, end + CRC), format: 'none', behind: nothing, fault: '' };
  if (bytes.length >= end) return { body: bytes.slice(1, end), format: 'none', behind: bytes.slice(end), fault: '' };
  return { body: bytes.slice(1), format: 'none', behind: nothing, fault: missing(bytes.length, end) };
}

/** Where the last block of format A begins, in a frame without check sums of so many bytes. */
const lastBlock = (end: number) => FIRST_BLOCK + BLOCK * Math.floor((end - 1 - FIRST_BLOCK) / BLOCK);

/** Receivers that take the check sums of format B out may leave L as it was (wmbusmeters#1658). */
function missing(there: number, end: number): string {
  const checks = end > FIRST_BLOCK_B ? 2 * CRC : CRC;
  return end - there === checks
    ? `${checks} bytes are missing: the check sums of format B were taken out, or the end is lost`
    : cutOff(there, end);
}

import { toLatin1 } from '../../common/bytes.ts';
import { byteBuffer } from './byte-buffer.ts';
import { CR, LF } from './control.ts';
import { beginScan, scanCharacter, type Scan } from './data-message-scan.ts';
import { judgeDataMessage, type DataMessage, type DataMessageOptions } from './data-message-verdict.ts';
import { hasHighBit, parityTally } from './parity-tally.ts';

export type { DataMessage, DataMessageOptions } from './data-message-verdict.ts';

/**
 * Takes a data message character by character; `accept` fits `Line.read`. Never throws, whatever comes in.
 *
 * With STX it ends at the BCC after ETX or EOT; `!` counts anywhere outside brackets (also glued to the last data set).
 * Without (mode D, vzlogger#142) it has 'enough' from a `!` on that stands at the beginning of a line or behind a closed
 * bracket, and still takes a DSMR check sum, CR LF and ETX BCC. Any other `!` is a spoilt character: the message goes on.
 */
export interface DataMessageReceiver {
  accept(byte: number, parityOk: boolean): 'more' | 'enough' | 'done';
  /** The data block so far, as received, without STX and the closing `!`. */
  readonly text: string;
  /** Line ends in the data block so far. */
  readonly lines: number;
  /** The end of what was taken, where it already belongs to the next message: its first character, or `/XXX` and what follows. */
  readonly rest: Uint8Array;
  result(): DataMessage;
}

const DEFAULT_MAX_BYTES = 256 * 1024;

export function dataMessageReceiver(options: DataMessageOptions): DataMessageReceiver {
  const buffer = byteBuffer(options.maxBytes ?? DEFAULT_MAX_BYTES);
  const parity = parityTally(options.parity?.ours);
  const scan = beginScan(buffer, parity);
  const highBits: number[] = [];

  return {
    accept(byte, parityOk) {
      if (isDone(scan)) return 'done';
      if (buffer.push(byte)) {
        if (options.parity && hasHighBit(byte, parityOk, options.parity.ours)) highBits.push(buffer.length - 1);
        const mayBeOfMessage = isOfMessage(scan);
        scanCharacter(scan, byte, buffer.length - 1);
        if (mayBeOfMessage && !isOfOtherLine(scan, byte)) parity.add(byte, parityOk);
      } else {
        scan.failure = 'block too long';
        scan.state = 'done';
      }
      if (isDone(scan)) return 'done';
      return scan.state === 'tail' && !scan.framed ? 'enough' : 'more';
    },
    get text() {
      return scan.blockStart === undefined ? '' : toLatin1(buffer.view(scan.blockStart, scan.blockEnd));
    },
    get lines() {
      return scan.lines;
    },
    get rest() {
      return buffer.view(scan.restAt ?? buffer.length).slice();
    },
    result: () =>
      judgeDataMessage({ ...scan, raw: buffer.view(), highBits, parity: parity.judge(options.parity?.known) }, options),
  };
}

const isDone = ({ state }: Scan) => state === 'done';

/**
 * What is behind the end of an unframed message says nothing of the data. What is before its first data set may: without
 * STX nobody knows whether that was noise, or data that is no longer to be known as such. The beginning of a frame forgets it.
 */
function isOfMessage({ state, framed }: Scan): boolean {
  if (state === 'tail') return framed;
  // The block check speaks for itself, also where a meter sends it without a parity bit.
  return state !== 'skipped line' && state !== 'bcc' && state !== 'done';
}

/** An identification, a request or our own acknowledge, with its line end: perhaps in another parity than the data. */
function isOfOtherLine({ state, ackEcho, telegramStart }: Scan, byte: number): boolean {
  if (state === 'skipped line') return true;
  return state === 'before' && (ackEcho || telegramStart !== undefined) && (byte === CR || byte === LF);
}

import { concatBytes } from '../../../common/bytes.ts';
import { addressAt, addressBytes, type HdlcAddress } from './address.ts';
import { controlByte, readControl, type Control } from './control.ts';
import { crcX25 } from '../../../common/crc16.ts';
import { isChecked } from './fcs.ts';

/** A frame of format type 3 (IEC 62056-46). */
export interface HdlcFrame {
  /** More of the same message follows in the next frame. */
  readonly isSegment: boolean;
  readonly destination: HdlcAddress;
  readonly source: HdlcAddress;
  readonly control: Control;
  readonly info: Uint8Array;
}

export const FLAG = 0x7e;
/** Format field and the greatest length it can say; flags are not counted. */
export const FORMAT_BYTES = 2;
const CHECK_BYTES = 2;
const MOST_LENGTH = 0x7ff;
const SEGMENT = 0x08;
const TYPE = 0xa0;

const checkBytes = (bytes: Uint8Array) => {
  const sum = crcX25(bytes);
  return Uint8Array.of(sum & 0xff, sum >> 8);
};

/** The whole frame with its flags. Throws a RangeError for information that no frame can carry. */
export function frameBytes({ isSegment, destination, source, control, info }: HdlcFrame): Uint8Array {
  const header = concatBytes(addressBytes(destination), addressBytes(source), Uint8Array.of(controlByte(control)));
  const hasInfo = info.length > 0;
  const length = FORMAT_BYTES + header.length + CHECK_BYTES + (hasInfo ? info.length + CHECK_BYTES : 0);
  if (length > MOST_LENGTH) throw new RangeError(`A frame of ${length} bytes is too long`);
  const format = Uint8Array.of(TYPE | (isSegment ? SEGMENT : 0) | (length >> 8), length & 0xff);
  const head = concatBytes(format, header);
  const body = hasInfo ? concatBytes(head, checkBytes(head), info) : head;
  return concatBytes(Uint8Array.of(FLAG), body, checkBytes(body), Uint8Array.of(FLAG));
}

/** What can be said of the frame that begins, without its flag, at `at`: how long it is, or that none does. */
export type Beginning =
  { readonly kind: 'more' | 'none' } | { readonly kind: 'frame'; readonly length: number; readonly header: number };

/**
 * Looks at the head alone, so that noise which looks like a long frame holds up nothing: a frame with information shows
 * by its header check sequence that it is one, one without is as long as its head.
 */
export function beginningAt(bytes: Uint8Array, at: number, end: number): Beginning {
  if (end - at < FORMAT_BYTES) {
    return end > at && ((bytes[at] ?? 0) & 0xf0) !== TYPE ? { kind: 'none' } : { kind: 'more' };
  }
  const high = bytes[at] ?? 0;
  if ((high & 0xf0) !== TYPE) return { kind: 'none' };
  const length = ((high & 7) << 8) | (bytes[at + 1] ?? 0);
  let header = at + FORMAT_BYTES;
  for (let part = 0; part < 2; part++) {
    const address = addressAt(bytes, header, end);
    if (address === undefined) return { kind: 'more' };
    if (address === 'wrong') return { kind: 'none' };
    header += address.size;
  }
  header += 1 - at;
  if (length === header + CHECK_BYTES) return { kind: 'frame', length, header };
  if (length < header + 2 * CHECK_BYTES) return { kind: 'none' };
  if (end - at < header + CHECK_BYTES) return { kind: 'more' };
  return isChecked(bytes, at, at + header) ? { kind: 'frame', length, header } : { kind: 'none' };
}

/** The frame in `bytes`, from its format field to its check sequence; undefined where a check or the control is wrong. */
export function readFrame(bytes: Uint8Array): HdlcFrame | undefined {
  const beginning = beginningAt(bytes, 0, bytes.length);
  if (beginning.kind !== 'frame' || beginning.length !== bytes.length) return undefined;
  if (!isChecked(bytes, 0, bytes.length - CHECK_BYTES)) return undefined;
  const destination = addressAt(bytes, FORMAT_BYTES);
  if (destination === undefined || destination === 'wrong') return undefined;
  const source = addressAt(bytes, FORMAT_BYTES + destination.size);
  const control = readControl(bytes[beginning.header - 1] ?? 0);
  if (source === undefined || source === 'wrong' || !control) return undefined;
  return {
    isSegment: ((bytes[0] ?? 0) & SEGMENT) !== 0,
    destination,
    source,
    control,
    info: bytes.slice(beginning.header + CHECK_BYTES, bytes.length - CHECK_BYTES),
  };
}

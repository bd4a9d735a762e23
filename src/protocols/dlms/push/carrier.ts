/** DLMS in frames of the wired M-Bus: `68 L L 68 53 FF CI`, source and destination, a part of the message, check sum, 16. */
const START = 0x68;
const STOP = 0x16;
const HEAD = 4;
/** Behind the head: control, address, control information, source and destination. */
const FIELDS = 5;
const TAIL = 2;
/** Some meters send 257 bytes and say 1: the length is written in one byte. */
const OVERFLOW = 256;
const [SEND, TO_ALL] = [0x53, 0xff];
const LAST = 0x10;
const MOST_BYTES = 2048;

/** A part of a message. */
export interface CarrierSegment {
  readonly number: number;
  readonly isLast: boolean;
  readonly data: Uint8Array;
}

/** Finds segments in whatever comes, byte by byte. */
export interface CarrierReceiver {
  take(byte: number): CarrierSegment | undefined;
}

export function carrierReceiver(): CarrierReceiver {
  let bytes: number[] = [];

  /** The frame that begins the bytes: its length; undefined where more has to come, 0 where none does. */
  function frameLength(): number | undefined {
    const [start, length = 0, again, mark, control, address] = bytes;
    if (start !== START || (bytes.length > 2 && again !== length) || (bytes.length > 3 && mark !== START)) return 0;
    if ((bytes.length > 4 && control !== SEND) || (bytes.length > 5 && address !== TO_ALL)) return 0;
    if (bytes.length < HEAD) return undefined;
    for (const said of [length, length + OVERFLOW]) {
      const whole = HEAD + said + TAIL;
      if (said < FIELDS) continue;
      if (bytes.length < whole) return undefined;
      const sum = bytes.slice(HEAD, whole - TAIL).reduce((total, byte) => (total + byte) & 0xff, 0);
      if (bytes[whole - 1] === STOP && bytes[whole - TAIL] === sum) return whole;
    }
    return 0;
  }

  return {
    take(byte) {
      bytes.push(byte);
      for (;;) {
        const length = bytes.length === 0 || bytes.length > MOST_BYTES ? undefined : frameLength();
        if (length === undefined) {
          if (bytes.length > MOST_BYTES) bytes = [];
          return undefined;
        }
        if (length > 0) {
          const information = bytes[HEAD + 2] ?? 0;
          const data = Uint8Array.from(bytes.slice(HEAD + FIELDS, length - TAIL));
          bytes = bytes.slice(length);
          return { number: information & 0x0f, isLast: (information & LAST) !== 0, data };
        }
        const next = bytes.indexOf(START, 1);
        bytes = next < 0 ? [] : bytes.slice(next);
        if (bytes.length === 0) return undefined;
      }
    },
  };
}

import { checkOf, type Check } from './checks.ts';

/** What comes between two sequences of escapes: all that a meter says at once. */
export interface Transmission {
  /** As they came, from the first escape to the check. */
  readonly bytes: Uint8Array;
  /** Its messages, without what the transport added. */
  readonly payload: Uint8Array;
  readonly check: Check;
  /** Where in `bytes` four bytes stand that are not in the payload. */
  readonly escapes: readonly number[];
}

export type Received =
  | { readonly kind: 'transmission'; readonly transmission: Transmission }
  | { readonly kind: 'broken'; readonly reason: string; readonly bytes: number };

export interface TransportReceiver {
  /** What is over with this byte; nearly always nothing. */
  take(byte: number): readonly Received[];
  /** Begins anew. */
  reset(): void;
  /** Bytes of the transmission that is under way. */
  readonly pending: number;
}

const ESCAPE = 0x1b;
const START = [ESCAPE, ESCAPE, ESCAPE, ESCAPE, 1, 1, 1, 1];
const GROUP = 4;
const END = 0x1a;
/** DZG fills up with four zeros where none are needed. */
const MOST_FILL = 4;
/** The longest seen has 684 bytes; answers with profiles are longer. */
export const LONGEST = 16_384;

const NOTHING: readonly Received[] = [];

/**
 * Transport version 1. A start within a transmission begins anew: an end that was lost costs one of them and never two. A
 * damaged one is searched for a start that was taken for data. Pure; never throws.
 */
export function transportReceiver(): TransportReceiver {
  let frame: number[] = [];
  let payload: number[] = [];
  let escapes: number[] = [];
  /** Up to where `frame` is understood. */
  let at = 0;
  /** Of START, how much has come. */
  let matched = 0;

  function begin(): void {
    frame = [...START];
    payload = [];
    escapes = [];
    at = START.length;
    matched = 0;
  }

  function awaitStart(byte: number): void {
    if (byte === START[matched]) matched++;
    else if (byte === ESCAPE) matched = matched === GROUP ? GROUP : 1;
    else matched = 0;
    if (matched === START.length) begin();
  }

  /** Over with this one; where a start stands in it, from there on once more. */
  function over(result: Received): readonly Received[] {
    const old = frame;
    frame = [];
    matched = 0;
    const isGood = result.kind === 'transmission' && result.transmission.check !== 'bad';
    const again = isGood ? [] : old.slice(lastStart(old));
    return [result, ...again.flatMap((byte) => take(byte))];
  }

  const broken = (reason: string) => over({ kind: 'broken', reason, bytes: frame.length });

  function finish(): readonly Received[] {
    const bytes = Uint8Array.from(frame);
    const fill = bytes[at + 5] ?? 0;
    if (fill > payload.length) return broken('It is shorter than what fills it up.');
    const filled = payload.slice(payload.length - fill);
    if (fill > MOST_FILL || (fill === MOST_FILL && filled.some((byte) => byte !== 0)))
      return broken(`It says that ${fill} bytes fill it up.`);
    // An end that stands off the grid of four tells that bytes are missing or too many, whatever its check says.
    const isOnGrid = at % GROUP === 0;
    const check = isOnGrid ? checkOf(bytes.subarray(0, -2), bytes.at(-2) ?? 0, bytes.at(-1) ?? 0) : 'bad';
    const said = Uint8Array.from(payload.slice(0, payload.length - fill));
    return over({ kind: 'transmission', transmission: { bytes, payload: said, check, escapes } });
  }

  /** Four escapes say what the next four bytes are; where they can't be any of it, the first was data. */
  function escaped(): readonly Received[] | 'data' | undefined {
    const next = frame.slice(at + GROUP, at + 2 * GROUP);
    const [first = 0] = next;
    const areAll = (byte: number) => next.every((one) => one === byte);
    if (areAll(ESCAPE)) {
      escapes.push(at);
      payload.push(...next);
      at += 2 * GROUP;
      return undefined;
    }
    if (areAll(1)) {
      const lost = frame.length - START.length;
      begin();
      return [{ kind: 'broken', reason: 'Another one began within it: its end is missing.', bytes: lost }];
    }
    if (first === END) return finish();
    if (areAll(2)) return broken('It is of version 2 of the transport, which OpenHHU does not know.');
    return first === ESCAPE ? 'data' : broken('Four escapes are followed by what cannot follow them.');
  }

  function take(byte: number): readonly Received[] {
    if (frame.length === 0) {
      awaitStart(byte);
      return NOTHING;
    }
    frame.push(byte);
    if (frame.length > LONGEST) return broken(`It is longer than ${LONGEST} bytes.`);
    while (at < frame.length) {
      const run = runOf(frame, at);
      if (run === GROUP) {
        if (frame.length < at + 2 * GROUP) return NOTHING;
        const result = escaped();
        if (result === undefined) continue;
        if (result !== 'data') return result;
      } else if (at + run === frame.length && run > 0) return NOTHING;
      payload.push(frame[at] ?? 0);
      at++;
    }
    return NOTHING;
  }

  return {
    take,
    reset() {
      frame = [];
      matched = 0;
    },
    get pending() {
      return frame.length;
    },
  };
}

/** How many escapes follow each other from there, up to four. */
function runOf(bytes: readonly number[], at: number): number {
  let run = 0;
  while (run < GROUP && bytes[at + run] === ESCAPE) run++;
  return run;
}

/** Where the last start behind the first byte is; where there is none, what may become the beginning of one. */
function lastStart(bytes: readonly number[]): number {
  for (let at = bytes.length - START.length; at > 0; at--)
    if (START.every((byte, index) => bytes[at + index] === byte)) return at;
  return Math.max(1, bytes.length - START.length + 1);
}

export interface Heard {
  readonly transmission: Transmission;
  /** Where in the bytes it begins. */
  readonly start: number;
}

/** Every transmission in the bytes, the damaged ones too. */
export function transmissionsIn(bytes: Uint8Array): readonly Heard[] {
  const receiver = transportReceiver();
  const found: Heard[] = [];
  for (const [index, byte] of bytes.entries()) {
    for (const received of receiver.take(byte)) {
      if (received.kind !== 'transmission') continue;
      const { transmission } = received;
      found.push({ transmission, start: index + 1 - transmission.bytes.length });
    }
  }
  return found;
}

/** Does a transmission begin in these bytes? */
export const hasStart = (bytes: Uint8Array): boolean => {
  const receiver = transportReceiver();
  return bytes.some((byte) => {
    receiver.take(byte);
    return receiver.pending > 0;
  });
};

/** Where in the bytes of a transmission a byte of its payload stands. */
export function placeIn({ escapes }: Pick<Transmission, 'escapes'>, position: number): number {
  let place = START.length + position;
  for (const escape of escapes) {
    if (place < escape) break;
    place += GROUP;
  }
  return place;
}

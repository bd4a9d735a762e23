import type { Milliseconds } from '../common/kinds.ts';

/** Characters travel as numbers with this flag set where their parity was wrong. */
export const PARITY_ERROR = 0x100;

/**
 * An echo begins while its message is being sent; adapters hold it back for up to 16 ms. A head that is known to echo
 * may still garble its echo: what comes this soon after the last bit is no answer.
 */
export const ECHO_WINDOW_MS = 30;

export interface EchoFilter {
  readonly echo: 'unknown' | 'echoes' | 'silent';
  /** How many characters of the expected echo have come. */
  readonly matched: number;
  /** These characters go out now and will have left the wire at `endsAt`; `mask`: the bits of a character that count. */
  expect(sent: Uint8Array, endsAt: number, mask: number): void;
  /** Forget what was sent: the line changed. */
  forget(): void;
  /** Returns the characters that are not echo, in order. */
  filter(character: number, now: Milliseconds): readonly number[];
}

/**
 * Removes what an echoing head or a two-wire converter gives back, by comparing with what was sent (u9n#62, PyKamstrup
 * PR#6). It learns by itself whether there is an echo: the first characters back either are the request or are not.
 */
export function echoFilter(): EchoFilter {
  let echo: EchoFilter['echo'] = 'unknown';
  let expected = new Uint8Array(0);
  let matched = 0;
  let held: number[] = [];
  let windowEnd = 0;
  let bits = 0xff;

  const stop = () => {
    const released = held;
    expected = new Uint8Array(0);
    matched = 0;
    held = [];
    return released;
  };

  return {
    get echo() {
      return echo;
    },
    get matched() {
      return matched;
    },
    expect(sent, endsAt, mask) {
      // A head that gives nothing back never does; an answer may well repeat the request to the byte (Modbus writes).
      expected = echo === 'silent' ? new Uint8Array(0) : sent.slice();
      matched = 0;
      held = [];
      windowEnd = endsAt + ECHO_WINDOW_MS;
      bits = mask;
    },
    forget() {
      stop();
    },
    filter(character, now) {
      if (matched >= expected.length) return [character];
      const begun = matched > 0 || echo === 'echoes' || now < windowEnd;
      const isExpected = begun && (character & bits) === ((expected[matched] ?? 0) & bits);
      if (!isExpected && !(echo === 'echoes' && now < windowEnd)) {
        // A stray character while we send is no answer: it says nothing of the head.
        if (echo === 'unknown' && now >= windowEnd) echo = 'silent';
        return [...stop(), character];
      }
      matched++;
      held.push(character);
      if (matched === expected.length) {
        echo = 'echoes';
        stop();
      }
      return [];
    },
  };
}

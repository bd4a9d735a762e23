import type { Milliseconds } from '../common/kinds.ts';

/** Characters travel as numbers with this flag set where their parity was wrong. */
export const PARITY_ERROR = 0x100;

/**
 * An echo begins while its message is being sent; adapters hold it back for up to 16 ms. A head that is known to echo
 * may still garble its echo: what comes this soon after the last bit is no answer.
 */
export const ECHO_WINDOW_MS = 30;

/** Characters that go out now. Times: monotonic milliseconds. */
export interface Outgoing {
  /** What may come back of them; empty where nothing is to be taken for an echo. */
  readonly echo: Uint8Array;
  /** When the last bit will have left the wire. */
  readonly endsAt: number;
  /** What comes before it and is no echo answers something else. */
  readonly answeredFrom: number;
  /** The bits of a character that count. */
  readonly mask: number;
}

export interface EchoFilter {
  readonly echo: 'unknown' | 'echoes' | 'silent';
  /** How many characters of the expected echo have come. */
  readonly matched: number;
  /** How many came too early to answer what goes out, and are no echo of it. */
  readonly early: number;
  expect(outgoing: Outgoing): void;
  /** Forget what was sent: the line changed. */
  forget(): void;
  /** Returns the characters that are neither echo nor early, in order. */
  filter(character: number, now: Milliseconds): readonly number[];
}

const NOTHING: Outgoing = { echo: new Uint8Array(0), endsAt: -Infinity, answeredFrom: -Infinity, mask: 0xff };

/**
 * Removes what an echoing head or a two-wire converter gives back, by comparing with what was sent (u9n#62, PyKamstrup
 * PR#6), and what came before the request had left: heads print a text when they are opened, slow meters answer what was
 * asked before. It learns by itself whether there is an echo: the first characters back either are the request or are not.
 */
export function echoFilter(): EchoFilter {
  let echo: EchoFilter['echo'] = 'unknown';
  let outgoing = NOTHING;
  let matched = 0;
  let held: { readonly character: number; readonly isEarly: boolean }[] = [];
  let early = 0;

  /** What is held is no echo after all. */
  const release = () => {
    const counting = held.filter(({ isEarly }) => !isEarly).map(({ character }) => character);
    early += held.length - counting.length;
    expectNothing();
    return counting;
  };

  function expectNothing(): void {
    outgoing = { ...outgoing, echo: NOTHING.echo };
    matched = 0;
    held = [];
  }

  return {
    get echo() {
      return echo;
    },
    get matched() {
      return matched;
    },
    get early() {
      return early;
    },
    expect(next) {
      // A head that gives nothing back never does; an answer may well repeat the request to the byte (Modbus writes).
      outgoing = echo === 'silent' ? { ...next, echo: NOTHING.echo } : { ...next, echo: next.echo.slice() };
      matched = 0;
      held = [];
      early = 0;
    },
    forget() {
      outgoing = NOTHING;
      expectNothing();
    },
    filter(character, now) {
      const isEarly = now < outgoing.answeredFrom;
      const windowEnd = outgoing.endsAt + ECHO_WINDOW_MS;
      if (matched < outgoing.echo.length) {
        const begun = matched > 0 || echo === 'echoes' || now < windowEnd;
        const isExpected = begun && ((character ^ (outgoing.echo[matched] ?? 0)) & outgoing.mask) === 0;
        if (isExpected || (echo === 'echoes' && now < windowEnd)) {
          matched++;
          held.push({ character, isEarly });
          if (matched < outgoing.echo.length) return [];
          echo = 'echoes';
          expectNothing();
          return [];
        }
        // A stray character while we send says nothing of the head, and its echo may go on.
        if (!isEarly) {
          if (echo === 'unknown' && now >= windowEnd) echo = 'silent';
          return [...release(), character];
        }
      }
      if (!isEarly) return [character];
      early++;
      return [];
    },
  };
}

import type { Milliseconds } from '../common/kinds.ts';
import type { Clock } from '../common/clock.ts';
import { ECHO_WINDOW_MS, echoFilter, PARITY_ERROR, type Outgoing } from './echo-filter.ts';
import { hasOddOnes, softwareParity } from './framing.ts';
import type { Accept, Hidden, Line, LineSettings } from './line.ts';
import { parityObserver } from './parity-recognition.ts';
import type { Trace } from './trace.ts';

/** What a line hears: characters with their parity, without the echo, until they are read. */
export interface Ear extends Pick<Line, 'echo' | 'receivedParity' | 'lastReceivedAt' | 'hearsSince'> {
  receive(bytes: Uint8Array): void;
  /** The chip or the system swallowed a character and only says that it was bad. */
  receiveBad(): void;
  /** How many characters came too early to answer what was sent last. */
  readonly early: number;
  send(outgoing: Outgoing, hidden: Hidden): void;
  /** Gives the reader character after character until it is done; its last word, or undefined where there was none. */
  giveTo(accept: Accept): ReturnType<Accept> | undefined;
  /** Resolves when something comes in, on `wake`, or after `ms`. */
  arrival(ms: Milliseconds): Promise<void>;
  wake(): void;
  flush(): void;
  /** What was received before belongs to other settings. */
  beginAnew(): void;
}

export interface EarParts {
  readonly clock: Clock;
  readonly trace: Trace;
  /** False keeps the echo among the received characters. */
  readonly removeEcho: boolean;
  readonly settings: () => LineSettings;
}

/** A waiting read is woken with a reason of our own, so that it is told apart. */
const ARRIVAL = new Error('arrival');

export function createEar({ clock, trace, removeEcho, settings }: EarParts): Ear {
  const echo = echoFilter();
  let parity = parityObserver();
  /** Characters received and not yet read; {@link PARITY_ERROR} flags those whose parity was wrong. */
  let inbox: number[] = [];
  let lastReceivedAt = clock.monotonic();
  let hearsSince = lastReceivedAt;
  let wake: () => void = () => undefined;
  /** Received before something was sent, and not read. */
  let dropped = 0;
  /** Of what was sent last. Up to `until` all that comes may be its echo, however garbled. */
  let secret: { readonly ranges: Hidden; readonly until: number } | undefined;

  /** Takes the echo out; says whether the character has to be hidden because it gives back a secret. */
  function takeIn(character: number, now: Milliseconds): boolean {
    const position = echo.matched;
    const released = removeEcho ? echo.filter(character, now) : [character];
    for (const each of released) inbox.push(each);
    if (!secret) return false;
    if (now < secret.until && echo.echo !== 'silent') return true;
    return released.length === 0 && secret.ranges.some(([start, end]) => position >= start && position < end);
  }

  return {
    get echo() {
      return echo.echo;
    },
    get early() {
      return dropped + echo.early;
    },
    get receivedParity() {
      return parity.verdict();
    },
    get lastReceivedAt() {
      return lastReceivedAt;
    },
    get hearsSince() {
      return hearsSince;
    },
    receive(bytes) {
      const now = clock.monotonic();
      const { baudRate, framing } = settings();
      const bySoftware = softwareParity(framing);
      const shown = new Uint8Array(bytes.length);
      const parityErrors: number[] = [];
      const hidden: number[] = [];
      bytes.forEach((byte, index) => {
        let character = byte;
        if (bySoftware) {
          parity.observe(byte);
          const expectsBit7 = hasOddOnes(byte) === (bySoftware === 'even');
          character = byte & 0x7f;
          if (byte >= 0x80 !== expectsBit7) character |= PARITY_ERROR;
        }
        shown[index] = character & 0xff;
        if (character & PARITY_ERROR) parityErrors.push(index);
        if (takeIn(character, now)) hidden.push(index);
      });
      lastReceivedAt = now;
      trace.received(shown, baudRate, parityErrors, hidden);
      wake();
    },
    receiveBad() {
      lastReceivedAt = clock.monotonic();
      // A flagged NUL keeps its place, as evidence of a wrong rate, noise or a collision.
      takeIn(PARITY_ERROR, lastReceivedAt);
      wake();
    },
    send(outgoing, hidden) {
      dropped = 0;
      if (outgoing.answeredFrom > clock.monotonic()) {
        dropped = inbox.length;
        inbox = [];
      }
      echo.expect(outgoing);
      secret = hidden.length > 0 ? { ranges: hidden, until: outgoing.endsAt + ECHO_WINDOW_MS } : undefined;
    },
    giveTo(accept) {
      let state: ReturnType<Accept> | undefined;
      let taken = 0;
      while (taken < inbox.length && state !== 'done') {
        const character = inbox[taken++] ?? 0;
        state = accept(character & 0xff, (character & PARITY_ERROR) === 0);
      }
      inbox = taken === inbox.length ? [] : inbox.slice(taken);
      return state;
    },
    async arrival(ms) {
      const waiting = new AbortController();
      wake = () => waiting.abort(ARRIVAL);
      try {
        await clock.sleep(ms, waiting.signal);
      } catch (reason) {
        if (reason !== ARRIVAL) throw reason;
      } finally {
        wake = () => undefined;
      }
    },
    wake: () => wake(),
    flush() {
      inbox = [];
    },
    beginAnew() {
      parity = parityObserver();
      inbox = [];
      echo.forget();
      hearsSince = clock.monotonic();
    },
  };
}

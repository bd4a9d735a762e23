import type { PortSettings } from '../line/port.ts';
import type { Clock } from '../common/clock.ts';
import { alarm } from './alarm.ts';
import { endOfCharacterAt, firstCharacter, transmission } from './uart.ts';
import type { ReceivedCharacter, Transmission } from './uart.ts';

/** One direction of a wire: any number of senders, one receiver. */
export interface Channel {
  sender(): Sender;
  /** Receiver on with these settings, or off. What is on the line when it is switched on is lost to the end of the character. */
  listen(settings: PortSettings | undefined): void;
}

export interface Sender {
  /**
   * Puts characters on the line, the first bit at `at` (now unless told) or when earlier ones have left.
   * Returns when the last stop bit ends, in monotonic milliseconds.
   */
  send(bytes: Uint8Array, settings: PortSettings, at?: number): number;
  /** Stops in the middle of the bit; what has not left is lost. */
  cut(): void;
}

export interface ChannelOptions {
  /** How long the first received character waits for more before all are handed over, as in USB adapters. */
  readonly latencyMs: number;
  readonly onReceived: (characters: readonly ReceivedCharacter[]) => void;
}

/** A character that ends within this many milliseconds of now has ended; rounding must not cost a further timer. */
const ROUNDING = 1e-6;

export function channel(clock: Clock, { latencyMs, onReceived }: ChannelOptions): Channel {
  const delivery = alarm(clock);
  let line: Transmission[] = [];
  let receiver: PortSettings | undefined;
  /** Up to here the receiver has made characters of the line. */
  let receivedTo = 0;
  /** When it was switched on, or over. */
  let listensSince = 0;

  function deliver(): void {
    if (!receiver) return;
    const now = clock.monotonic() + ROUNDING;
    const characters: ReceivedCharacter[] = [];
    for (;;) {
      const character = firstCharacter(line, receivedTo, receiver);
      if (!character || character.end > now) break;
      characters.push(character);
      receivedTo = character.ready;
    }
    line = line.filter((sent) => sent.end > receivedTo);
    schedule();
    if (characters.length > 0) onReceived(characters);
  }

  function schedule(): void {
    const next = receiver && firstCharacter(line, receivedTo, receiver);
    if (next) delivery.set(next.end + latencyMs, deliver);
    else delivery.cancel();
  }

  function sender(): Sender {
    let busyUntil = -Infinity;
    let own: Transmission[] = [];
    return {
      send(bytes, settings, at = clock.monotonic()) {
        const sent = transmission(bytes, settings, Math.max(at, busyUntil));
        busyUntil = sent.end;
        const now = clock.monotonic();
        own = [...own.filter((earlier) => earlier.end > now), sent];
        line = [...line.filter((earlier) => receiver !== undefined || earlier.end > now), sent];
        // Who listens already hears all of what a late machine puts on the line only now.
        if (sent.start < listensSince) receivedTo = Math.max(receivedTo, endOfCharacterAt(sent, listensSince));
        schedule();
        return busyUntil;
      },
      cut() {
        const now = clock.monotonic();
        line = line.flatMap((sent) => {
          if (!own.includes(sent) || sent.end <= now) return [sent];
          return sent.start < now ? [{ ...sent, end: now }] : [];
        });
        own = [];
        busyUntil = now;
        schedule();
      },
    };
  }

  return {
    sender,
    listen(settings) {
      // A receiver reconfigured in place keeps what it has got; one switched off does not.
      if (settings) deliver();
      receiver = settings;
      const now = clock.monotonic();
      listensSince = now;
      receivedTo = line.reduce((latest, sent) => Math.max(latest, endOfCharacterAt(sent, now)), now);
      schedule();
    },
  };
}

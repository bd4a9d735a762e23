import type { Milliseconds } from '../common/kinds.ts';
import type { Framing } from './framing.ts';
import type { Trace } from './trace.ts';

export interface LineSettings {
  readonly baudRate: number;
  readonly framing: Framing;
}

/** Ranges of a message, from the first position up to but without the second, that nobody is to see. */
export type Hidden = readonly (readonly [number, number])[];

/**
 * What answers a message. 'after': only what comes when its last bit has left; what came before is set apart (heads print
 * a text when they are opened). 'alike': so, and a good answer repeats it to the byte (Modbus writes): what comes back is
 * taken for an echo only where the head is known to echo. 'anytime': the other side speaks by itself, and all it says counts.
 */
export type Answered = 'after' | 'alike' | 'anytime';

/**
 * A half-duplex byte line over a port, for one turn on it. Every wait has a deadline; nothing here knows a protocol.
 * Everything rejects with a PortError when the port is lost, hangs or refuses. When the turn's signal aborts, the call
 * under way rejects with its reason, or the next one does; what is begun after that has ten seconds, so that a session
 * can be signed off.
 */
export interface Line extends LineSettings {
  /** The turn's signal, for those who have to say why it ended. */
  readonly signal: AbortSignal;
  readonly trace: Trace;
  /** What was learnt of the head: does it echo what is sent? */
  readonly echo: 'unknown' | 'echoes' | 'silent';
  /** What bit 7 of the received characters says, once enough were seen. */
  readonly receivedParity: ReceivedParity;
  /** How many characters came, unread, before what was written last had left the wire: nobody reads them any more. */
  readonly early: number;
  /** Monotonic milliseconds at which the last received byte came in. */
  readonly lastReceivedAt: number;
  /** Monotonic milliseconds since which the port hears with its present settings. */
  readonly hearsSince: number;
  /** Milliseconds this port takes to change its rate, from the last few times; undefined before the first. */
  readonly switchMs: Milliseconds | undefined;
  readonly clock: LineClock;
  /** The same for as long as the adapter stays plugged in: by it is kept what outlasts one line. */
  readonly adapter: object;

  /**
   * Resolves when the last stop bit has left the wire, computed from the baud rate (vzlogger#109, #111). Trace and echo
   * show what is hidden as dots: a password, and the check sum that would betray it.
   */
  write(bytes: Uint8Array, hidden?: Hidden, answered?: Answered): Promise<void>;
  /** Feeds byte after byte to `accept` until it says 'done' or a deadline passes. Bytes after 'done' stay for the next read. */
  read(accept: Accept, deadlines: Deadlines): Promise<ReadEnd>;
  /**
   * Closes and reopens, or reconfigures in place, once what was written has left the wire; signals are restored, bytes
   * received with the old settings are dropped. Nothing is closed where the port's settings stay the same. Rejects with a
   * PortError 'unsupported' where the port can't, and then leaves it as it is.
   */
  change(settings: Partial<LineSettings>): Promise<void>;
  /** Waits, with the line open. */
  pause(ms: Milliseconds): Promise<void>;
  /** Waits for something else, no longer than the turn. */
  until<T>(promise: Promise<T>): Promise<T>;
  /** Drops what was received and not read. */
  flush(): void;
  /** Heeds no signal. Rejects with a PortError 'stuck' where the driver does not let go of the port. */
  close(): Promise<void>;
}

export interface LineClock {
  monotonic(): number;
}

/**
 * Takes one character (parity bit removed under software parity); `parityOk` is false where its parity was wrong.
 * 'enough' means: complete unless more follows within `quietMs` (a readout without STX may still be followed by ETX and BCC).
 */
export type Accept = (byte: number, parityOk: boolean) => 'more' | 'enough' | 'done';

export interface Deadlines {
  /** Longest wait for the first character, from the call. */
  readonly firstByteMs: Milliseconds;
  /** Longest gap between two characters. */
  readonly interByteMs: Milliseconds;
  /** How long to wait for more after 'enough'; by default four characters and 30 ms. */
  readonly quietMs?: Milliseconds;
  /** Longest time for the whole read, if there is a limit. */
  readonly totalMs?: Milliseconds;
}

export type ReadEnd = 'done' | 'no answer' | 'gap' | 'too long';

/** 'even' and 'odd': bit 7 carries that parity; 'none': bit 7 is always 0; 'mark': always 1; 'mixed': noise. */
export type ReceivedParity = 'unknown' | 'even' | 'odd' | 'none' | 'mark' | 'mixed';

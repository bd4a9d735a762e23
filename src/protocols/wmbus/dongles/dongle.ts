/** A USB stick that receives radio telegrams, by what it speaks on its serial port. */

/** 'C+T': both at once, where the stick can. */
export type LinkMode = 'S' | 'T' | 'C' | 'C+T';

export type DongleSaid =
  | {
      readonly kind: 'telegram';
      /** From its L field on, with or without check sums, as the stick gives it. */
      readonly bytes: Uint8Array;
      /** Strength of the signal; absent where the stick does not tell. */
      readonly dBm?: number;
    }
  | {
      readonly kind: 'answer';
      /** Which command it answers, as the stick numbers them. */
      readonly to: number;
      readonly payload: Uint8Array;
    };

/** Takes what comes from the stick byte by byte, and gives what is whole; what is neither is dropped. */
export interface DongleReceiver {
  take(byte: number): DongleSaid | undefined;
  /** After a pause what was begun is given up. */
  reset(): void;
}

/**
 * Sends a request and waits for what answers it; telegrams that come in between are passed on. Undefined where nothing
 * answered in time.
 */
export type Ask = (request: Uint8Array, to: number, waitMs?: number) => Promise<Uint8Array | undefined>;

export interface DongleTalk {
  readonly ask: Ask;
  /** For sticks that need a rest. */
  pause(ms: number): Promise<void>;
}

export interface DongleSetUp {
  /** Firmware and model, as far as the stick says. */
  readonly firmware: string;
  /** How it hears; another one than asked for, where it can't. */
  readonly mode: LinkMode;
  /** What a person ought to know, in sentences. */
  readonly notes: readonly string[];
}

export interface Dongle {
  readonly title: string;
  readonly baudRate: number;
  readonly modes: readonly LinkMode[];
  receiver(): DongleReceiver;
  /** Is it one of these? Changes nothing. */
  identify(talk: DongleTalk): Promise<string | undefined>;
  /** Makes it hear; rejects with a MeterError where it refuses. */
  setUp(talk: DongleTalk, mode: LinkMode): Promise<DongleSetUp>;
  /** Is it there and awake? */
  isAlive(talk: DongleTalk): Promise<boolean>;
}

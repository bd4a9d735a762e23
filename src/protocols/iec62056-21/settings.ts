import { typedSettings, type Values } from '../../common/form.ts';
import type { Framing } from '../../line/framing.ts';
import { iecForm } from './form.ts';

/** The values of `iecForm`, typed. Quoted names: see README.md. */
export interface IecSettings {
  /** 'auto' recognizes A, B, C and E from the identification; 'D' listens without asking. */
  readonly mode: 'auto' | 'A' | 'B' | 'C' | 'D';
  /** 'registers' and 'profile' are asked for in programming mode, which meters of mode C have. */
  readonly read: 'table' | 'registers' | 'profile';
  /** `1.8.0, 2.8.0`; undefined: the usual ones. */
  readonly registers?: string;
  /** Of a table: the read ends once all of these have come; undefined: at its end. */
  readonly until?: string;
  /** What the meter calls its load profile. */
  readonly profile: string;
  /** How far back the profile is read. */
  readonly days: number;
  /** Rate of the first request; 300 by the standard. The address's `@<baud>` wins over it. */
  readonly baudRate: number;
  readonly framing: Framing;
  /** Wait before anything is sent on the port (`poll_delay_ms`). */
  readonly pollDelayMs: number;
  /** Wait before the port is closed (`serial_close_delay`). */
  readonly closeDelayMs: number;
  /** Longest wait for the first character of an answer (`timeout_ms`; the standard's tr is 1500). */
  readonly timeoutMs: number;
  /** Longest gap between two characters (the standard's ta, 1500). */
  readonly interCharacterMs: number;
  /** Wait before the acknowledge in mode C, 200–1500 (`t2`); undefined: 200, or 20 for a fast meter. */
  readonly t2Ms?: number;
  /** Mode C: true refuses the higher rate with `000`. */
  readonly denyHigherRate: boolean;
  /**
   * Wait between the last bit of the acknowledge and the baud switch on top of what the meter's reaction time and the
   * adapter's leave room for; for adapters that hold bytes back.
   */
  readonly switchDelayMs: number;
  /**
   * 'standard': NULs for 2.1–2.3 s, then 1.5–1.7 s of silence; 'immediate': NULs directly followed by the request (UH50,
   * T550).
   */
  readonly wakeUp: 'none' | 'standard' | 'immediate';
  /** How many NULs; undefined: as the profile says. */
  readonly wakeUpNuls?: number;
  readonly blockCheck: BlockCheckPolicy;
  /** Sent between `/?` and `!` in place of the address, or the whole request when it begins with `/`: "/#!". */
  readonly customRequest?: string;
  /** The meter sends no identification: its data comes at this rate right behind the request, which is sent as written. */
  readonly answerRate?: number;
  /** How often the whole dialogue is begun again after a failure, 0–9. */
  readonly retries: number;
  /** Mode D: how long to wait for the meter's next push. */
  readonly listenMs: number;
  /** A read is ended after this time, whatever still comes: a meter that never stops must not keep the port for ever. */
  readonly longestMs: number;
}

/** 'strict': a wrong BCC is repeated, then an error; 'warn': kept with a warning; 'sum7': Energomera's 7-bit sum; 'none': not looked at. */
export type BlockCheckPolicy = 'strict' | 'warn' | 'sum7' | 'none';

export const iecSettings = (values: Values): IecSettings => typedSettings(iecForm, values);

export const defaultIecSettings: IecSettings = iecSettings({});

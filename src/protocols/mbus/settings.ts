import { typedSettings, type Values } from '../../common/form.ts';
import type { MbusBaudRate } from './address.ts';
import { mbusForm } from './form.ts';

/** The values of `mbusForm`, typed. */
export interface MbusSettings {
  /** 8E1 by the standard; 8N1 for level converters that want it. */
  readonly framing: '8E1' | '8N1';
  /** Longest wait for the first character of an answer; undefined: by baud rate, see {@link defaultTimeoutMs}. */
  readonly timeoutMs?: number;
  /** How often a request that got no good answer is sent again, 0–9. */
  readonly retries: number;
  /** A readout in several telegrams ends here at the latest. */
  readonly maxTelegrams: number;
  /** Ask for class 1 data (alarms) before the values. */
  readonly requestUd1: boolean;
  /** Application reset (CI 50) before the values: for meters that only then begin with their first telegram. */
  readonly applicationReset: boolean;
  /** The same with a subcode, 0–255. */
  readonly resetSubcode?: number;
  /** A sleeping meter behind an optical head is woken first. */
  readonly wakeUp: boolean;
  /** What is sent before the values are asked for. */
  readonly firstSend: 'nothing' | 'eastron-instantaneous' | 'abb-previous' | 'abb-profile' | 'abb-log' | 'own';
  /** Hexadecimal, CI field first, semicolons between requests. */
  readonly ownRequests?: string;
  /** What of it a person has agreed to. */
  readonly firstSendAgreed?: string;
}

export const mbusSettings = (values: Values): MbusSettings => typedSettings(mbusForm, values);

export const defaultMbusSettings: MbusSettings = mbusSettings({});

/**
 * Latest start of an answer by EN 13757-2: 330 bit times and 50 ms after the request. A search waits no longer, because
 * most of its time is silence.
 */
export function answerLimitMs(baudRate: number): number {
  return 50 + 330_000 / baudRate;
}

/** Room for the adapter (100 ms) and for meters slower than the standard (1.1–2 s are seen: libmbus#121, #186). */
const TIMEOUTS: Readonly<Record<MbusBaudRate, number>> = {
  300: 1500,
  600: 900,
  1200: 650,
  2400: 500,
  4800: 400,
  9600: 350,
  19200: 300,
  38400: 300,
};

export function defaultTimeoutMs(baudRate: number): number {
  const known: Readonly<Record<number, number>> = TIMEOUTS;
  return known[baudRate] ?? answerLimitMs(baudRate) + 300;
}

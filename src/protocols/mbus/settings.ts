import { framingOf } from '../../line/framing.ts';
import type { PortSettings } from '../../line/port.ts';
import type { Knobs } from '../protocol.ts';
import type { MbusBaudRate } from './address.ts';

/** Knobs of one meter; every one has a default that suits most meters. */
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
  /** Application reset (CI 50) before the values: for meters that only then begin with their first telegram; a number is the subcode. */
  readonly applicationReset: 'none' | 'plain' | number;
}

export const defaultMbusSettings: MbusSettings = {
  framing: '8E1',
  retries: 2,
  maxTelegrams: 20,
  requestUd1: false,
  applicationReset: 'none',
};

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

/** Whole settings from stored knobs; the port's framing holds where no knob says otherwise and it is one of M-Bus. */
export function mbusSettingsFrom(knobs: Knobs, port: PortSettings): MbusSettings {
  const d = defaultMbusSettings;
  const whole = (name: string, least: number, most: number) => {
    const value = knobs[name];
    return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : undefined;
  };
  const { framing, requestUd1, applicationReset } = knobs;
  const timeoutMs = whole('timeoutMs', 50, 60_000);
  return {
    framing: framing === '8E1' || framing === '8N1' ? framing : framingOf(port) === '8N1' ? '8N1' : '8E1',
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    retries: whole('retries', 0, 9) ?? d.retries,
    maxTelegrams: whole('maxTelegrams', 1, 250) ?? d.maxTelegrams,
    requestUd1: typeof requestUd1 === 'boolean' ? requestUd1 : d.requestUd1,
    applicationReset: applicationReset === true ? 'plain' : (whole('applicationReset', 0, 255) ?? d.applicationReset),
  };
}

/** The flat form of what differs from the defaults. */
export function mbusKnobs(settings: Partial<MbusSettings>): Knobs {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]): [string, string | number | boolean][] => {
      if (value === undefined || value === defaultMbusSettings[name as keyof MbusSettings]) return [];
      return [[name, value === 'plain' ? true : value]];
    }),
  );
}

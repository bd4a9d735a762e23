import type { MeterProtocol } from '../protocol.ts';
import { parseIecAddress, type IecAddress } from './address.ts';
import { iecErrors } from './errors.ts';
import { iecSettingsFrom } from './knobs.ts';
import type { IecSettings } from './settings.ts';

/** Mode D is 2400 Bd by the standard; a rate set by hand or in the address wins. */
const PUSH_RATE = 2400;
const FIRST_RATE = 300;
/** It waits for a NAK for the reader's longest reaction time, 1500 ms, before it is back at its first rate (6.3.13). */
const REST_MS = 1600;

export const iec62056: MeterProtocol<IecAddress, IecSettings> = {
  name: 'IEC62056-21',
  number: 1,
  errors: iecErrors,
  parseAddress: parseIecAddress,
  settingsFrom: iecSettingsFrom,
  lineSettings: ({ baudRate }, settings) => ({
    baudRate: baudRate ?? (settings.mode === 'D' && settings.baudRate === FIRST_RATE ? PUSH_RATE : settings.baudRate),
    framing: settings.framing,
  }),
  // Modes A and D stay at one rate.
  restMs: ({ data, circumstances: { mode } = {} }) => (data !== '' && (mode === 'B' || mode === 'C') ? REST_MS : 0),
  // Loaded with the first read: a first visit does not wait for it.
  read: async (...args) => (await import('./session.ts')).readIec(...args),
};

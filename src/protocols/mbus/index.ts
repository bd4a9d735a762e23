import type { MeterProtocol } from '../protocol.ts';
import { parseMbusAddress, type MbusAddress } from './address.ts';
import { mbusErrors } from './errors.ts';
import { mbusSettingsFrom, type MbusSettings } from './settings.ts';

/** Wired M-Bus, EN 13757-2 and -3. */
export const mbus: MeterProtocol<MbusAddress, MbusSettings> = {
  name: 'MBUS',
  number: 2,
  errors: mbusErrors,
  parseAddress: parseMbusAddress,
  settingsFrom: mbusSettingsFrom,
  lineSettings: ({ baudRate }, { framing }) => ({ baudRate, framing }),
  // Loaded with the first read: most heads are optical ones.
  read: async (...args) => (await import('./session.ts')).readMbus(...args),
};

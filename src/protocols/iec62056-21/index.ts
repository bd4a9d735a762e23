import type { MeterProtocol } from '../common/protocol.ts';
import { parseIecAddress, type IecAddress } from './address.ts';
import { iecErrors } from './errors.ts';
import { iecSettingsFrom } from './knobs.ts';
import { readIec } from './session.ts';
import type { IecSettings } from './settings.ts';

/** Mode D is 2400 Bd by the standard; a rate set by hand or in the address wins. */
const PUSH_RATE = 2400;
const FIRST_RATE = 300;

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
  read: readIec,
};

import { formatOf } from './framing.ts';
import { PortError, type PortCapabilities, type PortSettings } from './port.ts';

const inWords = (settings: PortSettings) => `${settings.baudRate} Bd ${formatOf(settings)}`;

/** Why a port can't be set like that: what is wanted, what it can, and what to do; undefined where it can. */
export function refusal(
  label: string,
  { reconfigure, fixed, formats }: PortCapabilities,
  wanted: PortSettings,
): PortError | undefined {
  const text = inWords(wanted);
  if (reconfigure === 'unavailable' && fixed && inWords(fixed) !== text) {
    return new PortError('unsupported', `The meter wants ${text}; ${label} stays at ${inWords(fixed)}.`, [
      `Set the gateway or converter to ${text}.`,
      'If it has to stay as it is, choose a rate in the meter settings that the meter and the gateway share.',
    ]);
  }
  if (!formats || formats.includes(formatOf(wanted))) return undefined;
  return new PortError('unsupported', `The meter wants ${text}; ${label} can do ${formats.join(', ')} only.`, [
    formats.includes('8N1') && wanted.dataBits === 7
      ? 'Choose 7E1 without the chip’s help in the meter settings: it goes over eight bits.'
      : 'Use another adapter, or set the meter to another framing.',
  ]);
}

import type { Meter } from '../../ams/meter.ts';
import type { PortState, ReadRequest } from '../../engine/api.ts';
import type { PortSettings } from '../../line/port.ts';
import type { Knobs } from '../../protocols/protocol.ts';
import { iecKnobs, iecSettingsFrom } from '../../protocols/iec62056-21/knobs.ts';
import type { IecSettings } from '../../protocols/iec62056-21/settings.ts';
import { mbusKnobs, mbusSettingsFrom, type MbusSettings } from '../../protocols/mbus/settings.ts';
import { changedSettings } from '../read/meter-settings.ts';

/** A meter's knobs as the engine will use them, and what they would be if nobody had turned any. */
export interface MeterKnobs {
  readonly settings: IecSettings;
  readonly defaults: IecSettings;
}

/**
 * @param suggested what the port says of itself: a simulated meter's own way
 * @param port the line settings of its number in the ports table
 */
export function knobsOfMeter({ learned = {} }: Meter, suggested: Knobs, port: PortSettings): MeterKnobs {
  return { settings: iecSettingsFrom({ ...suggested, ...learned }, port), defaults: knobDefaults(suggested, port) };
}

/** What a meter on this port is read with when nobody turned a knob. */
export function knobDefaults(suggested: Knobs, port: PortSettings): IecSettings {
  return iecSettingsFrom(suggested, port);
}

/** The flat form of what differs, for the meter to keep. What a dialogue learned is no knob and stays as it was. */
export function learnedFrom(settings: IecSettings, defaults: IecSettings, before: Meter['learned']): Knobs {
  const { wakeUp, ...changes } = changedSettings(settings, defaults);
  const flat = Object.entries(changes).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
  );
  const staysAtFirstRate = before?.['staysAtFirstRate'];
  return {
    ...Object.fromEntries(flat),
    ...(wakeUp ? { wakeUp: wakeUp.profile } : {}),
    ...(wakeUp?.nuls === undefined ? {} : { wakeUpNuls: wakeUp.nuls }),
    ...(staysAtFirstRate === undefined ? {} : { staysAtFirstRate }),
  };
}

/** How a simulated port's own meter wants to be read; nothing for a head, which can be on any meter. */
export function suggestedKnobs(port: PortState | undefined): Knobs {
  const suggested = port?.suggested;
  if (!suggested) return {};
  return suggested.protocol === 'MBUS' ? mbusKnobs(suggested.settings) : iecKnobs(suggested.settings);
}

/** The flat form for the meter to keep; the framing also where it is the standard's and the port has another. */
export function mbusLearned(settings: MbusSettings, port: PortSettings): Knobs {
  const { framing } = settings;
  return { ...mbusKnobs(settings), ...(framing === mbusSettingsFrom({}, port).framing ? {} : { framing }) };
}

/** What a read that worked teaches of its meter, once that is in the list. */
export function learnedOfRead(request: ReadRequest, suggested: Knobs, port: PortSettings): Knobs {
  if (request.protocol === 'MBUS') return mbusLearned(request.settings, port);
  return learnedFrom(request.settings, knobDefaults(suggested, port), undefined);
}

import { MBUS_BAUD_RATES, parseMbusAddress, formatMbusAddress } from '../../protocols/mbus/address.ts';
import type { MbusBaudRate } from '../../protocols/mbus/address.ts';
import { mbusKnobs, mbusSettingsFrom } from '../../protocols/mbus/settings.ts';
import type { MbusSettings } from '../../protocols/mbus/settings.ts';
import { MeterError } from '../../common/meter-error.ts';
import type { Knobs } from '../../protocols/protocol.ts';
import { loadStored, saveStored } from '../components/stored.ts';

export const mbusFramings = [
  ['8E1', '8E1 (the standard)'],
  ['8N1', '8N1 (some level converters)'],
] as const satisfies readonly (readonly [MbusSettings['framing'], string])[];

export const mbusRates = MBUS_BAUD_RATES.map((rate) => [rate, `${rate} Bd`] as const);

const KEY = 'mbus-settings';
/** As EN 13757-2 has it, where a port says nothing of its own. */
const standardLine = { baudRate: 2400, dataBits: 8, stopBits: 1, parity: 'even' } as const;

export function loadMbusSettings(portId: string): MbusSettings {
  return mbusSettingsFrom(loadAll()[portId] ?? {}, standardLine);
}

/** Keeps what differs from the defaults, so that a better default reaches everybody. */
export function saveMbusSettings(portId: string, settings: MbusSettings): void {
  const knobs = mbusKnobs(settings);
  const { [portId]: _, ...others } = loadAll();
  saveStored(KEY, Object.keys(knobs).length === 0 ? others : { ...others, [portId]: knobs });
}

function loadAll(): Readonly<Record<string, Knobs>> {
  return loadStored(KEY, (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, Knobs>) : {},
  );
}

/** Why a text is no M-Bus address, in words; empty for one that is. */
export function mbusAddressFault(text: string): string {
  if (text === '') return 'M-Bus needs an address: 0 to 250, or * and eight digits.';
  try {
    parseMbusAddress(text);
    return '';
  } catch (error) {
    if (error instanceof MeterError) return error.message;
    throw error;
  }
}

/** The rate an address asks at; undefined for a text that is no address. */
export function mbusRateOf(text: string): MbusBaudRate | undefined {
  return mbusAddressFault(text) === '' ? parseMbusAddress(text).baudRate : undefined;
}

/** The same meter asked at another rate. */
export function atRate(text: string, baudRate: MbusBaudRate): string {
  return mbusAddressFault(text) === '' ? formatMbusAddress({ ...parseMbusAddress(text), baudRate }) : text;
}

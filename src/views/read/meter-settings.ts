import { defaultIecSettings } from '../../protocols/iec62056-21/settings.ts';
import type { IecSettings } from '../../protocols/iec62056-21/settings.ts';
import { loadStored, saveStored } from '../components/stored.ts';

export const modes = [
  ['auto', 'Recognize (A, B, C, E)'],
  ['A', 'A · stays at its rate'],
  ['B', 'B · switches by itself'],
  ['C', 'C · negotiates the rate'],
  ['D', 'D · sends by itself'],
] as const satisfies readonly (readonly [IecSettings['mode'], string])[];

export const baudRates = [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200] as const;

export const framings = [
  ['7E1', '7E1 (by software)'],
  ['7E1 hardware', '7E1 (by the chip)'],
  ['7O1', '7O1'],
  ['7N1', '7N1'],
  ['8N1', '8N1'],
  ['8E1', '8E1'],
  ['8O1', '8O1'],
  ['8N2', '8N2'],
] as const satisfies readonly (readonly [IecSettings['framing'], string])[];

export const wakeUpProfiles = [
  ['none', 'None'],
  ['standard', 'Standard: 2.2 s of NUL, then a pause'],
  ['immediate', 'Immediate: NULs, then the request (UH50, T550)'],
] as const satisfies readonly (readonly [IecSettings['wakeUp']['profile'], string])[];

export const blockChecks = [
  ['strict', 'Strict: ask again, then fail'],
  ['warn', 'Warn and keep the data'],
  ['sum7', 'Seven-bit sum (Energomera)'],
  ['none', 'Not looked at'],
] as const satisfies readonly (readonly [IecSettings['blockCheck'], string])[];

/** What differs from the defaults; only that is stored, so that a better default reaches everybody. */
export type ChangedSettings = Partial<IecSettings>;

const KEY = 'meter-settings';

/** The knobs last used on a port, with defaults for whatever is missing or no longer makes sense. */
export function loadSettings(portId: string, defaults: IecSettings): IecSettings {
  return parseSettings(loadAll()[portId], defaults);
}

export function saveSettings(portId: string, settings: IecSettings, defaults: IecSettings): void {
  const changes = changedSettings(settings, defaults);
  const { [portId]: _, ...others } = loadAll();
  saveStored(KEY, Object.keys(changes).length === 0 ? others : { ...others, [portId]: changes });
}

export function changedSettings(settings: IecSettings, defaults: IecSettings): ChangedSettings {
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(defaults[key as keyof IecSettings]),
    ),
  );
}

/** Settings from stored JSON of any shape: what does not fit falls back to its default. */
export function parseSettings(stored: unknown, d: IecSettings = defaultIecSettings): IecSettings {
  const from = isRecord(stored) ? stored : {};
  const wake = isRecord(from['wakeUp']) ? from['wakeUp'] : { ...d.wakeUp };
  const nuls = wholeNumber(wake['nuls'], 1, 500);
  const t2Ms = wholeNumber(from['t2Ms'], 20, 1500) ?? d.t2Ms;
  const customRequest = 'customRequest' in from ? from['customRequest'] : d.customRequest;
  return {
    mode: oneOf(modes, from['mode']) ?? d.mode,
    baudRate: baudRates.find((rate) => rate === from['baudRate']) ?? d.baudRate,
    framing: oneOf(framings, from['framing']) ?? d.framing,
    pollDelayMs: wholeNumber(from['pollDelayMs'], 0, 60_000) ?? d.pollDelayMs,
    closeDelayMs: wholeNumber(from['closeDelayMs'], 0, 60_000) ?? d.closeDelayMs,
    timeoutMs: wholeNumber(from['timeoutMs'], 100, 60_000) ?? d.timeoutMs,
    interCharacterMs: wholeNumber(from['interCharacterMs'], 20, 60_000) ?? d.interCharacterMs,
    ...(t2Ms === undefined ? {} : { t2Ms }),
    denyHigherRate: typeof from['denyHigherRate'] === 'boolean' ? from['denyHigherRate'] : d.denyHigherRate,
    switchDelayMs: wholeNumber(from['switchDelayMs'], 0, 1000) ?? d.switchDelayMs,
    wakeUp: {
      profile: oneOf(wakeUpProfiles, wake['profile']) ?? d.wakeUp.profile,
      ...(nuls === undefined ? {} : { nuls }),
    },
    blockCheck: oneOf(blockChecks, from['blockCheck']) ?? d.blockCheck,
    ...(typeof customRequest === 'string' && customRequest !== '' ? { customRequest } : {}),
    retries: wholeNumber(from['retries'], 0, 9) ?? d.retries,
    listenMs: wholeNumber(from['listenMs'], 1000, 600_000) ?? d.listenMs,
    longestMs: wholeNumber(from['longestMs'], 10_000, 7_200_000) ?? d.longestMs,
  };
}

function loadAll(): Readonly<Record<string, unknown>> {
  return loadStored(KEY, (value) => (isRecord(value) ? value : {}));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function oneOf<T extends string>(choices: readonly (readonly [T, string])[], value: unknown): T | undefined {
  return choices.find(([choice]) => choice === value)?.[0];
}

function wholeNumber(value: unknown, least: number, most: number): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : undefined;
}

import { framingOf, type Framing } from '../../line/framing.ts';
import type { PortSettings } from '../../line/port.ts';
import type { Knobs } from '../protocol.ts';
import { defaultIecSettings, type IecSettings } from './settings.ts';

const modes = ['auto', 'A', 'B', 'C', 'D'] as const satisfies readonly IecSettings['mode'][];
const framings = [
  '7E1',
  '7E1 hardware',
  '7O1',
  '7N1',
  '8N1',
  '8E1',
  '8O1',
  '8N2',
] as const satisfies readonly Framing[];
const wakeUps = ['none', 'standard', 'immediate'] as const satisfies readonly IecSettings['wakeUp']['profile'][];
const blockChecks = ['strict', 'warn', 'sum7', 'none'] as const satisfies readonly IecSettings['blockCheck'][];

/** Whole settings from stored knobs; the port's rate and framing hold where no knob says otherwise. */
export function iecSettingsFrom(knobs: Knobs, port: PortSettings): IecSettings {
  const d = defaultIecSettings;
  const whole = (name: string, least: number, most: number) => {
    const value = knobs[name];
    return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : undefined;
  };
  const oneOf = <T extends string>(name: string, choices: readonly T[]) =>
    choices.find((choice) => choice === knobs[name]);
  const t2Ms = whole('t2Ms', 20, 1500);
  const nuls = whole('wakeUpNuls', 1, 500);
  const { customRequest, denyHigherRate } = knobs;
  return {
    mode: oneOf('mode', modes) ?? d.mode,
    baudRate: whole('baudRate', 110, 230_400) ?? port.baudRate,
    framing: oneOf('framing', framings) ?? framingOf(port),
    pollDelayMs: whole('pollDelayMs', 0, 60_000) ?? d.pollDelayMs,
    closeDelayMs: whole('closeDelayMs', 0, 60_000) ?? d.closeDelayMs,
    timeoutMs: whole('timeoutMs', 100, 60_000) ?? d.timeoutMs,
    interCharacterMs: whole('interCharacterMs', 20, 60_000) ?? d.interCharacterMs,
    ...(t2Ms === undefined ? {} : { t2Ms }),
    denyHigherRate: typeof denyHigherRate === 'boolean' ? denyHigherRate : d.denyHigherRate,
    switchDelayMs: whole('switchDelayMs', 0, 1000) ?? d.switchDelayMs,
    wakeUp: { profile: oneOf('wakeUp', wakeUps) ?? d.wakeUp.profile, ...(nuls === undefined ? {} : { nuls }) },
    blockCheck: oneOf('blockCheck', blockChecks) ?? d.blockCheck,
    ...(typeof customRequest === 'string' && customRequest !== '' ? { customRequest } : {}),
    retries: whole('retries', 0, 9) ?? d.retries,
    listenMs: whole('listenMs', 1000, 600_000) ?? d.listenMs,
    longestMs: whole('longestMs', 10_000, 7_200_000) ?? d.longestMs,
  };
}

/** The flat form of what differs from the defaults. */
export function iecKnobs(settings: Partial<IecSettings>): Knobs {
  const { wakeUp, ...flat } = settings;
  const changed = Object.entries(flat).filter(
    (entry): entry is [string, string | number | boolean] =>
      entry[1] !== undefined && entry[1] !== defaultIecSettings[entry[0] as keyof IecSettings],
  );
  return {
    ...Object.fromEntries(changed),
    ...(wakeUp && wakeUp.profile !== 'none' ? { wakeUp: wakeUp.profile } : {}),
    ...(wakeUp?.nuls === undefined ? {} : { wakeUpNuls: wakeUp.nuls }),
  };
}

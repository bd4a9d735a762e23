import type { IecSettings } from '../../protocols/iec62056-21/settings.ts';
import type { Remedy } from './problem.ts';

/** How long the slowest meters have needed, ms. */
const PATIENT = { timeoutMs: 5000, interCharacterMs: 4000 };

/** What a remedy changes, and what its button says. */
export interface OfferedRemedy {
  readonly remedy: Remedy;
  readonly words: string;
  readonly changes?: Partial<IecSettings>;
}

/** Remedies worth a button: what is in force already, or would change nothing, is none. In the order given. */
export function offeredRemedies(
  remedies: readonly Remedy[],
  settings: IecSettings,
  address: string,
): readonly OfferedRemedy[] {
  return remedies.flatMap((remedy) => offered(remedy, settings, address) ?? []);
}

function offered(remedy: Remedy, settings: IecSettings, address: string): OfferedRemedy | undefined {
  switch (remedy) {
    case 'again':
      return { remedy, words: 'Try again' };
    case 'no address':
      return bareAddress(address) === '' ? undefined : { remedy, words: 'Without the address' };
    case 'wake':
      return wakeUp(settings);
    case 'rates':
      return { remedy, words: 'Other rates' };
    case 'stay':
      return settings.denyHigherRate || /%R/i.test(address)
        ? undefined
        : {
            remedy,
            words: `Stay at ${rateIn(address) ?? settings.baudRate} Bd`,
            changes: { denyHigherRate: true },
          };
    case 'keep':
      return settings.blockCheck === 'warn' || settings.blockCheck === 'none'
        ? undefined
        : { remedy, words: 'Read and only warn', changes: { blockCheck: 'warn' } };
    case 'wait':
      return patience(settings);
    case 'address':
      return { remedy, words: 'Change the address' };
    case 'head check':
      return { remedy, words: 'Head check' };
    case 'find':
      return undefined;
  }
}

function wakeUp({ mode, wakeUp: { profile } }: IecSettings): OfferedRemedy | undefined {
  // Nothing is sent to a meter that pushes.
  if (profile === 'immediate' || mode === 'D') return undefined;
  return profile === 'none'
    ? { remedy: 'wake', words: 'Try waking', changes: { wakeUp: { profile: 'standard' } } }
    : { remedy: 'wake', words: 'Wake without a pause', changes: { wakeUp: { profile: 'immediate' } } };
}

function patience({ timeoutMs, interCharacterMs }: IecSettings): OfferedRemedy | undefined {
  const changes = {
    timeoutMs: Math.max(timeoutMs, PATIENT.timeoutMs),
    interCharacterMs: Math.max(interCharacterMs, PATIENT.interCharacterMs),
  };
  const same = changes.timeoutMs === timeoutMs && changes.interCharacterMs === interCharacterMs;
  return same ? undefined : { remedy: 'wait', words: 'Wait longer', changes };
}

/** First rate in the address, Bd, which wins over the setting; undefined where it states none. */
export function rateIn(address: string): number | undefined {
  const rate = /@(\d+)/.exec(address)?.[1];
  return rate === undefined ? undefined : Number(rate);
}

/** The address without the meter's number: rate and switches stay. */
export function withoutNumber(address: string): string {
  return /[@%].*$/s.exec(address)?.[0] ?? '';
}

/** The same address at another first rate; undefined where the rate is a setting. */
export function atFirstRate(address: string, rate: number): string | undefined {
  return rateIn(address) === undefined ? undefined : address.replace(/@\d+/, `@${rate}`);
}

function bareAddress(address: string): string {
  return address.replace(/[@%].*$/s, '').trim();
}

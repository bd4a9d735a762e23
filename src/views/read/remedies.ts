import type { Remedy } from '../../common/error-row.ts';
import type { Values } from '../../common/form.ts';
import type { Circumstances } from '../../common/readout.ts';
import { numberIn, rateOf } from '../../protocols/address-text.ts';
import type { Protocol } from '../../protocols/protocol.ts';

/** What was read, or not, and how. */
export interface Tried {
  readonly protocol: Protocol;
  readonly address: string;
  /** Every setting that holds. */
  readonly settings: Values;
  readonly circumstances?: Circumstances;
}

/** A remedy worth a button. */
export interface OfferedRemedy {
  readonly remedy: Remedy;
  readonly words: string;
  /** Settings it reads again with, if any. */
  readonly changes: Values;
}

/** What is in force already, or would change nothing, is none. In the order given. */
export function offeredRemedies(remedies: readonly Remedy[], tried: Tried): readonly OfferedRemedy[] {
  return remedies.flatMap((remedy) => {
    if (!applies(remedy, tried)) return [];
    const changes = changesOf(remedy, tried.settings);
    const isChange = remedy.set !== undefined || remedy.atLeast !== undefined;
    if (isChange && Object.keys(changes).length === 0) return [];
    return [{ remedy, words: remedy.label.replace('{rate}', rateText(tried)), changes }];
  });
}

function applies(
  { where = {}, seen, unless, go }: Remedy,
  { protocol, address, settings, circumstances }: Tried,
): boolean {
  if (seen !== undefined && circumstances?.[seen] !== true) return false;
  if (unless !== undefined && new RegExp(unless, 'i').test(address)) return false;
  if (go === 'any meter' && numberIn(protocol.address, address) === '') return false;
  return Object.entries(where).every(([key, values]) => values.includes(settings[key] ?? ''));
}

/** Only what differs; a figure to be raised is never lowered. */
function changesOf({ set = {}, atLeast = {} }: Remedy, settings: Values): Values {
  const raised = Object.entries(atLeast).filter(([key, least]) => Number(settings[key] ?? 0) < least);
  const changed = Object.entries(set).filter(([key, value]) => settings[key] !== value);
  return Object.fromEntries([...changed, ...raised]);
}

/** "300 Bd", with a space that does not break. */
export function rateText({ protocol, address, settings }: Tried): string {
  const rate = rateOf(protocol, address, settings);
  return rate === undefined ? 'its rate' : `${rate}\u00a0Bd`;
}

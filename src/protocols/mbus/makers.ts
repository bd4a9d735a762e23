import { COMBINABLE_VIFES } from './vif-combinable.ts';
import type { VifMeaning } from './vif-meaning.ts';
import { onPhase } from './vif.ts';

/** Their manuals number the conductors so: by the code behind FF, from 1 on. */
const PHASED: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['ABB', ['L1', 'L2', 'L3', 'N', 'L1–L2', 'L3–L2', 'L1–L3']],
  ...['EMU', 'IME', 'SBC', 'SEC'].map((maker) => [maker, ['L1', 'L2', 'L3']] as const),
]);
/** Behind their own VIFEs comes one more, the status of the record: good, or one of two that say there is no value. */
const ENDING_WITH_STATUS = new Set(['ABB']);
const STATUSES = [0x00, 0x15, 0x18];
/** Subunit 2 counts reactive energy, under the VIF of active energy. */
const REACTIVE_SUBUNIT = 2;
const WITH_REACTIVE_SUBUNIT = new Set(['ABB', 'IME']);

/** What a value means where its maker has given VIFEs and subunits a meaning that no standard has. */
export function asMakerMeans(meaning: VifMeaning, maker: string, subunit: number): VifMeaning {
  let meant = meaning;
  if (meaning.own) meant = withOwn(meaning, meaning.own, maker);
  return subunit === REACTIVE_SUBUNIT && WITH_REACTIVE_SUBUNIT.has(maker) ? reactive(meant, maker) : meant;
}

function withOwn(meaning: VifMeaning, own: NonNullable<VifMeaning['own']>, maker: string): VifMeaning {
  const last = own.codes.at(-1) ?? 0;
  const hasStatus = ENDING_WITH_STATUS.has(maker) && STATUSES.includes(last);
  const status = hasStatus ? COMBINABLE_VIFES[last] : undefined;
  const codes = hasStatus ? own.codes.slice(0, -1) : own.codes;
  const [code = 0] = codes;
  const conductor = codes.length === 1 ? PHASED.get(maker)?.[code - 1] : undefined;
  const failed = status?.effect === 'failure' ? { failed: true, note: `the meter reports: ${status.text}` } : {};
  if (conductor === undefined) return { ...meaning, ...failed };
  const phase = code === 1 || code === 2 || code === 3 ? onPhase(own.register, code) : '';
  const note = `${conductor} as ${maker} numbers it`;
  return { ...meaning, quantity: `${meaning.quantity}, ${conductor}`, register: phase, note, ...failed };
}

function reactive(meaning: VifMeaning, maker: string): VifMeaning {
  const unit = /^(k|M)?(Wh|W)$/.exec(meaning.unit);
  const quantity = /^(Energy|Power)\b(.*)$/.exec(meaning.quantity);
  if (!unit || !quantity) return meaning;
  const note = `subunit 2 is reactive at ${maker}`;
  return {
    ...meaning,
    quantity: `Reactive ${(quantity[1] ?? '').toLowerCase()}${quantity[2] ?? ''}`,
    unit: `${unit[1] ?? ''}${unit[2] === 'Wh' ? 'varh' : 'var'}`,
    register: '',
    note: meaning.note === '' ? note : `${meaning.note}; ${note}`,
  };
}

import type { Milliseconds } from '../common/kinds.ts';
import type { AmsConfiguration } from './ams-store.ts';
import { addMeter, MAX_METERS } from './meter-list.ts';
import type { Checked, Meter, MeterDraft } from './meter.ts';
import type { ListedProtocols } from './listed-protocols.ts';

/** Takes the meters of these ids out and adds others at the end; where one of them is refused, says why. */
export function replaceMeters(
  before: AmsConfiguration,
  ids: readonly string[],
  drafts: readonly MeterDraft[],
  registry: ListedProtocols,
  now: Milliseconds,
): Checked<AmsConfiguration> {
  let { nextMeterNumber } = before;
  let meters = before.meters.filter(({ id }) => !ids.includes(id));
  for (const draft of drafts) {
    const checked = addMeter(meters, draft, registry, { id: (nextMeterNumber++).toString(), now });
    if (!checked.ok) return checked;
    meters = [...checked.value];
  }
  return { ok: true, value: { ...before, meters, nextMeterNumber } };
}

/**
 * Adds meters of a file; `problems` tells of those that are refused. Always under numbers of our own: one from the file
 * may be in the list, or in records of a meter that was.
 */
export function addAllThatFit(
  before: AmsConfiguration,
  drafts: readonly MeterDraft[],
  registry: ListedProtocols,
  now: Milliseconds,
): { readonly configuration: AmsConfiguration; readonly added: number; readonly problems: readonly string[] } {
  let configuration = before;
  const problems: string[] = [];
  for (const draft of drafts) {
    const checked = replaceMeters(configuration, [], [draft], registry, now);
    if (checked.ok) configuration = checked.value;
    else {
      const { kind, message } = checked.fault;
      const room = `No room for ${draft.address}: the list holds ${MAX_METERS} meters.`;
      problems.push(kind === 'list full' ? room : `${draft.address}: ${message}`);
    }
  }
  return { configuration, added: configuration.meters.length - before.meters.length, problems };
}

/** Meters that `next` no longer asks for the slots they have had: gone, off, of another interval, or the whole schedule off. */
export function owingNoMore(before: AmsConfiguration, next: AmsConfiguration): readonly string[] {
  const isKept = ({ id, since, enabled }: Meter) => {
    const after = next.enabledSince === undefined ? undefined : next.meters.find((meter) => meter.id === id);
    return after?.since === since && (after.enabled || !enabled);
  };
  return before.meters.filter((meter) => !isKept(meter)).map(({ id }) => id);
}

import { type Interval, parseInterval } from './intervals.ts';
import { checkMeter, fault, type Checked, type Meter, type MeterDraft } from './meter.ts';
import type { ListedProtocols } from './listed-protocols.ts';

/**
 * The device list. All operations leave the given list as it is and give a new one, or say why not.
 * An index is the 1-based position, as in AT^SCAMS?; it moves when a meter before it is removed.
 */
export type MeterList = readonly Meter[];

/** As many as the SmartCOM keeps (its manual, 3.8), although its answer to AT^SCAMS=? still says 1-32. */
export const MAX_METERS = 64;

export interface NewMeter {
  /** Unique in the list. */
  readonly id: string;
  /** Milliseconds; slots before it are not owed. */
  readonly now: number;
}

export function addMeter(
  list: MeterList,
  draft: MeterDraft,
  registry: ListedProtocols,
  { id, now }: NewMeter,
): Checked<MeterList> {
  if (list.length >= MAX_METERS) return fault('list full', `The list holds ${MAX_METERS} meters and is full.`);
  const checked = checkMeter(draft, registry);
  return checked.ok ? { ok: true, value: [...list, { ...checked.value, id, since: now }] } : checked;
}

/** Changes what `change` names of the meter at `index` and checks the whole again. */
export function changeMeter(
  list: MeterList,
  index: number,
  change: Partial<MeterDraft>,
  registry: ListedProtocols,
  now: number,
): Checked<MeterList> {
  const meter = list[index - 1];
  if (!meter) return noSuchMeter(index);
  const { learnt, ...others } = meter;
  const { protocol, address } = { ...meter, ...change };
  // Habits are those of the one meter.
  const isSame = protocol === meter.protocol && address === meter.address;
  const checked = checkMeter({ ...others, ...(learnt && isSame ? { learnt } : {}), ...change }, registry);
  if (!checked.ok) return checked;
  const { interval, enabled } = checked.value;
  // A new interval has new slots, and slots that passed while the meter was off were not owed.
  const since = interval !== meter.interval || (enabled && !meter.enabled) ? now : meter.since;
  return { ok: true, value: list.with(index - 1, { ...checked.value, id: meter.id, since }) };
}

export function removeMeter(list: MeterList, index: number): Checked<MeterList> {
  return list[index - 1] ? { ok: true, value: list.toSpliced(index - 1, 1) } : noSuchMeter(index);
}

/** Takes the meter at `from` out and puts it in at `to`. */
export function moveMeter(list: MeterList, from: number, to: number): Checked<MeterList> {
  const meter = list[from - 1];
  if (!meter) return noSuchMeter(from);
  if (!list[to - 1]) return noSuchMeter(to);
  return { ok: true, value: list.toSpliced(from - 1, 1).toSpliced(to - 1, 0, meter) };
}

/** DEV_INTERVAL: one meter by its index, or 'ALL'. */
export function setMeterInterval(
  list: MeterList,
  which: number | 'ALL',
  interval: string,
  now: number,
): Checked<MeterList> {
  const parsed = parseInterval(interval);
  if (!parsed) return fault('interval', `${JSON.stringify(interval)} is no interval.`);
  if (which === 'ALL') return { ok: true, value: list.map((meter) => withInterval(meter, parsed, now)) };
  const meter = list[which - 1];
  return meter ? { ok: true, value: list.with(which - 1, withInterval(meter, parsed, now)) } : noSuchMeter(which);
}

function withInterval(meter: Meter, interval: Interval, now: number): Meter {
  return meter.interval === interval ? meter : { ...meter, interval, since: now };
}

/** 1-based position of a meter, 0 when it is not (or no longer) in the list: a record's `index`. */
export function indexOfMeter(list: MeterList, id: string): number {
  return list.findIndex((meter) => meter.id === id) + 1;
}

function noSuchMeter(index: number): Checked<never> {
  return fault('no such meter', `There is no meter ${index} in the list.`);
}

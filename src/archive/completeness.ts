import type { Milliseconds } from '../common/kinds.ts';
import { dueSlot, firstSlotFrom } from '../ams/due.ts';
import { intervalMs } from '../ams/intervals.ts';
import { csvRow, csvStart, exactForm, utcCell } from '../common/csv.ts';
import { fileStamp } from '../log/export/exporter.ts';
import type { LogReader } from '../log/reader.ts';
import { meterRecord, otherMeterOf } from '../log/meter-record.ts';
import type { MeterRecord } from '../log/meter-record.ts';
import type { CallContext } from '../rpc/rpc.ts';
import type {
  Completeness,
  CompletenessRequest,
  ExportedFile,
  MeterCompleteness,
  Progress,
  ScheduledMeter,
  SlotRun,
  SlotState,
} from './api.ts';

const MINUTE_MS = 60_000;
/** A minute of the period is a byte for each meter. */
const MOST_MINUTES = 366 * 24 * 60;

/** By what counts more, where a slot has several: a clock that was set back makes it come again. */
const STATES: readonly SlotState[] = ['without record', 'missed', 'failed', 'read'];
const codeOf = (state: SlotState) => STATES.indexOf(state) + 1;

/** The slots of one meter in the period. */
interface Tally {
  readonly name: string;
  readonly schedule?: ScheduledMeter;
  /** 0: no slot; else one more than the index of its state. */
  readonly minutes: Uint8Array;
  again: number;
}

/** What became of every slot of a period, from nothing but the records of the log and the schedule as it is. */
export async function readCompleteness(
  reader: LogReader,
  { from, to, meters, form = exactForm }: CompletenessRequest,
  now: Milliseconds,
  { signal, emit }: CallContext<Progress>,
): Promise<Completeness> {
  const length = Math.ceil((to - from) / MINUTE_MS);
  if (!(length > 0 && length <= MOST_MINUTES)) throw new RangeError('Choose a period of at most a year.');
  const tallies = new Map<number, Tally>();
  for (const schedule of meters) {
    tallies.set(schedule.meter, { name: schedule.name, schedule, minutes: new Uint8Array(length), again: 0 });
  }

  let logFrom: number | undefined;
  let done = 0;
  const { total, chunks } = await reader.select();
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    for (const record of chunk) {
      logFrom ??= record.time * 1000;
      const ofMeter = meterRecord(record);
      if (ofMeter?.meter === undefined) continue;
      const { meter } = ofMeter;
      const tally = tallies.get(meter) ?? {
        name: `Meter ${meter}, no longer in the list`,
        minutes: new Uint8Array(length),
        again: 0,
      };
      if (enter(tally, ofMeter, from, to)) tallies.set(meter, tally);
    }
    done += chunk.length;
    emit({ done, total });
  }

  const found = [...tallies].map(([meter, tally]) => {
    enterOwed(tally, from, Math.min(to, now));
    return summary(meter, tally, from);
  });
  const { generation } = await reader.load();
  const file = fileOf(found, meters, generation, form, new Date(now));
  return { meters: found, ...(logFrom === undefined ? {} : { logFrom }), file };
}

/** A read that failed tells of its attempts; what nobody tried has none. What another meter said is no reading of this one. */
function stateOf(record: MeterRecord): SlotState {
  const { errorCode, circumstances } = record;
  if (errorCode === 0) return otherMeterOf(record) === undefined ? 'read' : 'failed';
  return circumstances?.attempts === undefined ? 'missed' : 'failed';
}

/** True where the record answers for a slot of the period. */
function enter(tally: Tally, record: MeterRecord, from: number, to: number): boolean {
  const { slots } = record;
  if (!slots) return false;
  const { first, last, count } = slots;
  const step = count > 1 ? Math.round((last - first) / (count - 1)) : MINUTE_MS;
  if (step < MINUTE_MS) return false; // an imported record that makes no sense
  const code = codeOf(stateOf(record));
  const begin = first >= from ? first : first + Math.ceil((from - first) / step) * step;
  let entered = false;
  for (let slot = begin; slot <= last && slot < to; slot += step) {
    const at = Math.floor((slot - from) / MINUTE_MS);
    const before = tally.minutes[at] ?? 0;
    if (code === codeOf('read') && before === code) tally.again++;
    tally.minutes[at] = Math.max(before, code);
    entered = true;
  }
  return entered;
}

/** What the schedule owes as it is now; the slot that is due at the end may still be read. */
function enterOwed({ schedule, minutes }: Tally, from: number, until: number): void {
  if (schedule?.owedFrom === undefined) return;
  const end = dueSlot(schedule.interval, until);
  const step = intervalMs(schedule.interval);
  for (let slot = firstSlotFrom(schedule.interval, Math.max(from, schedule.owedFrom)); slot < end; slot += step) {
    const at = Math.floor((slot - from) / MINUTE_MS);
    if (minutes[at] === 0) minutes[at] = codeOf('without record');
  }
}

function summary(meter: number, { name, schedule, minutes, again }: Tally, from: number): MeterCompleteness {
  const counts: Record<SlotState, number> = { read: 0, failed: 0, missed: 0, 'without record': 0 };
  const runs: { state: SlotState; first: number; last: number; count: number; step: number }[] = [];
  for (const [at, code] of minutes.entries()) {
    const state = STATES[code - 1];
    if (state === undefined) continue;
    counts[state]++;
    const slot = from + at * MINUTE_MS;
    const run = runs.at(-1);
    const step = run ? slot - run.last : 0;
    const follows = run?.state === state && (run.count === 1 ? isStep(step, schedule) : step === run.step);
    if (run && follows) Object.assign(run, { last: slot, count: run.count + 1, step });
    else runs.push({ state, first: slot, last: slot, count: 1, step: 0 });
  }
  const spans = runs.map(({ state, first, last, count }): SlotRun => ({ state, slots: { first, last, count } }));
  return { meter, name, counts, again, runs: spans };
}

/** May two slots be neighbors? Where the interval is not known, anything up to a day. */
function isStep(step: number, schedule: ScheduledMeter | undefined): boolean {
  return schedule ? step === intervalMs(schedule.interval) : step <= 24 * 60 * MINUTE_MS;
}

function fileOf(
  found: readonly MeterCompleteness[],
  scheduled: readonly ScheduledMeter[],
  generation: string,
  form: Required<CompletenessRequest>['form'],
  now: Date,
): ExportedFile {
  const head = csvRow(
    ['meter', 'name', 'place', 'meter_number', 'state', 'slots', 'first_utc', 'last_utc', 'log'],
    form,
  );
  const byMeter = new Map(scheduled.map((each) => [each.meter, each]));
  const rows = found.flatMap(({ meter, name, runs }) => {
    const { place, number } = byMeter.get(meter) ?? {};
    return runs.map(({ state, slots: { count, first, last } }) => {
      const ends = [utcCell(first / 1000), utcCell(last / 1000)];
      return csvRow([meter, name, place, number, state, count, ...ends, generation], form);
    });
  });
  const content = new Blob([csvStart(form), head, ...rows], { type: 'text/csv;charset=utf-8' });
  return { name: `OpenHHU_completeness_${fileStamp(now)}.csv`, content };
}

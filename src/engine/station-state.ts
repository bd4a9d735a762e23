import type { Milliseconds } from '../common/kinds.ts';
import { nextDue } from '../ams/due.ts';
import type { Meter } from '../ams/meter.ts';
import type { Scheduler } from '../ams/scheduler.ts';
import type { AmsState, MeterState } from './ams-api.ts';
import type { Configuration } from './configuration.ts';
import type { InputsDesk } from './inputs.ts';
import type { ListReads } from './list-reads.ts';
import type { Listening } from './listening.ts';
import type { NewestRecords } from './newest-records.ts';
import type { EnginePort } from './port-registry.ts';
import type { WireState } from './seat.ts';

export interface StateParts {
  readonly configuration: Configuration;
  readonly reads: Pick<ListReads, 'isReading' | 'isAsked'>;
  readonly newest: NewestRecords;
  readonly listening: Pick<Listening, 'states'>;
  readonly inputs: Pick<InputsDesk, 'state'>;
  /** Undefined until it was needed. */
  scheduler(): Scheduler | undefined;
  enginePort(number: number): EnginePort | undefined;
  wireOf(number: number): WireState | undefined;
}

/** List, ports table and schedule as they stand, for whoever shows them. */
export function stationState(parts: StateParts, now: Milliseconds): AmsState {
  const { meters: list, ports, enabledSince, retries } = parts.configuration.now;
  const meters = list.map((meter, i) => meterState(parts, meter, i + 1, now));
  const inputs = parts.inputs.state();
  const times = meters.flatMap(({ nextDue: time }) => time ?? []);
  return {
    enabled: enabledSince !== undefined,
    ...(enabledSince === undefined ? {} : { enabledSince }),
    retries,
    meters,
    ports,
    listening: parts.listening.states(),
    ...(inputs ? { inputs } : {}),
    due: meters.filter(({ state }) => state === 'queued' || state === 'reading').length,
    ...(times.length > 0 ? { nextDue: Math.min(...times) } : {}),
  };
}

function meterState(parts: StateParts, meter: Meter, index: number, now: Milliseconds): MeterState {
  const { configuration, newest, scheduler, wireOf } = parts;
  const on = meter.enabled && configuration.now.enabledSince !== undefined;
  const wire = wireOf(meter.port);
  const state = whatItDoes(parts, meter, on, wire);
  const record = newest.of(meter.id);
  const heard = on ? scheduler()?.heard.stateOf(meter) : undefined;
  return {
    meter,
    index,
    state,
    ...(state === 'queued' && wire ? { waitsFor: wire.doing } : {}),
    ...(heard ? { heard } : {}),
    ...(on ? { nextDue: nextDue(meter.interval, now) } : {}),
    ...(record ? { last: record } : {}),
  };
}

function whatItDoes(
  { reads, scheduler, enginePort }: StateParts,
  { id, port }: Meter,
  on: boolean,
  wire: WireState | undefined,
): MeterState['state'] {
  if (reads.isReading(id)) return 'reading';
  if (reads.isAsked(id)) return 'queued';
  const scheduled = scheduler()?.stateOf(id);
  if (scheduled) return scheduled;
  if (!on) return 'off';
  if (!enginePort(port)) return 'port missing';
  return wire?.kind === 'stuck' ? 'port stuck' : 'waiting';
}

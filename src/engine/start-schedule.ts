import type { PortId } from '../common/kinds.ts';
import type { AmsConfiguration } from '../ams/ams-store.ts';
import type { ClockWatch } from '../ams/clock-watch.ts';
import type { Meter } from '../ams/meter.ts';
import { findPort } from '../ams/ports-table.ts';
import type { Ear, HeardRecord, ScheduleHost } from '../ams/schedule-host.ts';
import { createScheduler, reasons, type Scheduler } from '../ams/scheduler.ts';
import { AlreadySettled, settleOutcome, type SlotStore } from '../ams/slot-store.ts';
import type { Clock } from '../common/clock.ts';
import type { LogRecord } from '../log/record.ts';
import type { RecordLog } from '../log/ring.ts';
import type { ListeningState } from './ams-api.ts';
import type { ListReads } from './list-reads.ts';
import type { Predecessor } from './ownership.ts';
import type { EnginePort, PortSeat } from './port-registry.ts';
import type { WireState } from './seat.ts';

export interface ScheduleParts {
  readonly clock: Clock;
  readonly watch: ClockWatch;
  readonly store: SlotStore;
  readonly log: Pick<RecordLog, 'append'>;
  readonly reads: ListReads;
  configuration(): AmsConfiguration;
  enginePort(number: number): EnginePort | undefined;
  wireOf(number: number): WireState | undefined;
  listening(portId: PortId): ListeningState | undefined;
  /** A record is in the log. */
  note(record: LogRecord): void;
  onError(error: unknown): void;
  readonly before?: Predecessor | undefined;
}

/** The schedule over the device list, the log and what is listened to; what the owner before had left is recorded. */
export async function startSchedule(parts: ScheduleParts): Promise<Scheduler> {
  const { configuration, store, reads, log, enginePort } = parts;
  const append: ScheduleHost['append'] = async (record, meterId) => {
    if (record.type !== 'AMS' || meterId === undefined) return parts.note(await log.append(record));
    const draft = { ...record, meter: Number(meterId) };
    const outcome = record.slots && { meterId, slots: record.slots };
    if (outcome && !(await store.isOwed(outcome))) throw new AlreadySettled();
    parts.note(await log.append(draft, outcome && ((tx) => settleOutcome(tx, outcome))));
  };
  const scheduler = createScheduler<PortSeat>({
    ...parts,
    takeTurn: reads.takeTurn,
    meters: () => configuration().meters,
    enabledSince: () => configuration().enabledSince,
    earOf: (meter) => earOf(parts, meter),
    triesFor: (meter) => reads.triesFor(meter, configuration().retries),
    portLabel: (number) => enginePort(number)?.port.info.label,
    readMeter: (meter, _slot, seat, tries) => reads.read(meter, seat, tries),
    append,
    appendHeard: async (draft, alongside) => (await log.append(draft, alongside)) as HeardRecord,
    ...(parts.before === 'stopped'
      ? { absence: { missed: reasons.frozenOwner, unfinished: reasons.frozenOwner } }
      : {}),
  });
  await scheduler.recover();
  return scheduler;
}

/** How the listener of its port hears a meter; undefined where none does. */
function earOf({ configuration, reads, listening, wireOf }: ScheduleParts, meter: Meter): Ear | undefined {
  const entry = findPort(configuration().ports, meter.port);
  if (entry?.portId === undefined || entry.listens?.protocol !== meter.protocol || !reads.speaksItself(meter))
    return undefined;
  const heard = listening(entry.portId);
  const deaf = (trouble: string) => ({ isListening: false, trouble });
  switch (heard?.state) {
    case undefined:
      return deaf('Listening had not begun.');
    case 'listening':
      return { isListening: true, trouble: '' };
    case 'port missing':
      return deaf('Its adapter was not plugged in.');
    case 'aside':
      return deaf(`Its port was ${wireOf(meter.port)?.doing ?? 'in use'}.`);
    case 'failed':
      return deaf(`The listener failed: ${heard.text}`);
  }
}

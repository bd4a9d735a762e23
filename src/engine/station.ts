import type { PortId } from '../common/kinds.ts';
import type { AmsConfiguration } from '../ams/ams-store.ts';
import { watchClock } from '../ams/clock-watch.ts';
import { owingNoMore } from '../ams/configuration-changes.ts';
import { indexOfMeter } from '../ams/meter-list.ts';
import { AD_INPUT_PORT, type Meter, type MeterDraft } from '../ams/meter.ts';
import {
  bindPort,
  fallBackTo300,
  findPort,
  portEntry,
  restartPort,
  savePort,
  stagePortValue,
  unbindPort,
  type InputsSource,
  type PortKey,
} from '../ams/ports-table.ts';
import type { Scheduler } from '../ams/scheduler.ts';
import { openSlotStore } from '../ams/slot-store.ts';
import type { Clock } from '../common/clock.ts';
import type { Values } from '../common/form.ts';
import type { Readout } from '../common/readout.ts';
import type { Database } from '../log/database.ts';
import type { RecordLog } from '../log/ring.ts';
import type { Protocols } from '../protocols/registry.ts';
import type { AmsState } from './ams-api.ts';
import type { ReadResult } from './api.ts';
import { openConfiguration, type Configuration } from './configuration.ts';
import { createInputs, type InputsDesk } from './inputs.ts';
import { createListEdits, type ListEdits } from './list-edits.ts';
import { createListReads, type Asking, type PortRead } from './list-reads.ts';
import { createListening, type Listening } from './listening.ts';
import { createNewestRecords } from './newest-records.ts';
import type { Predecessor } from './ownership.ts';
import type { PortRegistry } from './port-registry.ts';
import { stationState } from './station-state.ts';
import type { TraceBook } from './traces.ts';

export interface StationParts {
  readonly clock: Clock;
  readonly log: RecordLog;
  readonly database: Database;
  readonly protocols: Protocols;
  readonly registry: Pick<PortRegistry, 'find' | 'use' | 'listen' | 'wireState'>;
  readonly traces: Pick<TraceBook, 'record'>;
  read(request: PortRead): Promise<Readout>;
  onChange(): void;
  onError(error: unknown): void;
  /** What became of the window that read before; unless told, it was closed. */
  readonly before?: Predecessor;
}

/** The Autonomous Metering System of this device: device list, ports table, schedule. Views and AT terminal both drive it. */
export interface Station extends ListEdits, PortEdits {
  readonly configuration: AmsConfiguration;
  state(): AmsState;
  setSchedule(change: { readonly enabled?: boolean; readonly retries?: number }): Promise<void>;
  /** What port 128 is collected from, from now on and after a restart; undefined: nothing. */
  setInputs(source: InputsSource | undefined): Promise<void>;
  readonly inputs: Pick<InputsDesk, 'read' | 'follow' | 'setCounter' | 'retry'>;
  /** What the log does not take is in the answer. */
  readNow(id: string, asking: Asking): Promise<ReadResult>;
  /** A read outside the list; nothing is recorded (DIRECT_READ answers and forgets). */
  directRead(port: number, protocol: string, address: string, set: Values, asking: Asking): Promise<Readout>;
  /** Ports that are heard without being asked. */
  readonly listening: Listening;
  /** Looks what is due; called every second and whenever the device may have slept. */
  tick(): void;
}

interface PortEdits {
  bindPort(number: number, portId: PortId | undefined): Promise<boolean>;
  stagePortValue(number: number, key: PortKey, value: number): Promise<boolean>;
  savePort(number: number): Promise<void>;
  restartPort(number: number): Promise<void>;
}

export async function openStation(parts: StationParts): Promise<Station> {
  const { clock, log, database, protocols, registry } = parts;
  const slotStore = openSlotStore(database);
  const watch = watchClock(clock);
  const schedule = createLazySchedule(startScheduler);
  const configuration = await openConfiguration({
    database,
    log,
    async beforeChange(now, next) {
      if (now.meters.length > 0) await (await schedule.load()).closeOutages(owingNoMore(now, next));
    },
    afterChange() {
      listening.heed();
      inputs.heed();
      parts.onChange();
    },
  });
  const newest = createNewestRecords(log, (id) => reads.traceOf(id), parts.onChange);
  const edits = createListEdits({ clock, protocols, configuration, newestSeq: (id) => newest.of(id)?.seq });
  const { changePorts } = configuration;

  const portIdOf = (number: number) =>
    (number === AD_INPUT_PORT ? configuration.now.inputs : findPort(configuration.now.ports, number))?.portId ?? '';
  const enginePort = (number: number) => registry.find(portIdOf(number));
  const wireOf = (number: number) => registry.wireState(portIdOf(number));

  const inputs = createInputs({ ...parts, source: () => configuration.now.inputs });
  const reads = createListReads({
    meter: (id) => configuration.now.meters.find((meter) => meter.id === id),
    portEntry: (number) => portEntry(configuration.now.ports, number),
    enginePort,
    protocols,
    use: registry.use,
    traces: parts.traces,
    read: parts.read,
    readInputs: inputs.read,
    fallBackTo300(number) {
      changePorts((ports) => fallBackTo300(ports, number)).catch(parts.onError);
    },
    // It came out of a reading: nobody waits for it.
    improve(id: string, edit: Partial<MeterDraft>) {
      edits.change(id, edit).catch(parts.onError);
    },
    onChange: parts.onChange,
  });
  const listening = createListening({
    ...parts,
    configuration: () => configuration.now,
    speaksItself: reads.speaksItself,
    changePorts,
    slots: () => schedule.running?.heard,
    onRecord: newest.note,
  });

  async function startScheduler(): Promise<Scheduler> {
    const { startSchedule } = await import('./start-schedule.ts');
    return await startSchedule({
      ...parts,
      watch,
      store: slotStore,
      reads,
      configuration: () => configuration.now,
      enginePort,
      wireOf,
      listening: (portId) => listening.states().find((state) => state.portId === portId),
      note: newest.note,
    });
  }

  async function keep(meter: Meter, readout: Readout): Promise<ReadResult> {
    // Loaded with what has read.
    const { keepByHand } = await import('./read-meter.ts');
    const result = await keepByHand(
      log,
      { now: clock.now },
      {
        type: 'AMS',
        protocol: meter.protocol,
        index: indexOfMeter(configuration.now.meters, meter.id),
        meter: Number(meter.id),
        address: meter.address,
        port: enginePort(meter.port)?.port.info.label ?? `Port ${meter.port}`,
        ...readout,
      },
      newest.note,
    );
    if (result.kept) newest.note(result.record);
    return result;
  }

  const isOwing = (await slotStore.owed()).length > 0;
  if (isOwing || configuration.now.meters.length > 0) await schedule.load();
  listening.heed();
  inputs.heed();

  const shown = {
    configuration,
    reads,
    newest,
    listening,
    inputs,
    scheduler: () => schedule.running,
    enginePort,
    wireOf,
  };
  return {
    ...edits,
    ...portEdits(changePorts),
    get configuration() {
      return configuration.now;
    },
    state: () => stationState(shown, clock.now()),
    setSchedule: ({ enabled, retries }) =>
      configuration.change(({ enabledSince, ...rest }) => {
        const on = enabled ?? enabledSince !== undefined;
        // Switching on what is on owes nothing anew.
        return {
          ...rest,
          ...(on ? { enabledSince: enabledSince ?? clock.now() } : {}),
          retries: retries ?? rest.retries,
        };
      }),
    setInputs: (source) =>
      configuration.change(({ inputs: _before, ...rest }) => (source ? { ...rest, inputs: source } : rest)),
    inputs,
    readNow: (id, asking) => reads.readNow(id, keep, asking),
    directRead: reads.directRead,
    listening,
    tick() {
      listening.heed();
      inputs.heed();
      if (schedule.running) return schedule.running.tick();
      watch.look();
      // Until it is there the watch holds what it saw.
      if (configuration.now.meters.length > 0 || watch.hasSetBack) schedule.load().catch(parts.onError);
    },
  };
}

/** Comes with the first meter of the list, or a clock set back: many days somebody only reads by hand. */
function createLazySchedule(start: () => Promise<Scheduler>) {
  let running: Scheduler | undefined;
  let loading: Promise<Scheduler> | undefined;
  return {
    get running() {
      return running;
    },
    load(): Promise<Scheduler> {
      loading ??= start().then((scheduler) => (running = scheduler));
      loading.catch(() => (loading = undefined)); // the next who asks tries again
      return loading;
    },
  };
}

function portEdits(changePorts: Configuration['changePorts']): PortEdits {
  return {
    bindPort: (number, portId) =>
      changePorts((ports) => (portId === undefined ? unbindPort(ports, number) : bindPort(ports, number, portId))),
    stagePortValue: (number, key, value) => changePorts((ports) => stagePortValue(ports, number, key, value)),
    async savePort(number) {
      await changePorts((ports) => savePort(ports, number));
    },
    async restartPort(number) {
      await changePorts((ports) => restartPort(ports, number));
    },
  };
}

import {
  configurationRow,
  loadConfiguration,
  numberedAfter,
  saveConfiguration,
  type AmsConfiguration,
} from '../ams/ams-store.ts';
import { watchClock } from '../ams/clock-watch.ts';
import { addAllThatFit, owingNoMore, replaceMeters } from '../ams/configuration-changes.ts';
import { nextDue } from '../ams/due.ts';
import {
  changeMeter,
  indexOfMeter,
  moveMeter,
  removeMeter,
  setMeterInterval,
  type MeterList,
} from '../ams/meter-list.ts';
import type { Checked, Meter, MeterDraft } from '../ams/meter.ts';
import {
  bindPort,
  fallBackTo300,
  findPort,
  portEntry,
  restartPort,
  savePort,
  stagePortValue,
  unbindPort,
  type PortKey,
  type PortsTable,
} from '../ams/ports-table.ts';
import { loadListedProtocols, type ListedProtocols } from '../ams/listed-protocols.ts';
import type { Scheduler } from '../ams/scheduler.ts';
import { openSlotStore } from '../ams/slot-store.ts';
import type { Database } from '../log/database.ts';
import { meterRecord } from '../log/meter-record.ts';
import type { LogRecord } from '../log/record.ts';
import type { RecordLog } from '../log/ring.ts';
import type { Clock } from '../common/clock.ts';
import type { Values } from '../common/form.ts';
import type { Protocols } from '../protocols/registry.ts';
import type { Readout } from '../common/readout.ts';
import type { AmsState, Changed, ImportOutcome, MeterState } from './ams-api.ts';
import type { ReadResult } from './api.ts';
import { keepReading } from './keep-reading.ts';
import { createListening, type Listening } from './listening.ts';
import { createListReads, type Asking, type PortRead } from './list-reads.ts';
import type { Predecessor } from './ownership.ts';
import type { PortRegistry } from './port-registry.ts';
import type { WireState } from './seat.ts';
import { traceOfRecord, type TraceBook } from './traces.ts';

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
export interface Station {
  readonly configuration: AmsConfiguration;
  state(): AmsState;
  add(draft: MeterDraft): Promise<Changed>;
  change(id: string, change: Partial<MeterDraft>): Promise<Changed>;
  /** Takes the number that record `seq` tells of its meter, where the meter has none and that record is still its newest. */
  noteNumber(id: string, seq: number, serialNumber: string): Promise<void>;
  remove(id: string): Promise<Changed>;
  move(id: string, to: number): Promise<Changed>;
  clear(): Promise<void>;
  /** In one change: takes the meters of these ids out and adds others; where one of them is refused all stays as it was. */
  replace(ids: readonly string[], drafts: readonly MeterDraft[]): Promise<Changed>;
  setInterval(which: number | 'ALL', interval: string): Promise<Changed>;
  importMeters(drafts: readonly MeterDraft[]): Promise<ImportOutcome>;
  exportMeters(format: 'csv' | 'json'): Promise<string>;
  setSchedule(change: { readonly enabled?: boolean; readonly retries?: number }): Promise<void>;
  bindPort(number: number, portId: string | undefined): Promise<boolean>;
  stagePortValue(number: number, key: PortKey, value: number): Promise<boolean>;
  savePort(number: number): Promise<void>;
  restartPort(number: number): Promise<void>;
  /** What the log does not take is in the answer. */
  readNow(id: string, asking: Asking): Promise<ReadResult>;
  /** A read outside the list; nothing is recorded (DIRECT_READ answers and forgets). */
  directRead(port: number, protocol: string, address: string, set: Values, asking: Asking): Promise<Readout>;
  /** Ports that are heard without being asked. */
  readonly listening: Listening;
  /** Looks what is due; called every second and whenever the device may have slept. */
  tick(): void;
}

/** Reading and writing list files needs a validator, and is rare: not part of the first load. */
const meterListFile = () => import('../ams/meter-list-file.ts');

export async function openStation(parts: StationParts): Promise<Station> {
  const { clock, log, database, protocols } = parts;
  let configuration = numberedAfter(await loadConfiguration(database), await log.highestMeter());
  log.beginWith(() => [configurationRow(configuration)]);
  const last = new Map<string, NonNullable<MeterState['last']>>();
  let { generation } = log;
  // Another log has begun: what was known of the records of the one before is true for nothing in it.
  log.subscribe((state) => {
    if (state.generation !== generation) last.clear();
    ({ generation } = state);
  });
  let saving: Promise<unknown> = Promise.resolve();
  let listing: Promise<ListedProtocols> | undefined;

  function listed(): Promise<ListedProtocols> {
    listing ??= loadListedProtocols(protocols);
    listing.catch(() => (listing = undefined)); // the next who asks tries again
    return listing;
  }

  /** One change after the other, on disk before it is answered. */
  function change(edit: (before: AmsConfiguration) => AmsConfiguration): Promise<void> {
    const run = saving.then(async () => {
      const next = edit(configuration);
      if (configuration.meters.length > 0) {
        await (await loadScheduler()).closeOutages(owingNoMore(configuration, next));
      }
      await saveConfiguration(database, next);
      configuration = next;
      listening.heed();
      parts.onChange();
    });
    saving = run.catch(() => undefined);
    return run;
  }

  async function changeChecked(edit: (before: AmsConfiguration) => Checked<AmsConfiguration>): Promise<Changed> {
    let outcome: Changed = { ok: true };
    await change((before) => {
      const checked = edit(before);
      if (checked.ok) return checked.value;
      outcome = checked;
      return before;
    });
    return outcome;
  }

  const changeList = (edit: (before: AmsConfiguration) => Checked<MeterList>) =>
    changeChecked((before) => {
      const checked = edit(before);
      return checked.ok ? { ok: true, value: { ...before, meters: checked.value } } : checked;
    });

  const byId = (id: string) => configuration.meters.find((meter) => meter.id === id);
  const enginePort = (number: number) => {
    const portId = findPort(configuration.ports, number)?.portId;
    return portId === undefined ? undefined : parts.registry.find(portId);
  };

  const wireOf = (number: number) => {
    const portId = findPort(configuration.ports, number)?.portId;
    return portId === undefined ? undefined : parts.registry.wireState(portId);
  };

  async function changeMeterOf(id: string, edit: Partial<MeterDraft>): Promise<Changed> {
    const known = await listed();
    return await changeList(({ meters }) => changeMeter(meters, indexOfMeter(meters, id), edit, known, clock.now()));
  }

  async function replace(ids: readonly string[], drafts: readonly MeterDraft[]): Promise<Changed> {
    const known = await listed();
    return await changeChecked((before) => replaceMeters(before, ids, drafts, known, clock.now()));
  }

  /** A change that came out of a reading: nobody waits for it. */
  function improve(id: string, edit: Partial<MeterDraft>): void {
    changeMeterOf(id, edit).catch(parts.onError);
  }

  const reads = createListReads({
    meter: byId,
    portEntry: (number) => portEntry(configuration.ports, number),
    enginePort,
    protocols,
    use: parts.registry.use,
    traces: parts.traces,
    read: parts.read,
    fallBackTo300: (number) => {
      changePorts((ports) => fallBackTo300(ports, number)).catch(parts.onError);
    },
    improve,
    onChange: parts.onChange,
  });
  const listening = createListening({
    ...parts,
    configuration: () => configuration,
    speaksItself: reads.speaksItself,
    changePorts,
    slots: () => scheduler?.heard,
    onRecord: note,
  });
  const slotStore = openSlotStore(database);
  const watch = watchClock(clock);
  let scheduler: Scheduler | undefined;
  let loading: Promise<Scheduler> | undefined;

  /** Comes with the first meter of the list, or a clock set back: many days somebody only reads by hand. */
  function loadScheduler(): Promise<Scheduler> {
    loading ??= startScheduler();
    loading.catch(() => (loading = undefined)); // the next who asks tries again
    return loading;
  }

  async function startScheduler(): Promise<Scheduler> {
    const { startSchedule } = await import('./start-schedule.ts');
    return (scheduler = await startSchedule({
      ...parts,
      watch,
      store: slotStore,
      reads,
      configuration: () => configuration,
      enginePort,
      wireOf,
      listening: (portId) => listening.states().find((state) => state.portId === portId),
      note,
    }));
  }

  /** A record of slots that were missed has no trace, and one that could not be kept in time not that of a later reading. */
  function keepTrace(id: string, record: LogRecord): void {
    const trace = reads.traceOf(id);
    const isOfReading = record.type === 'AMS' && record.circumstances?.attempts !== undefined;
    if (!trace || !isOfReading || record.time < Math.floor(trace.startedAt / 1000)) return;
    trace.keepAs(traceOfRecord(log.generation, record.seq));
  }

  /** Shows a new record in the list. */
  function note(record: LogRecord): void {
    const read = meterRecord(record);
    if (read?.meter === undefined) return;
    const { meter, seq, time, errorCode } = read;
    last.set(meter.toString(), { seq, time, errorCode });
    keepTrace(meter.toString(), record);
    parts.onChange();
  }

  const isOwing = (await slotStore.owed()).length > 0;
  if (isOwing || configuration.meters.length > 0) await loadScheduler();

  function idleState(on: boolean, port: number, wire: WireState | undefined): MeterState['state'] {
    if (!on) return 'off';
    if (!enginePort(port)) return 'port missing';
    return wire?.kind === 'stuck' ? 'port stuck' : 'waiting';
  }

  function stateOf(meter: Meter, index: number, now: number): MeterState {
    const on = meter.enabled && configuration.enabledSince !== undefined;
    const scheduled = scheduler?.stateOf(meter.id);
    const wire = wireOf(meter.port);
    const state = reads.isReading(meter.id)
      ? 'reading'
      : reads.isAsked(meter.id)
        ? 'queued'
        : (scheduled ?? idleState(on, meter.port, wire));
    const record = last.get(meter.id);
    const heard = on ? scheduler?.heard.stateOf(meter) : undefined;
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

  const station: Station = {
    get configuration() {
      return configuration;
    },
    state() {
      const now = clock.now();
      const meters = configuration.meters.map((meter, i) => stateOf(meter, i + 1, now));
      const times = meters.flatMap(({ nextDue: time }) => time ?? []);
      return {
        enabled: configuration.enabledSince !== undefined,
        ...(configuration.enabledSince === undefined ? {} : { enabledSince: configuration.enabledSince }),
        retries: configuration.retries,
        meters,
        ports: configuration.ports,
        listening: listening.states(),
        due: meters.filter(({ state }) => state === 'queued' || state === 'reading').length,
        ...(times.length > 0 ? { nextDue: Math.min(...times) } : {}),
      };
    },
    add: (draft) => replace([], [draft]),
    change: changeMeterOf,
    async noteNumber(id, seq, serialNumber) {
      const known = await listed();
      await changeList(({ meters }) => {
        const index = indexOfMeter(meters, id);
        return last.get(id)?.seq === seq && !meters[index - 1]?.serialNumber
          ? changeMeter(meters, index, { serialNumber }, known, clock.now())
          : { ok: true, value: meters };
      });
    },
    remove: (id) => changeList(({ meters }) => removeMeter(meters, indexOfMeter(meters, id))),
    move: (id, to) => changeList(({ meters }) => moveMeter(meters, indexOfMeter(meters, id), to)),
    clear: () => change((before) => ({ ...before, meters: [] })),
    replace,
    setInterval: (which, interval) =>
      changeList(({ meters }) => setMeterInterval(meters, which, interval, clock.now())),
    async importMeters(drafts) {
      let outcome: ImportOutcome = { added: 0, problems: [] };
      const known = await listed();
      await change((before) => {
        const { configuration: after, ...rest } = addAllThatFit(before, drafts, known, clock.now());
        outcome = rest;
        return after;
      });
      return outcome;
    },
    async exportMeters(format) {
      const file = await meterListFile();
      return format === 'csv'
        ? file.exportMetersCsv(configuration.meters)
        : file.exportMetersJson(configuration.meters);
    },
    async setSchedule({ enabled, retries }) {
      await change(({ enabledSince, ...rest }) => {
        const on = enabled ?? enabledSince !== undefined;
        // Switching on what is on owes nothing anew.
        return {
          ...rest,
          ...(on ? { enabledSince: enabledSince ?? clock.now() } : {}),
          retries: retries ?? rest.retries,
        };
      });
    },
    async bindPort(number, portId) {
      return await changePorts((ports) =>
        portId === undefined ? unbindPort(ports, number) : bindPort(ports, number, portId),
      );
    },
    stagePortValue: (number, key, value) => changePorts((ports) => stagePortValue(ports, number, key, value)),
    async savePort(number) {
      await changePorts((ports) => savePort(ports, number));
    },
    async restartPort(number) {
      await changePorts((ports) => restartPort(ports, number));
    },
    readNow: (id, asking) =>
      reads.readNow(
        id,
        async (meter, readout) => {
          const result = await keepReading(log, clock, {
            type: 'AMS',
            protocol: meter.protocol,
            index: indexOfMeter(configuration.meters, id),
            meter: Number(id),
            address: meter.address,
            port: enginePort(meter.port)?.port.info.label ?? `Port ${meter.port}`,
            ...readout,
          });
          if (result.kept) note(result.record);
          return result;
        },
        asking,
      ),
    directRead: reads.directRead,
    listening,
    tick() {
      listening.heed();
      if (scheduler) return scheduler.tick();
      watch.look();
      // Until it is there the watch holds what it saw.
      if (configuration.meters.length > 0 || watch.hasSetBack) loadScheduler().catch(parts.onError);
    },
  };

  async function changePorts(edit: (ports: PortsTable) => PortsTable | undefined): Promise<boolean> {
    let done = true;
    await change((before) => {
      const ports = edit(before.ports);
      done = ports !== undefined;
      return ports ? { ...before, ports } : before;
    });
    return done;
  }

  listening.heed();
  return station;
}

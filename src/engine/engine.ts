import type { TraceEntry } from '../line/trace.ts';
import type { PortId } from '../common/kinds.ts';
import { LEAST_CAPACITY_BYTES } from '../log/log-state.ts';
import type { RecordLog } from '../log/ring.ts';
import type { Readout } from '../common/readout.ts';
import type { MeterMemory, Target } from '../protocols/protocol.ts';
import type { Handlers } from '../rpc/rpc.ts';
import type { AmsApi, AmsState } from './ams-api.ts';
import type { BaseApi, EngineApi, EngineState, ReadEvent, ReadRequest, ReadResult, SimulationSettings } from './api.ts';
import { batch } from './batch.ts';
import type { BusParts } from './bus.ts';
import type { BusApi } from './bus-api.ts';
import type { ChangeBook } from './change-notes.ts';
import type { Fault } from './faults.ts';
import type { KeyValueStore } from './memory.ts';
import type { PortTrouble } from './port-list.ts';
import type { PortRegistry, PortSeat } from './port-registry.ts';
import { settingsOf } from '../common/form.ts';
import type { Protocols } from '../protocols/registry.ts';
import { changeBetween, type StateChange } from './state-change.ts';
import type { StorageState } from './storage.ts';
import { traceOfRecord, traceOfSearch, type TraceBook } from './traces.ts';
import { waitTeller } from './wait-event.ts';

const TRACE_BATCH_MS = 50;

export interface EngineParts {
  /** Milliseconds since the epoch. */
  now(): number;
  readonly log: RecordLog;
  readonly registry: PortRegistry;
  readonly protocols: Protocols;
  readonly memory: (portId: PortId) => MeterMemory;
  readonly settings: Pick<KeyValueStore, 'get'>;
  readonly simulation: { get(): SimulationSettings; set(settings: SimulationSettings): void };
  readonly traces: TraceBook;
  readonly faults: readonly Fault[];
  readonly changes: ChangeBook;
  storage(): StorageState;
  /** When this window took over from one that the browser had stopped, milliseconds. */
  readonly tookOverAt?: number;
  readonly ams: {
    state(): AmsState;
    readonly handlers: Handlers<AmsApi>;
    /** What is collected all the time from the port that the state names. */
    readInputs(target: Target, signal: AbortSignal): Promise<Readout>;
  };
  refreshPorts(): Promise<void>;
  /** What keeps the browser's list of ports away. */
  portTrouble?(): PortTrouble | undefined;
}

export interface Engine {
  readonly handlers: Handlers<EngineApi>;
  /** Something the state shows has changed. */
  changed(): void;
}

/** The engine's answers to its API: one reading after another, each in the log before it is called saved. */
export function createEngine(parts: EngineParts): Engine {
  const { log, registry } = parts;
  const watchers = new Set<(change: StateChange) => void>();
  /** Of readings that the storage has not taken; loaded with the first read. */
  let waiting: () => readonly string[] = () => [];
  let keptLate: () => readonly string[] = () => [];
  /** What all watchers know. */
  let told: EngineState | undefined;

  const state = (): EngineState => {
    const portTrouble = parts.portTrouble?.();
    return {
      ports: registry.states(),
      ...(registry.running ? { reading: registry.running } : {}),
      records: {
        count: log.count,
        newestSeq: log.newestSeq,
        generation: log.generation,
        usedBytes: log.usedBytes,
        capacityBytes: log.capacityBytes,
      },
      ams: parts.ams.state(),
      storage: parts.storage(),
      ...(waiting().length > 0 ? { waiting: waiting() } : {}),
      ...(keptLate().length > 0 ? { keptLate: keptLate() } : {}),
      ...(portTrouble ? { portTrouble } : {}),
      ...(parts.tookOverAt === undefined ? {} : { tookOverAt: parts.tookOverAt }),
      simulation: parts.simulation.get(),
      ...(parts.changes.unknown.length > 0 ? { unknownChanges: parts.changes.unknown } : {}),
      owner: 'this window',
    };
  };
  const changed = () => {
    if (watchers.size === 0) return;
    // A copy: parts of the state may be changed in place.
    const now = structuredClone(state());
    const change = changeBetween(told, now);
    told = now;
    if (change) for (const watcher of watchers) watcher(change);
  };
  log.subscribe(changed);

  const isCollected = ({ portId, protocol }: ReadRequest) =>
    parts.protocols.find(protocol)?.wire === 'inputs' && parts.ams.state().inputs?.portId === portId;

  async function loadReading() {
    const loaded = await import('./read-meter.ts');
    loaded.watchWaiting(changed);
    waiting = loaded.waitingReadings;
    keptLate = loaded.lateReadings;
    return loaded;
  }

  /** Without a turn at the port: whoever hears it all the time would have to stop for it. */
  async function readCollected(request: ReadRequest, signal: AbortSignal): Promise<ReadResult> {
    const { portId, protocol, address } = request;
    const { keepByHand } = await loadReading();
    const readout = await parts.ams.readInputs({ address, settings: {} }, signal);
    const port = registry.find(portId)?.port.info.label ?? portId;
    return await keepByHand(log, parts, { type: 'AMS', protocol, index: 0, ...readout, address, port });
  }

  async function read(request: ReadRequest, seat: PortSeat, emit: (event: ReadEvent) => void): Promise<ReadResult> {
    const { portId, address } = request;
    const protocol = parts.protocols.find(request.protocol);
    if (!protocol) throw new Error(`${request.protocol} is not built in.`);
    const settings = settingsOf(protocol.settings, { set: request.settings });
    const { label } = seat.port.info;
    const trace = batch<TraceEntry>(TRACE_BATCH_MS, (entries) => emit({ kind: 'trace', entries }));
    const recorder = parts.traces.record();
    const { readMeter, keepByHand } = await loadReading();
    const readout = await readMeter({
      protocol,
      seat,
      target: { address, settings },
      memory: parts.memory(portId),
      settings: parts.settings,
      onProgress: (progress) => emit({ kind: 'progress', progress }),
      onTrace(entry) {
        trace.add(entry);
        recorder.add(entry);
      },
    });
    trace.flush();
    const { circumstances } = readout;
    if (circumstances?.echo !== undefined) registry.noteEcho(portId, circumstances.echo ? 'echoes' : 'silent');
    const result = await keepByHand(log, parts, {
      type: 'AMS',
      protocol: protocol.name,
      // Read by hand: not a row of the device list.
      index: 0,
      ...readout,
      address,
      port: label,
    });
    if (result.kept) recorder.keepAs(traceOfRecord(log.generation, result.record.seq));
    return result;
  }

  const handlers: Handlers<BaseApi> = {
    watch: (_input, { signal, emit }) =>
      new Promise((resolve) => {
        changed();
        if (watchers.size === 0) told = structuredClone(state());
        watchers.add(emit);
        emit({ set: told });
        signal.addEventListener('abort', () => {
          watchers.delete(emit);
          resolve(undefined);
        });
      }),
    refreshPorts: async () => {
      await parts.refreshPorts();
      return undefined;
    },
    read: (request, { signal, emit }) =>
      isCollected(request)
        ? readCollected(request, signal)
        : registry.use(request.portId, { rank: 'person', text: 'reading', signal, onWait: waitTeller(emit) }, (seat) =>
            read(request, seat, emit),
          ),
    trace: (of) => parts.traces.find('seq' in of ? traceOfRecord(log.generation, of.seq) : traceOfSearch(of.searchOn)),
    support: () => ({ traces: parts.traces.all(), faults: parts.faults }),
    headCheck: ({ portId, test }, { signal, emit }) => {
      const turn = { rank: 'person', text: 'checking the head', signal, onWait: waitTeller(emit) } as const;
      return registry.use(portId, turn, async (seat) => {
        const { checkHead } = await import('./head-check.ts');
        const trace = batch<TraceEntry>(TRACE_BATCH_MS, (entries) => emit({ kind: 'trace', entries }));
        const result = await checkHead(seat, test, {
          onTrace: trace.add,
          onSent: (bytes) => emit({ kind: 'sent', bytes }),
        });
        trace.flush();
        if (test === 'paper') registry.noteEcho(portId, result.echo === 'whole' ? 'echoes' : 'silent');
        return result;
      });
    },
    setSimulation: (settings) => {
      parts.simulation.set(settings);
      changed();
      return undefined;
    },
    deleteRecords: async ({ seqs }) => {
      await log.delete(seqs);
      return undefined;
    },
    deleteAllRecords: async () => {
      await log.deleteAll();
      return undefined;
    },
    forgetKeptCopy: async ({ series }) => {
      await log.journal?.forgetKept(series);
      return undefined;
    },
    setCapacity: async ({ bytes }) => {
      if (!Number.isSafeInteger(bytes) || bytes < LEAST_CAPACITY_BYTES) {
        throw new RangeError(
          `A log of ${bytes} bytes is too small to keep readings. The least is 1 MiB (${LEAST_CAPACITY_BYTES} bytes). Nothing was changed.`,
        );
      }
      await log.setCapacity(bytes);
      return undefined;
    },
  };
  return {
    handlers: { ...handlers, ...parts.ams.handlers, ...busHandlers(parts) },
    changed,
  };
}

/** Search and configuration of an M-Bus come with their first call: they are not part of the first load. */
function busHandlers(parts: BusParts): Handlers<BusApi> {
  let loaded: Promise<Handlers<BusApi>> | undefined;
  const load = () => {
    loaded ??= import('./bus.ts').then(({ createBusHandlers }) => createBusHandlers(parts));
    loaded.catch(() => (loaded = undefined)); // the next who asks tries anew
    return loaded;
  };
  return {
    findMeters: async (input, context) => (await load()).findMeters(input, context),
    changeMeterItself: async (input, context) => (await load()).changeMeterItself(input, context),
    forgetChange: async (input, context) => (await load()).forgetChange(input, context),
  };
}

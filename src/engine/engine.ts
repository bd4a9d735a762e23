import type { PortId } from '../common/kinds.ts';
import { LEAST_CAPACITY_BYTES } from '../log/log-state.ts';
import type { RecordLog } from '../log/ring.ts';
import type { CallContext, Handlers } from '../rpc/rpc.ts';
import type { AmsApi, AmsState } from './ams-api.ts';
import type { BaseApi, EngineApi, EngineState, ReadRequest, SimulationSettings } from './api.ts';
import type { BusParts } from './bus.ts';
import type { BusApi } from './bus-api.ts';
import type { ChangeBook } from './change-notes.ts';
import type { Fault } from './faults.ts';
import type { LastingTraces } from './traces.ts';
import type { PortTrouble } from './port-list.ts';
import type { PortSeat } from './port-registry.ts';
import type { ByHandParts } from './by-hand.ts';
import type { StorageState } from './storage.ts';
import { traceOfRecord, traceOfSearch } from './trace-names.ts';
import { waitTeller, type WaitEvent } from './wait-event.ts';
import { createWatchers } from './watchers.ts';

export interface EngineParts extends ByHandParts {
  readonly traces: LastingTraces;
  readonly simulation: { get(): SimulationSettings; set(settings: SimulationSettings): void };
  readonly faults: readonly Fault[];
  readonly changes: ChangeBook;
  storage(): StorageState;
  /** When this window took over from one that the browser had stopped, milliseconds. */
  readonly tookOverAt?: number;
  readonly ams: Pick<ByHandParts['ams'], 'readInputs'> & {
    state(): AmsState;
    readonly handlers: Handlers<AmsApi>;
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
  /** Of readings that the storage has not taken; loaded with the first read. */
  let waiting: () => readonly string[] = () => [];
  let keptLate: () => readonly string[] = () => [];

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
  const { changed, watch } = createWatchers(state);
  log.subscribe(changed);

  const isCollected = ({ portId, protocol }: ReadRequest) =>
    parts.protocols.find(protocol)?.wire === 'inputs' && parts.ams.state().inputs?.portId === portId;

  /** What is done comes with the first call: it is not part of the first load. */
  async function load() {
    const loaded = await import('./by-hand.ts');
    loaded.watchWaiting(changed);
    waiting = loaded.waitingReadings;
    keptLate = loaded.lateReadings;
    return loaded;
  }

  /** A turn at a port for somebody at a page. */
  const inTurn = <Result>(
    portId: PortId,
    text: string,
    { signal, emit }: CallContext<WaitEvent>,
    job: (seat: PortSeat) => Promise<Result>,
  ) => registry.use(portId, { rank: 'person', text, signal, onWait: waitTeller(emit) }, job);

  const handlers: Handlers<BaseApi> = {
    watch: (_input, { signal, emit }) => watch(emit, signal),
    refreshPorts: async () => {
      await parts.refreshPorts();
      return undefined;
    },
    async read(request, context) {
      if (isCollected(request)) return (await load()).readCollected(parts, request, context.signal);
      return inTurn(request.portId, 'reading', context, async (seat) =>
        (await load()).readByHand(parts, request, seat, context.emit),
      );
    },
    trace: (of) => parts.traces.find('seq' in of ? traceOfRecord(log.generation, of.seq) : traceOfSearch(of.searchOn)),
    support: async () => ({ traces: await parts.traces.all(), faults: parts.faults }),
    headCheck: (request, context) =>
      inTurn(request.portId, 'checking the head', context, async (seat) =>
        (await load()).headCheckByHand(registry, request, seat, context.emit),
      ),
    setSimulation: (settings) => {
      parts.simulation.set(settings);
      changed();
      return undefined;
    },
    ...logHandlers(log),
  };
  return {
    handlers: { ...handlers, ...parts.ams.handlers, ...busHandlers(parts) },
    changed,
  };
}

type LogCalls = 'deleteRecords' | 'deleteAllRecords' | 'forgetKeptCopy' | 'setCapacity';

function logHandlers(log: RecordLog): Pick<Handlers<BaseApi>, LogCalls> {
  return {
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

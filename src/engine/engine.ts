import type { TraceEntry } from '../line/trace.ts';
import type { LogRecord } from '../log/record.ts';
import type { RecordLog } from '../log/ring.ts';
import type { MeterMemory } from '../protocols/common/protocol.ts';
import type { Handlers } from '../rpc/rpc.ts';
import type { AmsApi, AmsState } from './ams-api.ts';
import type { BaseApi, EngineApi, EngineState, ReadEvent, ReadRequest, SimulationSettings } from './api.ts';
import { batch } from './batch.ts';
import type { BusApi } from './bus-api.ts';
import { checkHead } from './head-check.ts';
import type { PortJob, PortRegistry } from './port-registry.ts';
import { protocolOf } from './protocols.ts';
import { readMeter } from './read-meter.ts';

const TRACE_BATCH_MS = 50;

export interface EngineParts {
  readonly log: RecordLog;
  readonly registry: PortRegistry;
  readonly memory: (portId: string) => MeterMemory;
  readonly simulation: { get(): SimulationSettings; set(settings: SimulationSettings): void };
  readonly serialSupported: boolean;
  /** What the browser did to the database, if anything. */
  storageNotice(): EngineState['storageNotice'];
  readonly ams: { state(): AmsState; readonly handlers: Handlers<AmsApi> };
  refreshPorts(): Promise<void>;
}

export interface Engine {
  readonly handlers: Handlers<EngineApi>;
  /** Something the state shows has changed. */
  changed(): void;
}

/** The engine's answers to its API: one reading after another, each in the log before it is called saved. */
export function createEngine(parts: EngineParts): Engine {
  const { log, registry } = parts;
  const watchers = new Set<(state: EngineState) => void>();

  const state = (): EngineState => {
    const notice = parts.storageNotice();
    return {
      ports: registry.states(),
      ...(registry.running ? { reading: registry.running } : {}),
      records: {
        count: log.count,
        newestSeq: log.newestSeq,
        usedBytes: log.usedBytes,
        capacityBytes: log.capacityBytes,
      },
      ams: parts.ams.state(),
      ...(notice ? { storageNotice: notice } : {}),
      simulation: parts.simulation.get(),
      serialSupported: parts.serialSupported,
      owner: 'this window',
    };
  };
  const changed = () => {
    if (watchers.size === 0) return;
    const now = state();
    for (const watcher of watchers) watcher(now);
  };
  log.subscribe(changed);

  function readJob(request: ReadRequest, signal: AbortSignal, emit: (event: ReadEvent) => void): PortJob<LogRecord> {
    const { portId, address, settings } = request;
    const protocol = protocolOf(request.protocol);
    return async (enginePort, tell) => {
      const trace = batch<TraceEntry>(TRACE_BATCH_MS, (entries) => emit({ kind: 'trace', entries }));
      const readout = await readMeter({
        protocol,
        port: enginePort.port,
        address,
        settings,
        closeDelayMs: 'closeDelayMs' in settings ? settings.closeDelayMs : 0,
        clock: enginePort.clock,
        options: {
          signal,
          memory: parts.memory(portId),
          onProgress: (progress) => {
            emit({ kind: 'progress', progress });
            if (progress.kind === 'step') tell(progress.text);
          },
        },
        onTrace: trace.add,
      });
      trace.flush();
      const { circumstances } = readout;
      if (circumstances?.echo !== undefined) registry.noteEcho(portId, circumstances.echo ? 'echoes' : 'silent');
      return await log.append({
        type: 'AMS',
        protocol: protocol.name,
        // Read by hand: not a row of the device list.
        index: 0,
        ...readout,
        address,
        port: enginePort.port.info.label,
      });
    };
  }

  const handlers: Handlers<BaseApi> = {
    watch: (_input, { signal, emit }) =>
      new Promise((resolve) => {
        watchers.add(emit);
        emit(state());
        signal.addEventListener('abort', () => {
          watchers.delete(emit);
          resolve(undefined);
        });
      }),
    refreshPorts: async () => {
      await parts.refreshPorts();
      return undefined;
    },
    read: async (request, { signal, emit }) => ({
      record: await registry.withPort(request.portId, 'reading', readJob(request, signal, emit), signal),
    }),
    headCheck: ({ portId, test }, { signal, emit }) =>
      registry.withPort(
        portId,
        'head check',
        async ({ port, clock }) => {
          const trace = batch<TraceEntry>(TRACE_BATCH_MS, (entries) => emit({ kind: 'trace', entries }));
          const result = await checkHead(port, test, clock, {
            signal,
            onTrace: trace.add,
            onSent: (bytes) => emit({ kind: 'sent', bytes }),
          });
          trace.flush();
          if (test === 'paper') registry.noteEcho(portId, result.echo === 'whole' ? 'echoes' : 'silent');
          return result;
        },
        signal,
      ),
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
    setCapacity: async ({ bytes }) => {
      await log.setCapacity(bytes);
      return undefined;
    },
  };
  return { handlers: { ...handlers, ...parts.ams.handlers, ...busHandlers(registry) }, changed };
}

/** Search and configuration of an M-Bus come with their first call: they are not part of the first load. */
function busHandlers(registry: PortRegistry): Handlers<BusApi> {
  let loaded: Promise<Handlers<BusApi>> | undefined;
  const load = () => (loaded ??= import('./bus.ts').then(({ createBusHandlers }) => createBusHandlers(registry)));
  return {
    findMeters: async (input, context) => (await load()).findMeters(input, context),
    pauseSearch: async (input, context) => (await load()).pauseSearch(input, context),
    configureMeter: async (input, context) => (await load()).configureMeter(input, context),
  };
}

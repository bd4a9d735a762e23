import type { RecordLog } from '../log/ring.ts';
import type { LogRecord } from '../log/record.ts';
import type { TraceEntry } from '../line/trace.ts';
import type { MeterMemory } from '../protocols/common/protocol.ts';
import { iec62056 } from '../protocols/iec62056-21/index.ts';
import type { Handlers } from '../rpc/rpc.ts';
import type { EngineApi, EngineState, ReadEvent, ReadRequest, SimulationSettings } from './api.ts';
import { batch } from './batch.ts';
import { checkHead } from './head-check.ts';
import type { EnginePort, PortRegistry } from './port-registry.ts';
import { readMeter } from './read-meter.ts';

const TRACE_BATCH_MS = 50;

export interface EngineParts {
  readonly log: RecordLog;
  readonly registry: PortRegistry;
  readonly memory: (portId: string) => MeterMemory;
  readonly simulation: { get(): SimulationSettings; set(settings: SimulationSettings): void };
  readonly serialSupported: boolean;
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
  let reading: EngineState['reading'];

  const state = (): EngineState => ({
    ports: registry.states(),
    ...(reading ? { reading } : {}),
    records: { count: log.count, newestSeq: log.newestSeq },
    simulation: parts.simulation.get(),
    serialSupported: parts.serialSupported,
    owner: 'this window',
  });
  const changed = () => {
    for (const watcher of watchers) watcher(state());
  };
  const setReading = (next: EngineState['reading']) => {
    reading = next;
    changed();
  };
  log.subscribe(changed);

  async function read(
    request: ReadRequest,
    enginePort: EnginePort,
    signal: AbortSignal,
    emit: (event: ReadEvent) => void,
  ): Promise<LogRecord> {
    const { portId, address, settings } = request;
    const trace = batch<TraceEntry>(TRACE_BATCH_MS, (entries) => emit({ kind: 'trace', entries }));
    const readout = await readMeter({
      protocol: iec62056,
      port: enginePort.port,
      address,
      settings,
      closeDelayMs: settings.closeDelayMs,
      clock: enginePort.clock,
      options: {
        signal,
        memory: parts.memory(portId),
        onProgress: (progress) => {
          emit({ kind: 'progress', progress });
          if (progress.kind === 'step') setReading({ portId, text: progress.text });
        },
      },
      onTrace: trace.add,
    });
    trace.flush();
    const { errorCode, identification, data, circumstances } = readout;
    if (circumstances?.echo !== undefined) registry.noteEcho(portId, circumstances.echo ? 'echoes' : 'silent');
    return await log.append({
      type: 'AMS',
      protocol: iec62056.name,
      // Read by hand: not a row of the device list.
      index: 0,
      errorCode,
      identification,
      data,
      address,
      port: enginePort.port.info.label,
      ...(circumstances ? { circumstances } : {}),
    });
  }

  const handlers: Handlers<EngineApi> = {
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
    read: (request, { signal, emit }) =>
      registry.withPort(
        request.portId,
        'reading',
        async (port) => {
          try {
            return { record: await read(request, port, signal, emit) };
          } finally {
            setReading(undefined);
          }
        },
        signal,
      ),
    headCheck: ({ portId, test }, { signal, emit }) =>
      registry.withPort(
        portId,
        'head check',
        async ({ port, clock: portClock }) => {
          const trace = batch<TraceEntry>(TRACE_BATCH_MS, (entries) => emit({ kind: 'trace', entries }));
          const result = await checkHead(port, test, portClock, {
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
  };
  return { handlers, changed };
}

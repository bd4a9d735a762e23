import type { PortId } from '../common/kinds.ts';
import { settingsOf } from '../common/form.ts';
import type { Readout } from '../common/readout.ts';
import type { LogRecord } from '../log/record.ts';
import type { RecordLog } from '../log/ring.ts';
import type { MeterMemory } from '../protocols/meter-access.ts';
import type { Target } from '../protocols/protocol.ts';
import type { Protocols } from '../protocols/registry.ts';
import type { AmsState } from './ams-api.ts';
import type { HeadCheckEvent, HeadCheckRequest, HeadCheckResult, ReadEvent, ReadRequest, ReadResult } from './api.ts';
import { traceBatch } from './batch.ts';
import type { KeyValueStore } from './memory.ts';
import type { PortRegistry, PortSeat } from './port-registry.ts';
import { keepByHand, readMeter } from './read-meter.ts';
import { traceOfRecord } from './trace-names.ts';
import type { TraceBook } from './traces.ts';

export { lateReadings, waitingReadings, watchWaiting } from './read-meter.ts';

export interface ByHandParts {
  /** Milliseconds since the epoch. */
  now(): number;
  readonly log: RecordLog;
  readonly registry: PortRegistry;
  readonly protocols: Protocols;
  readonly memory: (portId: PortId) => MeterMemory;
  readonly settings: Pick<KeyValueStore, 'get'>;
  readonly traces: Pick<TraceBook, 'record'>;
  readonly ams: {
    state(): Pick<AmsState, 'inputs'>;
    /** What is collected all the time from the port that the state names. */
    readInputs(target: Target, signal: AbortSignal): Promise<Readout>;
  };
}

/** A read that somebody at a page asked for, in its turn at the port: in the log before it is called saved. */
export async function readByHand(
  parts: ByHandParts,
  request: ReadRequest,
  seat: PortSeat,
  emit: (event: ReadEvent) => void,
): Promise<ReadResult> {
  const { log, registry } = parts;
  const { portId, address } = request;
  const protocol = parts.protocols.find(request.protocol);
  if (!protocol) throw new Error(`${request.protocol} is not built in.`);
  const settings = settingsOf(protocol.settings, { set: request.settings });
  const { label } = seat.port.info;
  const trace = traceBatch(emit);
  const recorder = parts.traces.record();
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
  const keepTrace = ({ seq }: LogRecord) => recorder.keepAs(traceOfRecord(log.generation, seq));
  const draft = {
    type: 'AMS',
    protocol: protocol.name,
    // Read by hand: not a row of the device list.
    index: 0,
    ...readout,
    address,
    port: label,
  } as const;
  const result = await keepByHand(log, parts, draft, keepTrace);
  if (result.kept) keepTrace(result.record);
  return result;
}

/** Of what is collected all the time, without a turn at the port: whoever hears it all the time would have to stop for it. */
export async function readCollected(
  parts: ByHandParts,
  request: ReadRequest,
  signal: AbortSignal,
): Promise<ReadResult> {
  const { log, registry } = parts;
  const { portId, protocol, address } = request;
  const readout = await parts.ams.readInputs({ address, settings: {} }, signal);
  const port = registry.find(portId)?.port.info.label ?? portId;
  return await keepByHand(log, parts, { type: 'AMS', protocol, index: 0, ...readout, address, port });
}

/** A check that somebody at a page asked for, in its turn at the port. */
export async function headCheckByHand(
  registry: Pick<PortRegistry, 'noteEcho'>,
  { portId, test }: HeadCheckRequest,
  seat: PortSeat,
  emit: (event: HeadCheckEvent) => void,
): Promise<HeadCheckResult> {
  const { checkHead } = await import('./head-check.ts');
  const trace = traceBatch(emit);
  const result = await checkHead(seat, test, {
    onTrace: trace.add,
    onSent: (bytes) => emit({ kind: 'sent', bytes }),
  });
  trace.flush();
  if (test === 'paper') registry.noteEcho(portId, result.echo === 'whole' ? 'echoes' : 'silent');
  return result;
}

import type { Meter, MeterDraft } from '../ams/meter.ts';
import type { PortQueues } from '../ams/port-queues.ts';
import type { PortEntry } from '../ams/ports-table.ts';
import { NOT_STARTED } from '../ams/retries.ts';
import { PortError } from '../line/port.ts';
import { fittingValues, settingsOf, type Layers, type Values } from '../common/form.ts';
import { framingOf } from '../line/framing.ts';
import type { MeterMemory, Protocol, Target } from '../protocols/protocol.ts';
import type { Protocols } from '../protocols/registry.ts';
import type { Readout } from '../common/readout.ts';
import type { ReadResult } from './api.ts';
import type { EnginePort } from './port-registry.ts';

/** One read as the device list asks for it; the engine knows ports, memory and progress. */
export interface PortRead {
  readonly portId: string;
  readonly protocol: Protocol;
  readonly target: Target;
  /** Where habits of a meter of the list are kept; absent for a read outside it. */
  readonly memory?: MeterMemory;
  /** The number on the plate of a meter of the list. */
  readonly knownNumber?: string;
  readonly signal: AbortSignal;
}

export interface ListReadsParts {
  /** The meter as it is in the list now. */
  meter(id: string): Meter | undefined;
  portEntry(number: number): PortEntry | undefined;
  /** The port bound to a number, while it is plugged in. */
  enginePort(number: number): EnginePort | undefined;
  readonly protocols: Protocols;
  /** Shared with the schedule. */
  readonly queues: PortQueues;
  read(request: PortRead): Promise<Readout>;
  /** The higher first rate of a port is given up for 300 Bd. */
  fallBackTo300(port: number): void;
  /** Keeps what a reading taught of a meter. */
  improve(id: string, edit: Partial<MeterDraft>): void;
  onChange(): void;
}

export interface ListReads {
  /** Whoever calls it has the port's turn. */
  read(meter: Meter, signal: AbortSignal): Promise<Readout>;
  /** Waits for the port's turn ahead of the schedule; rejects at once when it is aborted while it waits. */
  readNow(
    id: string,
    keep: (meter: Meter, readout: Readout) => Promise<ReadResult>,
    signal: AbortSignal,
  ): Promise<ReadResult>;
  /** A meter that need not be in the list. */
  directRead(port: number, protocol: string, address: string, set: Values, signal: AbortSignal): Promise<Readout>;
  isReading(id: string): boolean;
  /** Somebody asked for it now, and it waits for its port. */
  isAsked(id: string): boolean;
}

/** General codes: "required protocol cannot be connected to specified physical port", "reading was not started". */
const WRONG_PORT = 3;

/** The readings of the device list, through the ports table. */
export function createListReads(parts: ListReadsParts): ListReads {
  const { queues, protocols } = parts;
  const reading = new Set<string>();
  const asked = new Set<string>();

  async function readThrough(
    port: number,
    protocolName: string,
    address: string,
    layers: Pick<Layers, 'set' | 'learnt'>,
    signal: AbortSignal,
    known: Pick<PortRead, 'memory' | 'knownNumber'> = {},
  ): Promise<Readout> {
    const protocol = protocols.find(protocolName);
    if (!protocol) return refused(WRONG_PORT, `${protocolName} is not built in.`);
    const entry = parts.portEntry(port);
    const bound = parts.enginePort(port);
    if (!entry) return refused(WRONG_PORT, `There is no port ${port} for ${protocolName}.`);
    if (entry.portId === undefined) return refused(NOT_STARTED, `Port ${port} is bound to no adapter.`);
    if (!bound) return refused(NOT_STARTED, `The adapter of port ${port} is not plugged in.`);
    const { baudRate } = entry.active;
    const settings = settingsOf(protocol.settings, {
      ...layers,
      set: fittingValues(protocol.settings, layers.set),
      suggested: bound.suggested?.protocol === protocol.name ? bound.suggested.settings : undefined,
      port: { baudRate, framing: framingOf(entry.active) },
    });
    const target = { address, settings };
    const read = parts.read({
      portId: entry.portId,
      protocol,
      target,
      ...known,
      signal,
    });
    const readout = await read.catch((error: unknown) => {
      // The port is used for something else for good.
      if (error instanceof PortError) return refused(NOT_STARTED, error.message, error.checklist.join('\n'));
      throw error;
    });
    // Not where the higher rate was the meter's own.
    if (readout.circumstances?.fellBackTo300) {
      const { lineOf } = await protocol.parts.dialogue();
      if (lineOf(target).baudRate === baudRate) parts.fallBackTo300(port);
    }
    return readout;
  }

  /** What a dialogue learns of a meter of the list stays with the meter, whatever port it is moved to. */
  function memoryOf(id: string): MeterMemory {
    const known = () => parts.meter(id)?.learnt;
    return {
      recall() {
        const { staysAtFirstRate, learnedAt } = known() ?? {};
        return {
          staysAtFirstRate: staysAtFirstRate === true,
          ...(typeof learnedAt === 'number' ? { learnedAt } : {}),
        };
      },
      remember(_key, { staysAtFirstRate, learnedAt }) {
        if (staysAtFirstRate === undefined) return;
        const { staysAtFirstRate: before, learnedAt: since, ...others } = known() ?? {};
        if (before === staysAtFirstRate && since === learnedAt) return;
        const learnt = { ...others, staysAtFirstRate, ...(learnedAt === undefined ? {} : { learnedAt }) };
        parts.improve(id, { learnt });
      },
    };
  }

  async function read(
    { id, port, protocol, address, serialNumber, settings: set, learnt }: Meter,
    signal: AbortSignal,
  ): Promise<Readout> {
    asked.delete(id);
    reading.add(id);
    parts.onChange();
    try {
      const known = { memory: memoryOf(id), ...(serialNumber === undefined ? {} : { knownNumber: serialNumber }) };
      return await readThrough(port, protocol, address, { set, learnt }, signal, known);
    } finally {
      reading.delete(id);
      parts.onChange();
    }
  }

  /** In the list at the moment of asking, and when its turn comes. */
  function inList(id: string): Meter {
    const meter = parts.meter(id);
    if (!meter) throw new Error('This meter is no longer in the list.');
    return meter;
  }

  return {
    read,
    async readNow(id, keep, signal) {
      signal.throwIfAborted();
      const { port } = inList(id);
      asked.add(id);
      parts.onChange();
      try {
        return await new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => asked.has(id) && reject(signal.reason as Error), { once: true });
          const turn = async () => {
            signal.throwIfAborted();
            const meter = inList(id);
            return await keep(meter, await read(meter, signal));
          };
          queues.run(port, turn, 'first').then(resolve, reject);
        });
      } finally {
        asked.delete(id);
        parts.onChange();
      }
    },
    directRead: (port, protocol, address, set, signal) => readThrough(port, protocol, address, { set }, signal),
    isReading: (id) => reading.has(id),
    isAsked: (id) => asked.has(id),
  };
}

function refused(errorCode: number, message: string, hint?: string): Readout {
  const circumstances = { message, ...(hint === undefined ? {} : { hint }) };
  return { errorCode, identification: '', data: '', circumstances };
}

import type { PortId } from '../common/kinds.ts';
import { AD_INPUT_PORT, type Meter } from '../ams/meter.ts';
import { NOT_STARTED } from '../ams/retries.ts';
import type { TakeTurn } from '../ams/turns.ts';
import { PortError } from '../line/port.ts';
import type { Values } from '../common/form.ts';
import type { Tries } from '../common/tries.ts';
import type { Protocols } from '../protocols/registry.ts';
import type { Readout } from '../common/readout.ts';
import type { ReadResult } from './api.ts';
import type { InputsDesk } from './inputs.ts';
import { createListSettings, type ListSettings } from './list-settings.ts';
import { memoryInList, type ListMemoryParts } from './list-memory.ts';
import type { PortSeat } from './port-registry.ts';
import { createPortTurns, type PortTurnsParts } from './port-turns.ts';
import type { MeterRead } from './read-meter.ts';
import type { Turn } from './seat.ts';
import type { JobRecorder, TraceBook } from './traces.ts';

/** One read as the device list asks for it; the engine adds what is learnt of meters outside the list. */
export interface PortRead extends Omit<MeterRead, 'settings' | 'onProgress'> {
  readonly portId: PortId;
}

export interface ListReadsParts extends PortTurnsParts, ListMemoryParts {
  readonly protocols: Protocols;
  read(request: PortRead): Promise<Readout>;
  readInputs: InputsDesk['read'];
  /** The higher first rate of a port is given up for 300 Bd. */
  fallBackTo300(port: number): void;
  readonly traces: Pick<TraceBook, 'record'>;
  onChange(): void;
}

/** What somebody asks for who waits for it. */
export type Asking = Pick<Turn, 'signal' | 'onWait'>;

export interface ListReads extends Pick<ListSettings, 'triesFor' | 'speaksItself'> {
  /** For the schedule: waits for the port's turn behind people. */
  takeTurn: TakeTurn<PortSeat>;
  /** Whoever calls it has the port's turn. */
  read(meter: Meter, seat: PortSeat, tries?: Tries): Promise<Readout>;
  /** Waits for the port's turn ahead of the schedule; rejects at once when it is aborted while it waits. */
  readNow(
    id: string,
    keep: (meter: Meter, readout: Readout) => Promise<ReadResult>,
    asking: Asking,
  ): Promise<ReadResult>;
  /** A meter that need not be in the list. */
  directRead(port: number, protocol: string, address: string, set: Values, asking: Asking): Promise<Readout>;
  isReading(id: string): boolean;
  /** What was on the wire in the last reading of a meter, all its tries; of one that runs, too. */
  traceOf(id: string): JobRecorder | undefined;
  /** Somebody asked for it now, and it waits for its port. */
  isAsked(id: string): boolean;
}

/** General codes: "required protocol cannot be connected to specified physical port", "reading was not started". */
const WRONG_PORT = 3;

/** A meter and how it is asked. */
interface Asked {
  readonly protocol: string;
  readonly address: string;
  readonly layers: Pick<Meter, 'settings' | 'learnt'>;
  readonly known?: Pick<PortRead, 'memory' | 'knownNumber' | 'tries' | 'byItself'>;
  readonly onTrace: PortRead['onTrace'];
}

/** The readings of the device list, through the ports table. */
export function createListReads(parts: ListReadsParts): ListReads {
  const { protocols } = parts;
  const reading = new Set<string>();
  const recorders = new Map<string, { readonly seat: PortSeat; readonly recorder: JobRecorder }>();
  const asked = new Set<string>();
  const turnAt = createPortTurns(parts);
  const { settingsAt, triesFor, speaksItself } = createListSettings(parts);

  async function readThrough(port: number, meter: Asked, seat: PortSeat | PortError): Promise<Readout> {
    const { address, layers, known, onTrace } = meter;
    const protocol = protocols.find(meter.protocol);
    const entry = parts.portEntry(port);
    if (!protocol) return refused(WRONG_PORT, `${meter.protocol} is not built in.`);
    const isInput = protocol.wire === 'inputs';
    if (isInput !== (port === AD_INPUT_PORT))
      return refused(WRONG_PORT, `${protocol.name} cannot be used on port ${port}.`);
    if (isInput && !(seat instanceof PortError))
      return await parts.readInputs({ address, settings: layers.settings ?? {} }, seat.signal);
    if (!entry) return refused(WRONG_PORT, `There is no port ${port} for ${meter.protocol}.`);
    if (seat instanceof PortError) return refused(NOT_STARTED, seat.message, seat.checklist.join('\n'));
    const { baudRate } = entry.active;
    const target = { address, settings: settingsAt(protocol, entry, { ...layers, port }) };
    const readout = await parts.read({ portId: seat.port.info.id, protocol, target, ...known, seat, onTrace });
    // Not where the higher rate was the meter's own.
    if (readout.circumstances?.fellBackTo300) {
      const { lineOf } = await protocol.parts.dialogue();
      if (lineOf(target).baudRate === baudRate) parts.fallBackTo300(port);
    }
    return readout;
  }

  /** One a turn, in which a meter may be tried several times. */
  function recorderOf(id: string, seat: PortSeat | PortError): JobRecorder {
    const known = recorders.get(id);
    if (known?.seat === seat) return known.recorder;
    const recorder = parts.traces.record();
    if (seat instanceof PortError) recorders.delete(id);
    else recorders.set(id, { seat, recorder });
    return recorder;
  }

  async function read(meter: Meter, seat: PortSeat | PortError, tries?: Tries): Promise<Readout> {
    const { id, port, protocol, address, serialNumber } = meter;
    asked.delete(id);
    reading.add(id);
    parts.onChange();
    try {
      const known = {
        memory: memoryInList(parts, id),
        // Only the schedule counts them.
        ...(tries ? { tries, byItself: true } : {}),
        ...(serialNumber === undefined ? {} : { knownNumber: serialNumber }),
      };
      return await readThrough(
        port,
        { protocol, address, layers: meter, known, onTrace: recorderOf(id, seat).add },
        seat,
      );
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
    triesFor,
    speaksItself,
    takeTurn: (port, job, signal) =>
      turnAt(
        () => port,
        { rank: 'schedule', text: 'reading', signal },
        async (seat) => {
          if (seat instanceof PortError) return seat.message;
          await job(seat);
          return undefined;
        },
      ),
    async readNow(id, keep, asking) {
      asking.signal.throwIfAborted();
      const number = () => inList(id).port;
      number();
      asked.add(id);
      parts.onChange();
      try {
        return await turnAt(number, { ...asking, rank: 'person', text: 'reading' }, async (seat) => {
          const meter = inList(id);
          return await keep(meter, await read(meter, seat));
        });
      } finally {
        asked.delete(id);
        parts.onChange();
      }
    },
    directRead: (port, protocol, address, set, asking) =>
      turnAt(
        () => port,
        { ...asking, rank: 'person', text: 'reading' },
        (seat) => readThrough(port, { protocol, address, layers: { settings: set }, onTrace: () => undefined }, seat),
      ),
    isReading: (id) => reading.has(id),
    isAsked: (id) => asked.has(id),
    traceOf: (id) => recorders.get(id)?.recorder,
  };
}

function refused(errorCode: number, message: string, hint?: string): Readout {
  const circumstances = { message, ...(hint === undefined ? {} : { hint }) };
  return { errorCode, identification: '', data: '', circumstances };
}

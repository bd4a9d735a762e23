import type { Meter, MeterDraft } from '../ams/meter.ts';
import type { PortEntry } from '../ams/ports-table.ts';
import { NOT_STARTED } from '../ams/retries.ts';
import type { TakeTurn } from '../ams/turns.ts';
import { PortError } from '../line/port.ts';
import { fittingValues, settingsOf, type Values } from '../common/form.ts';
import { createTries, type Tries } from '../common/tries.ts';
import { framingOf } from '../line/framing.ts';
import { listensWith } from '../protocols/listens.ts';
import type { MeterMemory, Protocol } from '../protocols/protocol.ts';
import type { Protocols } from '../protocols/registry.ts';
import type { Readout } from '../common/readout.ts';
import type { ReadResult } from './api.ts';
import type { EnginePort, PortRegistry, PortSeat } from './port-registry.ts';
import type { MeterRead } from './read-meter.ts';
import type { Turn } from './seat.ts';
import type { JobRecorder, TraceBook } from './traces.ts';

/** One read as the device list asks for it; the engine adds what is learnt of meters outside the list. */
export interface PortRead extends Omit<MeterRead, 'onProgress'> {
  readonly portId: string;
}

export interface ListReadsParts {
  /** The meter as it is in the list now. */
  meter(id: string): Meter | undefined;
  portEntry(number: number): PortEntry | undefined;
  /** The port bound to a number, while it is plugged in. */
  enginePort(number: number): EnginePort | undefined;
  readonly protocols: Protocols;
  /** A turn at a port. */
  use: PortRegistry['use'];
  read(request: PortRead): Promise<Readout>;
  /** The higher first rate of a port is given up for 300 Bd. */
  fallBackTo300(port: number): void;
  /** Keeps what a reading taught of a meter. */
  improve(id: string, edit: Partial<MeterDraft>): void;
  readonly traces: Pick<TraceBook, 'record'>;
  onChange(): void;
}

/** What somebody asks for who waits for it. */
export type Asking = Pick<Turn, 'signal' | 'onWait'>;

export interface ListReads {
  /** For the schedule: waits for the port's turn behind people. */
  takeTurn: TakeTurn<PortSeat>;
  /** Whoever calls it has the port's turn. */
  read(meter: Meter, seat: PortSeat, tries?: Tries): Promise<Readout>;
  /** The account of repetitions of one scheduled reading. @param retries of the schedule */
  triesFor(meter: Meter, retries: number): Promise<Tries>;
  /** Waits for the port's turn ahead of the schedule; rejects at once when it is aborted while it waits. */
  readNow(
    id: string,
    keep: (meter: Meter, readout: Readout) => Promise<ReadResult>,
    asking: Asking,
  ): Promise<ReadResult>;
  /** A meter that need not be in the list. */
  directRead(port: number, protocol: string, address: string, set: Values, asking: Asking): Promise<Readout>;
  /** Does this meter speak by itself, as it is set up? Not on a port that is not in the table. */
  speaksItself(meter: Meter): boolean;
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
  readonly known?: Pick<PortRead, 'memory' | 'knownNumber' | 'tries'>;
  readonly onTrace: PortRead['onTrace'];
}

/** The readings of the device list, through the ports table. */
export function createListReads(parts: ListReadsParts): ListReads {
  const { protocols } = parts;
  const reading = new Set<string>();
  const recorders = new Map<string, { readonly seat: PortSeat; readonly recorder: JobRecorder }>();
  const asked = new Set<string>();

  /** The port behind a number; or why nothing can be read there. */
  function portAt(number: number): { readonly portId: string } | PortError {
    const entry = parts.portEntry(number);
    if (!entry) return new PortError('unsupported', `There is no port ${number}.`);
    if (entry.portId === undefined) return new PortError('lost', `Port ${number} is bound to no adapter.`);
    if (!parts.enginePort(number)) return new PortError('lost', `The adapter of port ${number} is not plugged in.`);
    return { portId: entry.portId };
  }

  /**
   * Runs the job in one turn at whatever port is behind the number when the turn comes: both may change while it waits.
   * Where there is none, or it can't be had, the job gets the reason instead.
   */
  async function turnAt<T>(
    number: () => number,
    turn: Turn,
    job: (seat: PortSeat | PortError) => Promise<T>,
  ): Promise<T> {
    for (;;) {
      const at = portAt(number());
      if (at instanceof PortError) return await job(at);
      let hasBegun = false;
      try {
        const outcome = await parts.use(at.portId, turn, async (seat) => {
          hasBegun = true;
          const now = portAt(number());
          return 'portId' in now && now.portId === at.portId ? { value: await job(seat) } : undefined;
        });
        if (outcome) return outcome.value;
      } catch (error) {
        if (hasBegun || !(error instanceof PortError)) throw error;
        return await job(error);
      }
    }
  }

  /** Every setting that holds for a meter on a port. */
  function settingsAt(
    protocol: Protocol,
    { active }: PortEntry,
    { port, settings, learnt }: Pick<Meter, 'port' | 'settings' | 'learnt'>,
  ): Values {
    const suggested = parts.enginePort(port)?.suggested;
    return settingsOf(protocol.settings, {
      learnt,
      set: fittingValues(protocol.settings, settings),
      suggested: suggested?.protocol === protocol.name ? suggested.settings : undefined,
      port: { baudRate: active.baudRate, framing: framingOf(active) },
    });
  }

  async function readThrough(port: number, meter: Asked, seat: PortSeat | PortError): Promise<Readout> {
    const { address, layers, known, onTrace } = meter;
    const protocol = protocols.find(meter.protocol);
    const entry = parts.portEntry(port);
    if (!protocol) return refused(WRONG_PORT, `${meter.protocol} is not built in.`);
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

  /** One a turn, in which a meter may be tried several times. */
  function recorderOf(id: string, seat: PortSeat | PortError): JobRecorder {
    const known = recorders.get(id);
    if (known?.seat === seat) return known.recorder;
    const recorder = parts.traces.record();
    if (seat instanceof PortError) recorders.delete(id);
    else recorders.set(id, { seat, recorder });
    return recorder;
  }

  /** As many as the meter's own settings say, or the schedule, whichever is more. */
  async function triesFor(meter: Meter, retries: number): Promise<Tries> {
    const protocol = protocols.find(meter.protocol);
    const entry = parts.portEntry(meter.port);
    const own = protocol && entry ? settingsAt(protocol, entry, meter)['retries'] : undefined;
    const { generalErrors } = await import('../common/general-errors.ts');
    const rows = [...generalErrors, ...((await protocol?.parts.errors()) ?? [])];
    return createTries(Math.max(retries, typeof own === 'number' ? own : 0), rows);
  }

  async function read(meter: Meter, seat: PortSeat | PortError, tries?: Tries): Promise<Readout> {
    const { id, port, protocol, address, serialNumber } = meter;
    asked.delete(id);
    reading.add(id);
    parts.onChange();
    try {
      const known = {
        memory: memoryOf(id),
        ...(tries ? { tries } : {}),
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
    speaksItself(meter) {
      const protocol = protocols.find(meter.protocol);
      const entry = parts.portEntry(meter.port);
      return protocol !== undefined && entry !== undefined && listensWith(protocol, settingsAt(protocol, entry, meter));
    },
    isReading: (id) => reading.has(id),
    isAsked: (id) => asked.has(id),
    traceOf: (id) => recorders.get(id)?.recorder,
  };
}

function refused(errorCode: number, message: string, hint?: string): Readout {
  const circumstances = { message, ...(hint === undefined ? {} : { hint }) };
  return { errorCode, identification: '', data: '', circumstances };
}

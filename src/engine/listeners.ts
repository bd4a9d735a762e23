import type { PortId } from '../common/kinds.ts';
import type { Listens } from '../ams/ports-table.ts';
import type { Clock } from '../common/clock.ts';
import type { Scheduler } from '../ams/scheduler.ts';
import type { TraceEntry } from '../line/trace.ts';
import type { HeardDraft } from '../ams/schedule-host.ts';
import type { LogRecord } from '../log/record.ts';
import type { RecordLog } from '../log/ring.ts';
import type { Protocol, Telegram } from '../protocols/protocol.ts';
import type { Protocols } from '../protocols/registry.ts';
import type { HeardTelegram, ListeningState } from './ams-api.ts';
import { createAttribution, type Attribute, type AttributionParts } from './attribution.ts';
import { hearingState, hearOn } from './hear-on.ts';
import type { PortRegistry, PortSeat } from './port-registry.ts';
import { createThinning, type Thinning } from './thinning.ts';
import { traceOfRecord } from './trace-names.ts';
import type { TraceBook } from './traces.ts';
import { withLine } from './with-line.ts';

/** Records that wait for a storage that does not answer; the meters will speak again. */
const MAX_UNWRITTEN = 100;

export interface ListenersParts extends AttributionParts {
  readonly clock: Clock;
  readonly log: Pick<RecordLog, 'append' | 'generation'>;
  readonly registry: Pick<PortRegistry, 'find' | 'listen' | 'wireState'>;
  readonly protocols: Protocols;
  readonly traces: Pick<TraceBook, 'record'>;
  /** Slots of meters of the list that are heard, once the schedule is there. */
  slots(): Scheduler['heard'] | undefined;
  /** A record of a meter of the list is in the log. */
  onRecord(record: LogRecord): void;
  onChange(): void;
  onError(error: unknown): void;
}

type Emit = (heard: HeardTelegram) => void;

/** Hears ports on and on: one a port, each until its entry in the ports table is gone. */
export interface Listeners {
  /** Starts and stops what these say, by port. */
  heed(wanted: ReadonlyMap<string, Listens>): void;
  states(): readonly ListeningState[];
  /** The last telegram of a port, and each that comes, until aborted. */
  follow(portId: PortId, emit: Emit, signal: AbortSignal): Promise<undefined>;
}

interface Running {
  listens: Listens;
  readonly stop: AbortController;
  seen: Omit<ListeningState, 'portId' | 'state' | 'text'>;
  /** What it does, in its own words. */
  step: string;
  /** Outlives guests and replugs. */
  readonly thinning: Thinning;
  /** Why it cannot listen at the moment. */
  trouble: string;
  last?: HeardTelegram;
}

export function createListeners(parts: ListenersParts): Listeners {
  const { clock, registry, protocols, onChange } = parts;
  const attribute = createAttribution(parts);
  const all = new Map<string, Running>();
  /** What was told to end, until it has. */
  const ending = new Map<string, Promise<void>>();
  const followers = new Map<string, Set<Emit>>();

  async function hear(portId: PortId, running: Running, seat: PortSeat): Promise<void> {
    const { protocol: name, address, settings } = running.listens;
    const protocol = protocols.find(name);
    const listener = await protocol?.parts.listener?.();
    if (!protocol || !listener) throw new Error(`This build cannot listen for ${name}.`);
    const { lineOf } = await protocol.parts.dialogue();
    const target = { address, settings };
    const keep = createKeeping(parts, { portId, protocol, running, attribute });
    const options = { ...lineOf(target), isEndless: true, onTrace: keep.onTrace };
    await withLine(seat, options, async (line) => {
      running.trouble = '';
      await listener.listen(line, target, {
        onTelegram(telegram) {
          const heard = { protocol: protocol.name, at: clock.now(), ...telegram };
          if (!keep.take(telegram)) return;
          running.last = heard;
          for (const emit of followers.get(portId) ?? []) emit(heard);
        },
        onDropped: keep.drop,
        onStep(text) {
          if (text === running.step) return;
          running.step = text;
          onChange();
        },
      });
    });
  }

  function run(portId: PortId, running: Running): Promise<void> {
    const onTrouble = (text = running.trouble) => {
      running.trouble = text;
      onChange();
    };
    return hearOn({ ...parts, onTrouble }, portId, running.stop.signal, (seat) => hear(portId, running, seat));
  }

  function start(portId: PortId, listens: Listens): void {
    const running: Running = {
      listens,
      stop: new AbortController(),
      seen: { heard: 0, kept: 0, dropped: 0 },
      step: '',
      thinning: createThinning(clock),
      trouble: '',
    };
    all.set(portId, running);
    const before = ending.get(portId) ?? Promise.resolve();
    const ended = before.then(() => run(portId, running)).catch(parts.onError);
    ending.set(portId, ended);
  }

  const stateOf = (portId: PortId, { seen, step, trouble }: Running): ListeningState => ({
    portId,
    ...hearingState(registry, portId, trouble, step),
    ...seen,
  });

  return {
    heed(wanted) {
      for (const [portId, running] of all) {
        const next = wanted.get(portId);
        if (next && isSameListening(running.listens, next)) {
          running.listens = next;
        } else {
          running.stop.abort();
          all.delete(portId);
        }
      }
      for (const [portId, listens] of wanted) if (!all.has(portId)) start(portId, listens);
    },
    states: () => [...all].map(([portId, running]) => stateOf(portId, running)),
    follow: (portId, emit, signal) =>
      new Promise((resolve) => {
        const last = all.get(portId)?.last;
        if (last) emit(last);
        const here = followers.get(portId) ?? new Set<Emit>();
        followers.set(portId, here.add(emit));
        signal.addEventListener('abort', () => {
          here.delete(emit);
          resolve(undefined);
        });
      }),
  };
}

/** Brings what is heard on a port into the log, and counts it. */
function createKeeping(parts: ListenersParts, { portId, protocol, running, attribute }: Heard) {
  const { clock, log, registry, traces, onChange } = parts;
  const { thinning } = running;
  let recorder = traces.record();
  let unwritten = 0;

  function drop(reason: string): void {
    const { seen } = running;
    running.seen = { ...seen, dropped: seen.dropped + 1, lastDropped: { at: clock.now(), reason } };
    onChange();
  }

  /** @param slots where the record is the one of its slot */
  async function keep(key: string, draft: HeardDraft, slots?: Scheduler['heard']): Promise<void> {
    const wire = recorder;
    recorder = traces.record();
    unwritten++;
    let record: LogRecord;
    try {
      record = await (slots ? slots.append(String(draft.meter), draft) : log.append(draft));
    } catch (error) {
      thinning.notKept(key);
      return drop(`The log did not take it: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      unwritten--;
    }
    const { seq, time } = record;
    wire.keepAs(traceOfRecord(log.generation, seq));
    running.seen = { ...running.seen, kept: running.seen.kept + 1, lastKept: { seq, time } };
    parts.onRecord(record);
    onChange();
  }

  return {
    onTrace: (entry: TraceEntry) => recorder.add(entry),
    drop,
    /** Makes a record of it where one is due; false for one that was heard twice. */
    take(telegram: Telegram): boolean {
      const { readout, from, kind = '', essence } = telegram;
      const { as, doubtful } = attribute(portId, protocol, from);
      const { meter } = as;
      const who = meter === undefined ? (from[0] ?? readout.identification) : `meter ${meter}`;
      const key = `${who} ${kind}`;
      const slots = parts.slots();
      const isAwaited = meter !== undefined && isGood(telegram) && slots?.isAwaited(meter.toString()) === true;
      // The first in a slot is its record, however short ago another one was made.
      const verdict = thinning.judge(key, readout, isAwaited ? 0 : running.listens.everyMs, essence);
      if (verdict === 'same') return false;
      // Of one that is asked, or was heard, it says nothing.
      for (const id of doubtful) if (slots?.isAwaited(id)) slots.note(id, DOUBTFUL);
      running.seen = { ...running.seen, heard: running.seen.heard + 1, lastHeardAt: clock.now() };
      onChange();
      if (verdict === 'heard') return true;
      const port = registry.find(portId)?.port.info.label ?? portId;
      const draft = draftOf(telegram, protocol, as, port);
      if (unwritten < MAX_UNWRITTEN) keep(key, draft, isAwaited ? slots : undefined).catch(parts.onError);
      else {
        thinning.notKept(key);
        drop('The log does not answer: what was heard is not kept.');
      }
      return true;
    },
  };
}

interface Heard {
  readonly portId: PortId;
  readonly protocol: Protocol;
  readonly running: Running;
  readonly attribute: Attribute;
}

/** What came by radio is a record of its own kind, as the SmartCOM keeps it. */
function draftOf(
  { readout, dBm }: Telegram,
  { name }: Protocol,
  as: ReturnType<Attribute>['as'],
  port: string,
): HeardDraft {
  if (dBm === undefined) return { type: 'AMS', protocol: name, ...as, ...readout, port };
  const { meter, index } = as;
  const { data, circumstances } = readout;
  const of = { ...(meter !== undefined && { meter }), index, port, ...(circumstances && { circumstances }) };
  return { type: 'WMBUS', rssi: Math.round(dBm), length: data.length / 2, data, ...of };
}

/** What settles a slot: a telegram of the meter that is meant, with values, without an error. */
const isGood = ({ readout: { errorCode, circumstances }, isWithoutValues }: Telegram) =>
  errorCode === 0 && circumstances?.otherMeter === undefined && isWithoutValues !== true;

const DOUBTFUL =
  'A telegram came that it may have sent, or another one: each meter needs its number in the list, by radio with the letters of its maker in front where two have the same.';

/** How often a record is made can be changed while it listens. */
function isSameListening(one: Listens, other: Listens): boolean {
  const asText = ({ protocol, address, settings }: Listens) => JSON.stringify([protocol, address, settings]);
  return asText(one) === asText(other);
}

import { PortError } from '../line/port.ts';
import type { Clock } from '../common/clock.ts';

/** Whoever called Stop is answered after this at the latest, whatever hangs below. */
export const ANSWER_MS = 900;
/** So long may a stopped job go on holding the wire to sign off. Then the port counts as stuck. */
export const FAREWELL_MS = 10_000;

export interface Turn {
  /** A person goes before the schedule; equal ranks go in the order of asking. */
  readonly rank: 'person' | 'schedule';
  /** What it does, in words: "reading". */
  readonly text: string;
  readonly signal: AbortSignal;
  /** What it waits for, in the words of whoever has the wire; `undefined` once its turn has come. */
  readonly onWait?: (forWhat: string | undefined) => void;
}

/** What a job has of its wire while it has it. */
export interface Seat {
  /** Aborts with the turn's signal; that of a listener also when a guest wants the wire. */
  readonly signal: AbortSignal;
  /** Says in words what is done now. */
  say(text: string): void;
  /** Somebody waits for this wire. */
  isWanted(): boolean;
  /** Resolves when somebody waits for this wire. */
  wanted(): Promise<void>;
  /**
   * A safe point of a long job, with nothing half said and the port closed: lends the wire to all who wait. True if it was
   * away. Rejects with the signal's reason.
   */
  rest(): Promise<boolean>;
}

export interface WireState {
  /** What goes on now: the running job's words, or that it signs off. */
  readonly text: string;
  readonly kind: 'busy' | 'listening' | 'signing off' | 'stuck';
  readonly waiting: number;
}

/** One desk for each wire: people before the schedule before a listener, and one at a time. */
export interface PortDesk {
  /**
   * Runs the job when the wire is free. Rejects with the signal's reason at once while it waits, and within
   * {@link ANSWER_MS} while it runs. Rejects with a PortError where the port is stuck.
   */
  use<T>(portId: string, turn: Turn, job: (seat: Seat) => Promise<T>): Promise<T>;
  /**
   * Hears the wire whenever nobody else wants it: the job is run again after each guest and each time the port comes back.
   * Resolves when the signal has aborted; rejects when the job fails for another reason than a lost port. One a wire.
   */
  listen(portId: string, text: string, signal: AbortSignal, job: (seat: Seat) => Promise<void>): Promise<void>;
  /** Undefined for a wire on which nothing goes on. */
  state(portId: string): WireState | undefined;
  /** To be called when ports came or went: a listener begins again, and a new port object is no longer stuck. */
  portsChanged(): void;
  /** Resolves once no job runs or waits on any wire; listeners do not count. */
  idle(): Promise<void>;
}

export interface DeskParts {
  readonly clock: Clock;
  /** The object behind a port's id while it is plugged in: another object is another chance. */
  portOf(portId: string): unknown;
  onChange(): void;
}

interface Waiting {
  readonly turn: Turn;
  readonly start: () => void;
  readonly refuse: (reason: Error) => void;
}

interface Running {
  text: string;
  kind: WireState['kind'];
  readonly port: unknown;
  /** Called once, when somebody begins to wait. */
  onWanted: (() => void)[];
}

/** A job and its hold on the wire: another one after each rest. */
interface Holder {
  running: Running;
}

interface Listener {
  readonly text: string;
  readonly run: () => Promise<void>;
  /** It has ended because the port is gone; it begins again when ports have changed. */
  asleep: boolean;
}

interface Wire {
  readonly waiting: Waiting[];
  running: Running | undefined;
  /** Jobs that lent the wire, the last lender last. */
  readonly lenders: (() => void)[];
  listener: Listener | undefined;
}

/** Why a listener is asked to stop: a guest has come. */
const GUEST = new DOMException('Somebody else needs the wire.', 'AbortError');

export function createDesk({ clock, portOf, onChange }: DeskParts): PortDesk {
  const wires = new Map<string, Wire>();
  let waitingForIdle: (() => void)[] = [];

  function wireOf(portId: string): Wire {
    let wire = wires.get(portId);
    if (!wire) wires.set(portId, (wire = { waiting: [], running: undefined, lenders: [], listener: undefined }));
    return wire;
  }

  /** Gives a free wire to whoever is next, and tells everybody how things stand. */
  function advance(portId: string, wire: Wire): void {
    if (!wire.running) {
      const person = wire.waiting.findIndex(({ turn }) => turn.rank === 'person');
      const [next] = wire.waiting.splice(Math.max(0, person), 1);
      if (next) next.start();
      else if (wire.lenders.length > 0) wire.lenders.pop()?.();
      else if (wire.listener && !wire.listener.asleep && portOf(portId) !== undefined) void wire.listener.run();
      else if (!wire.listener) wires.delete(portId);
    }
    for (const { turn } of wire.waiting) turn.onWait?.(wire.running?.text);
    if (wire.waiting.length > 0) for (const tell of wire.running?.onWanted.splice(0) ?? []) tell();
    onChange();
    if ([...wires.values()].some(isAtWork)) return;
    for (const resolve of waitingForIdle) resolve();
    waitingForIdle = [];
  }

  const isAtWork = ({ waiting, running, lenders }: Wire) =>
    waiting.length > 0 || lenders.length > 0 || (running !== undefined && running.kind !== 'listening');

  /** Waits for the turn, and holds the wire from then on. */
  function turnOf(portId: string, wire: Wire, turn: Turn): Promise<Running> {
    return new Promise((resolve, reject) => {
      const leave = () => turn.signal.removeEventListener('abort', giveUp);
      const waiting: Waiting = {
        turn,
        start: () => {
          leave();
          turn.onWait?.(undefined);
          resolve(hold(portId, wire, turn.text, 'busy'));
        },
        refuse: (reason) => {
          leave();
          reject(reason);
        },
      };
      const giveUp = () => {
        wire.waiting.splice(wire.waiting.indexOf(waiting), 1);
        reject(turn.signal.reason as Error);
        advance(portId, wire);
      };
      turn.signal.addEventListener('abort', giveUp, { once: true });
      wire.waiting.push(waiting);
      advance(portId, wire);
    });
  }

  function hold(portId: string, wire: Wire, text: string, kind: 'busy' | 'listening'): Running {
    return (wire.running = { text, kind, port: portOf(portId), onWanted: [] });
  }

  /** Frees the wire, unless the job has lost it: what was stuck may end long after another port object took its place. */
  function release(portId: string, wire: Wire, running: Running): void {
    if (wire.running !== running) return;
    wire.running = undefined;
    advance(portId, wire);
  }

  function seatOf(portId: string, wire: Wire, signal: AbortSignal, holder: Holder): Seat {
    const isWanted = () => wire.waiting.length > 0;
    return {
      signal,
      isWanted,
      say(text) {
        holder.running.text = text;
        for (const { turn } of wire.waiting) turn.onWait?.(text);
        onChange();
      },
      wanted: () => (isWanted() ? Promise.resolve() : new Promise((resolve) => holder.running.onWanted.push(resolve))),
      async rest() {
        signal.throwIfAborted();
        if (!isWanted()) return false;
        const { text } = holder.running;
        holder.running = await new Promise<Running>((resolve) => {
          wire.lenders.push(() => resolve(hold(portId, wire, text, 'busy')));
          wire.running = undefined;
          advance(portId, wire);
        });
        signal.throwIfAborted();
        return true;
      },
    };
  }

  /** Follows a job that was told to stop: it signs off, and where it does not even end then, its port is stuck. */
  async function farewell(portId: string, wire: Wire, { running }: Holder, ended: AbortSignal): Promise<void> {
    running.kind = 'signing off';
    onChange();
    const isOver = await clock.sleep(FAREWELL_MS, ended).then(
      () => false,
      () => true,
    );
    if (isOver || wire.running !== running) return;
    running.kind = 'stuck';
    for (const waiting of wire.waiting.splice(0)) waiting.refuse(stuck());
    advance(portId, wire);
  }

  /** Rejects {@link ANSWER_MS} after the signal, unless the job has ended by then: its own answer counts. */
  function answerToStop(portId: string, wire: Wire, holder: Holder, signal: AbortSignal, ended: AbortSignal) {
    return new Promise<never>((_resolve, reject) => {
      const stop = () => {
        void farewell(portId, wire, holder, ended);
        clock.sleep(ANSWER_MS, ended).then(
          () => reject(signal.reason as Error),
          () => undefined,
        );
      };
      signal.addEventListener('abort', stop, { once: true });
      ended.addEventListener('abort', () => signal.removeEventListener('abort', stop), { once: true });
    });
  }

  async function use<T>(portId: string, turn: Turn, job: (seat: Seat) => Promise<T>): Promise<T> {
    turn.signal.throwIfAborted();
    const wire = wireOf(portId);
    if (wire.running?.kind === 'stuck') throw stuck();
    const holder: Holder = { running: await turnOf(portId, wire, turn) };
    if (turn.signal.aborted) {
      release(portId, wire, holder.running);
      throw turn.signal.reason;
    }
    const ended = new AbortController();
    const work = (async () => await job(seatOf(portId, wire, turn.signal, holder)))().finally(() => {
      ended.abort();
      release(portId, wire, holder.running);
    });
    return await Promise.race([work, answerToStop(portId, wire, holder, turn.signal, ended.signal)]);
  }

  async function listen(
    portId: string,
    text: string,
    signal: AbortSignal,
    job: (seat: Seat) => Promise<void>,
  ): Promise<void> {
    signal.throwIfAborted();
    const wire = wireOf(portId);
    if (wire.listener) throw new PortError('busy', `On this port goes on already: ${wire.listener.text}.`);
    await new Promise<void>((resolve, reject) => {
      const listener: Listener = { text, asleep: false, run };
      wire.listener = listener;
      const finish = (settle: () => void) => {
        wire.listener = undefined;
        settle();
      };
      async function run(): Promise<void> {
        const running = hold(portId, wire, text, 'listening');
        const guest = new AbortController();
        running.onWanted.push(() => guest.abort(GUEST));
        const both = AbortSignal.any([signal, guest.signal]);
        try {
          await job(seatOf(portId, wire, both, { running }));
          listener.asleep = !both.aborted; // it ended by itself: nothing to hear until ports change
        } catch (error) {
          const lost = error instanceof PortError && error.failure === 'lost';
          if (lost) listener.asleep = !guest.signal.aborted;
          else if (!both.aborted) finish(() => reject(error instanceof Error ? error : new Error(String(error))));
        }
        if (signal.aborted) finish(resolve);
        release(portId, wire, running);
      }
      signal.addEventListener(
        'abort',
        () => {
          if (wire.running?.kind === 'listening' || wire.listener !== listener) return; // `run` ends it
          finish(resolve);
          advance(portId, wire);
        },
        { once: true },
      );
      advance(portId, wire);
    });
  }

  return {
    use,
    listen,
    state(portId) {
      const wire = wires.get(portId);
      if (!wire || (!wire.running && wire.waiting.length === 0)) return undefined;
      const { text = 'waiting', kind = 'busy' } = wire.running ?? {};
      return { text, kind, waiting: wire.waiting.length };
    },
    portsChanged() {
      for (const [portId, wire] of wires) {
        if (wire.listener) wire.listener.asleep = false;
        if (wire.running?.kind === 'stuck' && wire.running.port !== portOf(portId)) wire.running = undefined;
        if (!wire.running) advance(portId, wire);
      }
    },
    idle: () =>
      [...wires.values()].some(isAtWork) ? new Promise((resolve) => waitingForIdle.push(resolve)) : Promise.resolve(),
  };
}

const stuck = () =>
  new PortError('busy', 'The port does not let go of what was stopped before.', [
    'Unplug the head or adapter and plug it in again.',
    'If that does not help, close this window and open it again.',
  ]);

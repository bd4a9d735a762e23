import type { Milliseconds } from '../common/kinds.ts';
import type { Clock } from '../common/clock.ts';
import { PortError } from '../line/port.ts';
import { occupy, passes, stuck, type HeldWire, type Hold } from './occupy.ts';
import { FAREWELL_MS, type Seat, type Turn, type WireState } from './seat.ts';

export interface WireParts {
  readonly clock: Clock;
  /** The object behind the wire, while there is one: another object is another chance. */
  port(): unknown;
  onChange(): void;
}

/** One wire: who has it, who waits for it, who lent it, who listens when nobody else wants it. */
export interface Wire {
  use<T>(turn: Turn, job: (seat: Seat) => Promise<T>): Promise<T>;
  listen(text: string, signal: AbortSignal, job: (seat: Seat) => Promise<void>): Promise<void>;
  /** Undefined while nothing goes on. */
  state(): WireState | undefined;
  /** Nobody has to do with it. */
  isForgotten(): boolean;
  portChanged(): void;
}

interface Waiting {
  readonly turn: Turn;
  readonly since: Milliseconds;
  /** What it was told last that it waits for. */
  told: string | undefined;
  readonly start: () => void;
  readonly refuse: (reason: Error) => void;
}

interface Lender {
  readonly since: Milliseconds;
  readonly back: () => void;
}

interface Listener {
  readonly text: string;
  readonly run: () => Promise<void>;
  running: boolean;
  /** It has ended because the port is gone; it begins again when ports have changed. */
  asleep: boolean;
}

/** Why a listener is asked to stop: a guest has come. */
const GUEST = new DOMException('Somebody else needs the wire.', 'AbortError');

export function createWire({ clock, port, onChange }: WireParts): Wire {
  const waiting: Waiting[] = [];
  /** Jobs that lent the wire, the last lender last: one that was let in by another ends before it. */
  const lenders: Lender[] = [];
  let hold: Hold | undefined;
  let listener: Listener | undefined;
  let asked = 0;

  /** People first. Who lent the wire gets it back before the schedule's turns that came up meanwhile: none is left behind. */
  function takeNext(): (() => void) | undefined {
    const person = waiting.findIndex(({ turn }) => turn.rank === 'person');
    const lender = lenders.at(-1);
    const isLendersTurn = lender && person < 0 && lender.since < (waiting[0]?.since ?? Infinity);
    if (isLendersTurn) return lenders.pop()?.back;
    return waiting.splice(Math.max(0, person), 1)[0]?.start;
  }

  /** Gives a free wire to whoever is next, and tells everybody how things stand. */
  function advance(): void {
    if (!hold) {
      const start = takeNext();
      if (start) start();
      else if (listener && !listener.running && !listener.asleep && port() !== undefined) void listener.run();
    }
    for (const one of waiting) {
      const forWhat = hold && doingNow(hold);
      if (forWhat !== one.told) one.turn.onWait?.(forWhat);
      one.told = forWhat;
    }
    if (waiting.length > 0) for (const tell of hold?.onWanted.splice(0) ?? []) tell();
    onChange();
  }

  function take(doing: string, kind: WireState['kind']): Hold {
    return (hold = { doing, text: doing, kind, port: port(), onWanted: [], over: new AbortController() });
  }

  /** Frees the wire, unless the job has lost it: what was stuck may end long after another port object took its place. */
  function release(mine: Hold): void {
    mine.over.abort();
    if (hold !== mine) return;
    hold = undefined;
    advance();
  }

  function refuseAll(reason: () => PortError): void {
    for (const one of waiting.splice(0)) one.refuse(reason());
  }

  /** Why nobody can wait for the wire; undefined where one can. */
  function refusal(): PortError | undefined {
    if (hold?.kind === 'stuck') return stuck();
    return hold?.kind === 'held' ? inUse(hold.doing) : undefined;
  }

  /** Waits for the turn, and holds the wire from then on. */
  function turnOf(turn: Turn): Promise<Hold> {
    return new Promise((resolve, reject) => {
      const leave = () => turn.signal.removeEventListener('abort', giveUp);
      const mine: Waiting = {
        turn,
        since: asked++,
        told: undefined,
        start: () => {
          leave();
          turn.onWait?.(undefined);
          resolve(take(turn.text, turn.holds ? 'held' : 'busy'));
          if (turn.holds) refuseAll(() => inUse(turn.text));
        },
        refuse: (reason) => {
          leave();
          reject(reason);
        },
      };
      const giveUp = () => {
        waiting.splice(waiting.indexOf(mine), 1);
        reject(turn.signal.reason as Error);
        advance();
      };
      turn.signal.addEventListener('abort', giveUp, { once: true });
      waiting.push(mine);
      advance();
    });
  }

  /**
   * Follows what was told to end, or is about to: it may sign off, and where it is not over even then, its port is stuck.
   * Where another port object has taken the place of that one, it is only left behind.
   */
  async function farewell(mine: Hold, over: AbortSignal): Promise<void> {
    if (mine.kind === 'signing off' || mine.kind === 'stuck') return;
    mine.kind = 'signing off';
    advance();
    if (!(await passes(clock, FAREWELL_MS, over)) || hold !== mine) return;
    if (mine.port !== port()) return release(mine);
    mine.kind = 'stuck';
    refuseAll(stuck);
    advance();
  }

  /** Gives the wire away until those who wait have had it. */
  function lend(signal: AbortSignal, { doing, over }: Hold): Promise<Hold> {
    over.abort();
    return new Promise((resolve, reject) => {
      const leave = () => signal.removeEventListener('abort', giveUp);
      const lender: Lender = {
        since: asked++,
        back: () => {
          leave();
          resolve(take(doing, 'busy'));
        },
      };
      const giveUp = () => {
        lenders.splice(lenders.indexOf(lender), 1);
        reject(signal.reason as Error);
        advance();
      };
      signal.addEventListener('abort', giveUp, { once: true });
      lenders.push(lender);
      hold = undefined;
      advance();
    });
  }

  const held: HeldWire = { clock, isWanted: () => waiting.length > 0, onChange, farewell, lend, release };

  async function use<T>(turn: Turn, job: (seat: Seat) => Promise<T>): Promise<T> {
    const reason = refusal();
    if (reason) throw reason;
    const mine = await turnOf(turn);
    if (turn.signal.aborted) {
      release(mine);
      throw turn.signal.reason;
    }
    return await occupy(held, mine, turn.signal, job);
  }

  function listen(text: string, signal: AbortSignal, job: (seat: Seat) => Promise<void>): Promise<void> {
    if (listener) return Promise.reject(inUse(listener.text));
    return new Promise((resolve, reject) => {
      const me: Listener = { text, run, running: false, asleep: false };
      listener = me;
      const finish = (settle: () => void) => {
        signal.removeEventListener('abort', stop);
        listener = undefined;
        settle();
      };
      async function run(): Promise<void> {
        me.running = true;
        const mine = take(text, 'listening');
        const guest = new AbortController();
        mine.onWanted.push(() => guest.abort(GUEST));
        const both = AbortSignal.any([signal, guest.signal]);
        try {
          await occupy(held, mine, both, job);
          me.asleep = !both.aborted; // it ended by itself: nothing to hear until ports change
        } catch (error) {
          if (error instanceof PortError && error.failure === 'lost') me.asleep = !both.aborted;
          else if (!both.aborted) finish(() => reject(error instanceof Error ? error : new Error(String(error))));
        }
        me.running = false;
        if (signal.aborted) finish(resolve);
        advance();
      }
      const stop = () => {
        if (me.running || listener !== me) return; // `run` ends it
        finish(resolve);
        advance();
      };
      signal.addEventListener('abort', stop, { once: true });
      advance();
    });
  }

  return {
    use,
    listen,
    state() {
      if (!hold) return undefined;
      return { doing: doingNow(hold), text: hold.text, kind: hold.kind, waiting: waiting.length };
    },
    isForgotten: () => !hold && waiting.length === 0 && lenders.length === 0 && !listener,
    portChanged() {
      if (listener) listener.asleep = false;
      if (hold && hold.port !== port()) {
        if (hold.kind === 'stuck') hold = undefined;
        else void farewell(hold, hold.over.signal);
      }
      if (!hold) advance();
    },
  };
}

const doingNow = ({ kind, doing }: Hold) => (kind === 'signing off' ? 'signing off' : doing);

const inUse = (doing: string) => new PortError('busy', `This port is ${doing}.`, ['Stop that, or use another port.']);

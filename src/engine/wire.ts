import type { Clock } from '../common/clock.ts';
import { PortError } from '../line/port.ts';
import { occupy, passes, stuck, type HeldWire, type Hold } from './occupy.ts';
import { FAREWELL_MS, type Seat, type Turn, type WireState } from './seat.ts';
import { createListener, type Listener } from './wire-listener.ts';
import { createQueue } from './wire-queue.ts';

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

export function createWire({ clock, port, onChange }: WireParts): Wire {
  const queue = createQueue(advance);
  let hold: Hold | undefined;
  let listener: Listener | undefined;

  /** Gives a free wire to whoever is next, and tells everybody how things stand. */
  function advance(): void {
    if (!hold) {
      const start = queue.next();
      if (start) start();
      else if (listener?.isReady() && port() !== undefined) void listener.run();
    }
    queue.tell(hold && doingNow(hold));
    if (queue.length > 0) for (const tell of hold?.onWanted.splice(0) ?? []) tell();
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

  /** Why nobody can wait for the wire; undefined where one can. */
  function refusal(): PortError | undefined {
    if (hold?.kind === 'stuck') return stuck();
    return hold?.kind === 'held' ? inUse(hold.doing) : undefined;
  }

  /** Waits for the turn, and holds the wire from then on. */
  function turnOf(turn: Turn): Promise<Hold> {
    const mine = queue.wait(turn, () => {
      turn.onWait?.(undefined);
      const taken = take(turn.text, turn.holds ? 'held' : 'busy');
      if (turn.holds) queue.refuseAll(() => inUse(turn.text));
      return taken;
    });
    advance();
    return mine;
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
    queue.refuseAll(stuck);
    advance();
  }

  /** Gives the wire away until those who wait have had it. */
  function lend(signal: AbortSignal, { doing, over }: Hold): Promise<Hold> {
    over.abort();
    const back = queue.waitForReturn(signal, () => take(doing, 'busy'));
    hold = undefined;
    advance();
    return back;
  }

  const held: HeldWire = { clock, isWanted: () => queue.length > 0, onChange, farewell, lend, release };

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
      listener = createListener({
        text,
        signal,
        take: () => take(text, 'listening'),
        occupy: (mine, both) => occupy(held, mine, both, job),
        onEnd(failure) {
          listener = undefined;
          if (failure) reject(failure);
          else resolve();
        },
        advance,
      });
      advance();
    });
  }

  return {
    use,
    listen,
    state() {
      if (!hold) return undefined;
      return { doing: doingNow(hold), text: hold.text, kind: hold.kind, waiting: queue.length };
    },
    isForgotten: () => !hold && queue.isEmpty() && !listener,
    portChanged() {
      listener?.wake();
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

import { clientOf, mailbox, type Api, type Client, type Handlers } from '../rpc/rpc.ts';
import { lifeLock, openOwnerChannel, type Predecessor } from './owner-channel.ts';

export type { Predecessor } from './owner-channel.ts';

export interface Ownership<T extends Api<T>> {
  /** Answers a call here or at the owner, whoever that is. Rejects with {@link OwnerChanged} when the owner goes in mid-call. */
  readonly client: Client<T>;
  /** Resolves when this worker has become the owner; rejects when it should have and could not start. */
  readonly owned: Promise<void>;
  readonly isOwner: boolean;
  /** Whether this worker's window is in front: then it takes over from an owner that has stopped. */
  inFront(front: boolean): void;
}

export interface OwnershipParts<T extends Api<T>> {
  /** Makes the engine; called once, when this worker becomes the owner. */
  start(before: Predecessor): Promise<Handlers<T>>;
  /** Another window has taken over: this worker has to end, at once and for good. */
  resign(): void;
}

/** Whoever worked on a call is no longer the owner. */
export class OwnerChanged extends Error {
  override readonly name = 'OwnerChanged';
  constructor(before: Predecessor, now: 'this' | 'another') {
    super(
      before === 'closed'
        ? `The window that was reading has been closed; ${now} window has taken over.`
        : `The browser had stopped the window that was reading; ${now} window has taken over.`,
    );
  }
}

const BEAT_MS = 1000;
/** So many beats in a row not heard, counted by one's own timer, and the owner has stopped. */
const SILENT_BEATS = 5;

/**
 * One owner of ports, schedule and log among all windows, by a Web Lock that is freed when its window dies.
 * The others send their calls to the owner over a BroadcastChannel. A window that the browser has
 * frozen keeps its lock: so the owner beats, and where that is not heard the window in front takes the lock away.
 */
export function claimOwnership<T extends Api<T>>(name: string, { start, resign }: OwnershipParts<T>): Ownership<T> {
  const id = crypto.randomUUID();
  let local: Client<T> | undefined;
  let owns = false;
  let isInFront = false;
  let silentBeats = 0;
  const channel = openOwnerChannel<T>(name, id, (before) => {
    silentBeats = 0;
    if (before) channel.abandonCalls(new OwnerChanged(before, 'another'));
  });
  const alive = live(name, id);
  const hold = holdOn(name, id, resign);

  /** Settles once it is known who answers: this worker, ready to, or another that holds the lock. */
  let known: () => void = () => undefined;
  let answering = new Promise<void>((resolve) => (known = resolve));
  let owned: () => void = () => undefined;
  let notOwned: (reason: unknown) => void = () => undefined;
  const ownership = new Promise<void>((resolve, reject) => {
    owned = resolve;
    notOwned = reject;
  });

  /** Runs while the lock is held, which is until this worker dies. */
  async function own(before: Predecessor): Promise<never> {
    owns = true;
    beat();
    answering = (async () => {
      const handlers = await start(before);
      local = localClient(handlers);
      channel.serve(handlers, hold.untilSure);
      // First those who asked before it was known that the lock is ours, then those who asked since: calls keep their order.
      known();
    })();
    await answering;
    channel.abandonCalls(new OwnerChanged(before, 'this'));
    channel.announce(before);
    owned();
    return await new Promise(() => undefined);
  }

  function beat(): void {
    hold.isSure();
    channel.beat();
  }

  /** The lock is taken away from an owner that does not answer; from this one, too, if it should stop one day. */
  async function request(before: Predecessor, options: LockOptions): Promise<void> {
    try {
      await navigator.locks.request(name, options, async (lock) => {
        if (lock) await own(before);
      });
    } catch (error) {
      if (owns && error instanceof DOMException && error.name === 'AbortError') resign();
      // Where site data is blocked nothing is shared, and each window has an engine of its own.
      else if (!owns && error instanceof DOMException && error.name === 'SecurityError')
        await own(before).catch(notOwned);
      else notOwned(error);
    }
  }

  void (async () => {
    await request('closed', { ifAvailable: true });
    known();
    await request('closed', {});
  })();

  // Own beats are counted, no time is measured: a window that was stopped itself has missed none when it goes on.
  setInterval(() => {
    if (owns) return void hold.untilSure().then(beat);
    silentBeats = isInFront ? silentBeats + 1 : 0;
    if (silentBeats < SILENT_BEATS) return;
    silentBeats = 0;
    void request('stopped', { steal: true });
  }, BEAT_MS);

  return {
    owned: ownership,
    get isOwner() {
      return local !== undefined;
    },
    inFront(front) {
      isInFront = front;
    },
    client: clientOf((method, input, options) => {
      const { deliver, hear } = mailbox<T[typeof method]['message']>();
      const run = async () => {
        await Promise.all([alive, answering]);
        if (local) await hold.untilSure();
        const { result, send } = (local ?? channel.remote).open(method, input, options);
        hear(send);
        return await result;
      };
      return { result: run(), send: deliver };
    }),
  };
}

/** Holds the worker's life lock until it dies, so that the owner notices its end. Resolves once it is held, or cannot be. */
function live(name: string, id: string): Promise<void> {
  return new Promise((resolve) => {
    navigator.locks
      .request(lifeLock(name, id), () => {
        resolve();
        return new Promise(() => undefined);
      })
      .catch(() => resolve());
  });
}

/**
 * An owner that goes on after it was stopped finds what it was asked meanwhile, perhaps before it learns that another
 * one has taken over and that whoever asked was told so. Nothing of that may be done.
 */
function holdOn(name: string, id: string, resign: () => void) {
  let sureAt = 0;
  const isSure = () => {
    sureAt = performance.now();
  };
  return {
    isSure,
    /** Resolves as long as this worker is the owner; else it ends here. */
    async untilSure(): Promise<void> {
      if (performance.now() - sureAt < 3 * BEAT_MS) return;
      const { held = [] } = await navigator.locks.query().catch((): LockManagerSnapshot => ({}));
      const holderOf = (lock: string) => held.find((each) => each.name === lock)?.clientId;
      if (holderOf(name) === holderOf(lifeLock(name, id))) return isSure();
      resign();
      await new Promise(() => undefined);
    },
  };
}

/** Calls straight into the handlers of this worker. */
function localClient<T extends Api<T>>(handlers: Handlers<T>): Client<T> {
  return clientOf((method, input, options = {}) => {
    const { deliver, hear } = mailbox<T[typeof method]['message']>();
    const run = async () =>
      await handlers[method](input, {
        signal: options.signal ?? new AbortController().signal,
        emit: (event: unknown) => options.onEvent?.(event),
        hear,
      } as never);
    return { result: run(), send: deliver };
  });
}

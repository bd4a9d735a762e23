import { clientOf, connect, mailbox, serve, type Api, type Client, type Handlers } from '../rpc/rpc.ts';

/** What travels on the channel between the windows' workers. */
type Envelope =
  | { readonly to: 'owner'; readonly from: string; readonly message: unknown }
  | { readonly to: string; readonly message: unknown }
  | { readonly announce: 'owner'; readonly owner: string; readonly before: Predecessor }
  | { readonly beat: 'owner' };

/** What became of the owner before: its window was closed, or it was stopped by the browser and still is there. */
export type Predecessor = 'closed' | 'stopped';

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
  const channel = new BroadcastChannel(name);
  const post = (envelope: Envelope) => channel.postMessage(envelope);
  const id = crypto.randomUUID();
  let local: Client<T> | undefined;
  let owns = false;
  let isInFront = false;
  let silentBeats = 0;
  let beatAt = 0;
  // One connection to all owners there will be: no call id comes twice, so a late answer never meets another call.
  const connection = connect<T>({
    postMessage: (message) => post({ to: 'owner', from: id, message }),
    addEventListener: (_type, listener) => {
      channel.addEventListener('message', ({ data }: MessageEvent<Envelope>) => {
        if ('to' in data && data.to === id) listener(new MessageEvent('message', { data: data.message }));
      });
    },
  });
  let ownerGone = newEnd();
  const remote = clientOf<T>((method, input, options) => {
    const { result, send } = connection.open(method, input, options);
    return { result: Promise.race([result, ownerGone.promise]), send };
  });

  /** Rejects the calls that wait for an owner that is none any more. */
  function abandonCalls(reason: OwnerChanged): void {
    const { end } = ownerGone;
    ownerGone = newEnd();
    end(reason);
  }

  /** Held as long as this worker lives, so that the owner notices its end. Settles once it is held. */
  const alive = new Promise<void>((resolve, reject) => {
    navigator.locks
      .request(lifeLock(name, id), () => {
        resolve();
        return new Promise(() => undefined);
      })
      .catch(reject);
  });

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
      serveWindows(channel, name, handlers, untilSurelyOwner);
      // First those who asked before it was known that the lock is ours, then those who asked since: calls keep their order.
      known();
    })();
    await answering;
    abandonCalls(new OwnerChanged(before, 'this'));
    post({ announce: 'owner', owner: id, before });
    owned();
    return await new Promise(() => undefined);
  }

  /**
   * An owner that goes on after it was stopped finds what it was asked meanwhile, perhaps before it learns that another
   * one has taken over and that whoever asked was told so. Nothing of that may be done.
   */
  async function untilSurelyOwner(): Promise<void> {
    if (performance.now() - beatAt < 3 * BEAT_MS) return;
    const { held = [] } = await navigator.locks.query();
    const holderOf = (lock: string) => held.find((each) => each.name === lock)?.clientId;
    if (holderOf(name) === holderOf(lifeLock(name, id))) {
      beatAt = performance.now();
    } else {
      resign();
      await new Promise(() => undefined);
    }
  }

  function beat(): void {
    beatAt = performance.now();
    post({ beat: 'owner' });
  }

  /** The lock is taken away from an owner that does not answer; from this one, too, if it should stop one day. */
  async function request(before: Predecessor, options: LockOptions): Promise<void> {
    try {
      await navigator.locks.request(name, options, async (lock) => {
        if (lock) await own(before);
      });
    } catch (error) {
      if (owns && error instanceof DOMException && error.name === 'AbortError') resign();
      else notOwned(error);
    }
  }

  void (async () => {
    await request('closed', { ifAvailable: true });
    known();
    await request('closed', {});
  })();

  channel.addEventListener('message', ({ data }: MessageEvent<Envelope>) => {
    if ('beat' in data || 'announce' in data) silentBeats = 0;
    if ('announce' in data) abandonCalls(new OwnerChanged(data.before, 'another'));
  });
  // Own beats are counted, no time is measured: a window that was stopped itself has missed none when it goes on.
  setInterval(() => {
    if (owns) return void untilSurelyOwner().then(beat);
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
        if (local) await untilSurelyOwner();
        const { result, send } = (local ?? remote).open(method, input, options);
        hear(send);
        return await result;
      };
      return { result: run(), send: deliver };
    }),
  };
}

/** A promise that only ever rejects, when it is told to. */
function newEnd(): { readonly promise: Promise<never>; readonly end: (reason: Error) => void } {
  let end: (reason: Error) => void = () => undefined;
  const promise = new Promise<never>((_, reject) => (end = reject));
  promise.catch(() => undefined); // perhaps nobody waits
  return { promise, end };
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

const lifeLock = (name: string, id: string): string => `${name}:${id}`;

/** Serves each other window over its own thread of envelopes, and ends what it asked for when it is closed. */
function serveWindows<T extends Api<T>>(
  channel: BroadcastChannel,
  name: string,
  handlers: Handlers<T>,
  mayServe: () => Promise<void>,
): void {
  const windows = new Map<string, (event: MessageEvent) => void>();
  let before = Promise.resolve();
  channel.addEventListener('message', ({ data }: MessageEvent<Envelope>) => {
    if (!('from' in data)) return;
    before = before.then(mayServe).then(() => answer(data.from, data.message));
  });

  function answer(from: string, message: unknown): void {
    let deliver = windows.get(from);
    if (!deliver) {
      const stop = serve<T>(
        {
          postMessage: (reply) => channel.postMessage({ to: from, message: reply } satisfies Envelope),
          addEventListener: (_type, listener) => void (deliver = listener),
        },
        handlers,
      );
      if (!deliver) return;
      windows.set(from, deliver);
      // Granted when the window's worker is gone.
      void navigator.locks.request(lifeLock(name, from), () => {
        windows.delete(from);
        stop();
      });
    }
    deliver(new MessageEvent('message', { data: message }));
  }
}

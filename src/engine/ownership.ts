import { connect, serve, type Api, type CallOptions, type Client, type Handlers } from '../rpc/rpc.ts';

/** What travels on the channel between the windows' workers. */
type Envelope =
  | { readonly to: 'owner'; readonly from: string; readonly message: unknown }
  | { readonly to: string; readonly message: unknown }
  | { readonly announce: 'owner' };

export interface Ownership<T extends Api<T>> {
  /** Answers a call here or at the owner, whoever that is. Rejects with {@link OwnerChanged} when the owner goes in mid-call. */
  readonly client: Client<T>;
  /** Resolves when this worker has become the owner; rejects when it should have and could not start. */
  readonly owned: Promise<void>;
  readonly isOwner: boolean;
}

/** The window that ran the engine was closed while it worked on a call. */
export class OwnerChanged extends Error {
  override readonly name = 'OwnerChanged';
  constructor() {
    super('The window that was reading has been closed; this window has taken over.');
  }
}

/**
 * One owner of ports, schedule and log among all windows, by a Web Lock that is freed when its window dies
 * (DESIGN, decision 4). The others send their calls to the owner over a BroadcastChannel.
 *
 * @param start makes the engine; called once, when this worker becomes the owner.
 */
export function claimOwnership<T extends Api<T>>(name: string, start: () => Promise<Handlers<T>>): Ownership<T> {
  const channel = new BroadcastChannel(name);
  const id = crypto.randomUUID();
  let local: Client<T> | undefined;
  // One connection to all owners there will be: no call id comes twice, so a late answer never meets another call.
  const connection = connect<T>({
    postMessage: (message) => channel.postMessage({ to: 'owner', from: id, message } satisfies Envelope),
    addEventListener: (_type, listener) => {
      channel.addEventListener('message', ({ data }: MessageEvent<Envelope>) => {
        if ('to' in data && data.to === id) listener(new MessageEvent('message', { data: data.message }));
      });
    },
  });
  let ownerGone = Promise.withResolvers<never>();
  const remote: Client<T> = {
    call: (method, input, options) => Promise.race([connection.call(method, input, options), ownerGone.promise]),
  };

  /** Rejects the calls that wait for an owner that no longer exists. */
  function abandonCalls(): void {
    const { promise, reject } = ownerGone;
    promise.catch(() => undefined); // perhaps nobody waits
    ownerGone = Promise.withResolvers<never>();
    reject(new OwnerChanged());
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

  const own = async (becameOwner: () => void) => {
    answering = (async () => {
      const handlers = await start();
      local = localClient(handlers);
      serveWindows(channel, name, handlers);
      // First those who asked before it was known that the lock is ours, then those who asked since: calls keep their order.
      known();
    })();
    await answering;
    abandonCalls();
    channel.postMessage({ announce: 'owner' } satisfies Envelope);
    becameOwner();
    // The lock is held until this worker dies.
    await new Promise(() => undefined);
  };

  const owned = new Promise<void>((resolve, reject) => {
    const claim = async () => {
      await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
        if (lock) await own(resolve);
      });
      known();
      await navigator.locks.request(name, () => own(resolve));
    };
    claim().catch(reject);
  });

  channel.addEventListener('message', ({ data }: MessageEvent<Envelope>) => {
    if ('announce' in data) abandonCalls();
  });

  return {
    owned,
    get isOwner() {
      return local !== undefined;
    },
    client: {
      async call(method, input, options) {
        await Promise.all([alive, answering]);
        return await (local ?? remote).call(method, input, options);
      },
    },
  };
}

/** Calls straight into the handlers of this worker. */
function localClient<T extends Api<T>>(handlers: Handlers<T>): Client<T> {
  return {
    async call<K extends keyof T & string>(method: K, input: T[K]['input'], options: CallOptions<T[K]['event']> = {}) {
      return await handlers[method](input, {
        signal: options.signal ?? new AbortController().signal,
        emit: (event) => options.onEvent?.(event),
      });
    },
  };
}

const lifeLock = (name: string, id: string): string => `${name}:${id}`;

/** Serves each other window over its own thread of envelopes, and ends what it asked for when it is closed. */
function serveWindows<T extends Api<T>>(channel: BroadcastChannel, name: string, handlers: Handlers<T>): void {
  const windows = new Map<string, (event: MessageEvent) => void>();
  channel.addEventListener('message', ({ data }: MessageEvent<Envelope>) => {
    if (!('from' in data)) return;
    const { from, message } = data;
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
  });
}

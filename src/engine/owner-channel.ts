import { clientOf, connect, serve, type Api, type Client, type Handlers } from '../rpc/rpc.ts';

/** What travels on the channel between the windows' workers. */
type Envelope =
  | { readonly to: 'owner'; readonly from: string; readonly message: unknown }
  | { readonly to: string; readonly message: unknown }
  | { readonly announce: 'owner'; readonly owner: string; readonly before: Predecessor }
  | { readonly beat: 'owner' };

/** What became of the owner before: its window was closed, or it was stopped by the browser and still is there. */
export type Predecessor = 'closed' | 'stopped';

/** What the windows' workers say to each other: calls to the owner, and what it says of itself. */
export interface OwnerChannel<T extends Api<T>> {
  /** Calls the owner in another window, whoever that is. */
  readonly remote: Client<T>;
  /** Rejects the calls that wait for an owner that is none any more. */
  abandonCalls(reason: Error): void;
  /** This one is the owner and lives. */
  beat(): void;
  /** This one has become the owner. */
  announce(before: Predecessor): void;
  /** Answers what other windows call, each when `mayServe` has resolved; what they asked for ends when they are closed. */
  serve(handlers: Handlers<T>, mayServe: () => Promise<void>): void;
}

/**
 * @param id of this worker
 * @param onOwner told whenever another owner is heard, with its predecessor when it has just become the owner
 */
export function openOwnerChannel<T extends Api<T>>(
  name: string,
  id: string,
  onOwner: (before?: Predecessor) => void,
): OwnerChannel<T> {
  const channel = new BroadcastChannel(name);
  const post = (envelope: Envelope) => channel.postMessage(envelope);
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
  channel.addEventListener('message', ({ data }: MessageEvent<Envelope>) => {
    if ('announce' in data) onOwner(data.before);
    else if ('beat' in data) onOwner();
  });

  return {
    remote: clientOf((method, input, options) => {
      const { result, send } = connection.open(method, input, options);
      return { result: Promise.race([result, ownerGone.promise]), send };
    }),
    abandonCalls(reason) {
      const { end } = ownerGone;
      ownerGone = newEnd();
      end(reason);
    },
    beat: () => post({ beat: 'owner' }),
    announce: (before) => post({ announce: 'owner', owner: id, before }),
    serve: (handlers, mayServe) => serveWindows(channel, name, handlers, mayServe),
  };
}

/** A lock that each worker holds as long as it lives. */
export const lifeLock = (name: string, id: string): string => `${name}:${id}`;

/** A promise that only ever rejects, when it is told to. */
function newEnd(): { readonly promise: Promise<never>; readonly end: (reason: Error) => void } {
  let end: (reason: Error) => void = () => undefined;
  const promise = new Promise<never>((_, reject) => (end = reject));
  promise.catch(() => undefined); // perhaps nobody waits
  return { promise, end };
}

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
      navigator.locks
        .request(lifeLock(name, from), () => {
          windows.delete(from);
          stop();
        })
        .catch(() => undefined); // without locks each window has an engine of its own
    }
    deliver(new MessageEvent('message', { data: message }));
  }
}

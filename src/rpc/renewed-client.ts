import { type Api, type Client, clientOf, connect, type Endpoint, mailbox } from './rpc.ts';

/** What a worker says first: the name of a lock that it holds as long as it lives. */
interface Life {
  readonly life: string;
}

/** The worker that worked on a call has ended; the next call goes to a new one. */
export class WorkerGone extends Error {
  override readonly name = 'WorkerGone';
}

export interface RenewedOptions {
  start(): Promise<Worker>;
  /** It does not start, or died of an error; in the browser's words. */
  onFault(reason: string): void;
}

/** So many that end without a sign of life, or tell what nobody can read, and no more is started. */
const MAX_FAILED = 3;

/**
 * Holds a lock until this worker dies, and tells its page the name: nothing else tells of a worker that was killed. Where
 * site data is blocked there are no locks, and nothing does.
 */
export function announceLife(scope: Pick<Endpoint, 'postMessage'>): void {
  const life = crypto.randomUUID();
  navigator.locks
    .request(life, () => {
      scope.postMessage({ life } satisfies Life);
      return new Promise(() => undefined);
    })
    .catch(() => undefined);
}

/**
 * Calls into a worker that is started with the first of them, and anew after it has died. What waited for the dead one
 * rejects with {@link WorkerGone}.
 */
export function connectRenewed<T extends Api<T>>({ start, onFault }: RenewedOptions): Client<T> {
  let current: Promise<{ readonly client: Client<T>; readonly gone: Promise<never> }> | undefined;
  let stillborn = 0;
  let unreadable = 0;

  async function begin() {
    const worker = await start();
    const client = connect<T>(worker);
    let lives = false;
    const gone = new Promise<never>((_, reject) => {
      const giveUp = (reason: string) => {
        onFault(reason);
        // It stays the current one: whoever calls it hears at once that nothing will come.
        reject(new Error(`What does this could not be started: ${reason}.`));
      };
      let isOver = false;
      const end = (reason: string) => {
        // Its life lock comes free by that, too: by then another may be the current one.
        if (isOver) return;
        isOver = true;
        current = undefined;
        worker.terminate();
        reject(new WorkerGone(reason));
      };
      worker.addEventListener('message', ({ data }: MessageEvent) => {
        const { life } = data as Partial<Life>;
        if (life === undefined) return;
        lives = true;
        stillborn = 0;
        void navigator.locks.request(life, () => {
          end('The browser ended what worked on this; it has been started again.');
        });
      });
      worker.addEventListener('error', (event) => {
        const reason = event.message || 'its script could not be loaded';
        if (lives) onFault(reason);
        else (++stillborn < MAX_FAILED ? end : giveUp)(reason);
      });
      // Whose answer it was is not known: nobody is to wait for it without end.
      worker.addEventListener('messageerror', () => {
        (++unreadable < MAX_FAILED ? end : giveUp)('what it told could not be read');
      });
    });
    gone.catch(() => undefined); // perhaps nobody waits
    return { client, gone };
  }

  return clientOf((method, input, options) => {
    const { deliver, hear } = mailbox<T[typeof method]['message']>();
    const run = async () => {
      const { client, gone } = await (current ??= begin().catch((error: unknown) => {
        // Whoever calls next tries anew.
        current = undefined;
        throw error;
      }));
      const { result, send } = client.open(method, input, options);
      hear(send);
      return await Promise.race([result, gone]);
    };
    return { result: run(), send: deliver };
  });
}

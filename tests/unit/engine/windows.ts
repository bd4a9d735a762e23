import { AsyncLocalStorage } from 'node:async_hooks';
import { vi } from 'vitest';

/**
 * As much of a browser as several windows share: locks, a channel, a second hand. Each window runs in a context of its
 * own, so that it is known who asks; one that is frozen gets nothing until it goes on, one that is closed nothing more.
 */
export interface FakeBrowser {
  open<T>(name: string, program: () => T): FakeWindow<T>;
  /** So many seconds pass for all windows, and what they say to each other is heard. */
  pass(seconds: number): Promise<void>;
}

export interface FakeWindow<T> {
  readonly program: T;
  run<R>(work: () => R): R;
  freeze(): void;
  thaw(): void;
  close(): void;
}

interface Context {
  readonly name: string;
  readonly beats: (() => void)[];
  /** What it has not heard yet, while it is frozen. */
  inbox: (() => void)[] | undefined;
  isClosed: boolean;
}

interface LockRequest {
  readonly name: string;
  readonly context: Context;
  readonly grant: () => void;
  readonly reject: (reason: Error) => void;
}

type Listener = (event: MessageEvent) => void;

/** Put in place of the globals; `vi.unstubAllGlobals` and `vi.restoreAllMocks` take it away. */
export function fakeBrowser(): FakeBrowser {
  const current = new AsyncLocalStorage<Context>();
  const contexts: Context[] = [];
  const channels: { readonly name: string; readonly context: Context; readonly listeners: Listener[] }[] = [];
  const held = new Map<string, LockRequest>();
  let waiting: LockRequest[] = [];
  let time = 0;

  function here(): Context {
    const context = current.getStore();
    if (!context) throw new Error('This runs in no window.');
    return context;
  }

  function tell(context: Context, event: () => void): void {
    if (context.isClosed) return;
    if (context.inbox) context.inbox.push(event);
    else queueMicrotask(() => !context.isClosed && current.run(context, event));
  }

  function release(request: LockRequest): void {
    if (held.get(request.name) !== request) return;
    held.delete(request.name);
    const next = waiting.find(({ name }) => name === request.name);
    if (!next) return;
    waiting = waiting.filter((each) => each !== next);
    next.grant();
  }

  function request(
    name: string,
    ...rest: [LockOptions, LockGrantedCallback<unknown>] | [LockGrantedCallback<unknown>]
  ) {
    const [{ steal, ifAvailable }, job] = rest.length === 2 ? rest : [{} as LockOptions, rest[0]];
    const context = here();
    return new Promise((resolve, reject) => {
      const mine: LockRequest = {
        name,
        context,
        reject,
        grant() {
          held.set(name, mine);
          tell(context, () => {
            void Promise.resolve(job({ name, mode: 'exclusive' }))
              .then(resolve, reject)
              .finally(() => release(mine));
          });
        },
      };
      const holder = held.get(name);
      if (holder && steal) {
        tell(holder.context, () => holder.reject(new DOMException('stolen', 'AbortError')));
        mine.grant();
      } else if (!holder) mine.grant();
      else if (ifAvailable) resolve(job(null));
      else waiting.push(mine);
    });
  }

  vi.stubGlobal('navigator', {
    locks: {
      request,
      query: async () => ({ held: [...held].map(([name, { context }]) => ({ name, clientId: context.name })) }),
    },
  });
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      readonly own;
      constructor(name: string) {
        channels.push((this.own = { name, context: here(), listeners: [] as Listener[] }));
      }
      addEventListener(_type: string, listener: Listener) {
        this.own.listeners.push(listener);
      }
      postMessage(message: unknown) {
        const data: unknown = structuredClone(message);
        for (const { name, context, listeners } of channels) {
          if (context === this.own.context || name !== this.own.name) continue;
          tell(context, () => listeners.forEach((listener) => listener(new MessageEvent('message', { data }))));
        }
      }
    },
  );
  vi.stubGlobal('setInterval', (beat: () => void) => here().beats.push(beat));
  vi.spyOn(performance, 'now').mockImplementation(() => time);

  /** Until nobody has anything more to say. */
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  return {
    open(name, program) {
      const context: Context = { name, beats: [], inbox: undefined, isClosed: false };
      contexts.push(context);
      return {
        program: current.run(context, program),
        run: (work) => current.run(context, work),
        freeze() {
          context.inbox ??= [];
        },
        thaw() {
          const events = context.inbox ?? [];
          context.inbox = undefined;
          for (const event of events) tell(context, event);
        },
        close() {
          context.isClosed = true;
          waiting = waiting.filter((each) => each.context !== context);
          for (const each of [...held.values()]) if (each.context === context) release(each);
        },
      };
    },
    async pass(seconds) {
      await settle();
      for (let second = 0; second < seconds; second++) {
        time += 1000;
        for (const context of contexts)
          if (!context.inbox && !context.isClosed) for (const beat of context.beats) current.run(context, beat);
        await settle();
      }
    },
  };
}

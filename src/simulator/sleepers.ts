/** Who sleeps until when, in order of time and, at equal times, of calling. The heart of the clocks of this room. */
export interface Sleepers {
  /** Resolves when woken; rejects with the signal's reason as soon as the signal aborts. */
  add(due: number, signal?: AbortSignal): Promise<void>;
  /** When the first one is due; undefined when nobody sleeps. */
  next(): number | undefined;
  /** Wakes the first one. */
  wake(): void;
}

interface Sleeper {
  readonly due: number;
  wake(): void;
}

export function sleepers(): Sleepers {
  const queue: Sleeper[] = [];
  return {
    add: (due, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const abort = () => {
          queue.splice(queue.indexOf(sleeper), 1);
          reject(signal?.reason as Error);
        };
        const sleeper: Sleeper = {
          due,
          wake: () => {
            signal?.removeEventListener('abort', abort);
            resolve();
          },
        };
        signal?.addEventListener('abort', abort, { once: true });
        const behind = queue.findLastIndex((other) => other.due <= due);
        queue.splice(behind + 1, 0, sleeper);
      }),
    next: () => queue[0]?.due,
    wake: () => queue.shift()?.wake(),
  };
}

let turns: { readonly channel: MessageChannel; readonly waiting: (() => void)[] } | undefined;

function messageTurn(resolve: () => void): void {
  if (!turns) {
    const made = { channel: new MessageChannel(), waiting: [] as (() => void)[] };
    made.channel.port1.onmessage = () => made.waiting.shift()?.();
    turns = made;
  }
  turns.waiting.push(resolve);
  turns.channel.port2.postMessage(undefined);
}

/**
 * Resolves when everything that is runnable now has run: all microtasks and the macrotasks queued before.
 * Not `setTimeout(0)`: browsers make that 4 ms when nested.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else messageTurn(resolve);
  });
}

import { changeBetween, type StateChange } from './state-change.ts';

/** Those who are told what changed of a state, each at first all of it. */
export interface Watchers {
  /** Something the state shows has changed. */
  changed(): void;
  /** Tells until the signal aborts, and resolves then. */
  watch(emit: (change: StateChange) => void, signal: AbortSignal): Promise<undefined>;
}

/** @param state made anew for each look; parts of it may be changed in place */
export function createWatchers(state: () => unknown): Watchers {
  const watchers = new Set<(change: StateChange) => void>();
  /** What all watchers know. */
  let told: unknown;

  function changed(): void {
    if (watchers.size === 0) return;
    const now = structuredClone(state());
    const change = changeBetween(told, now);
    told = now;
    if (change) for (const watcher of watchers) watcher(change);
  }

  return {
    changed,
    watch: (emit, signal) =>
      new Promise((resolve) => {
        changed();
        if (watchers.size === 0) told = structuredClone(state());
        watchers.add(emit);
        emit({ set: told });
        signal.addEventListener('abort', () => {
          watchers.delete(emit);
          resolve(undefined);
        });
      }),
  };
}

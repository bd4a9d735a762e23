import type { EngineApi, EngineState } from './api.ts';
import type { FrontNews } from './client.ts';
import { claimOwnership, OwnerChanged } from './ownership.ts';
import { announceLife } from '../rpc/renewed-client.ts';
import { serve, type Forward, type Handlers } from '../rpc/rpc.ts';
import { startEngine } from './start.ts';

// Ports, timers and locks go with the worker; the page starts another, which asks the new owner.
const resign = () => self.close();
const ownership = claimOwnership<EngineApi>('openhhu-engine', {
  start: (before) => startEngine(before, resign),
  resign,
});
self.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (typeof data === 'object' && data !== null && 'front' in data) ownership.inFront((data as FrontNews).front);
});
announceLife(self);
/** Rejects when this worker should have run the engine and could not start it; until then it waits. */
const startFailure = ownership.owned.then(() => new Promise<never>(() => undefined));
startFailure.catch(() => undefined);

/** Every call but those answered here goes to the owner: this worker knows no names. */
const forward: Forward = (method, input, { signal, emit, hear }) => {
  const { result, send } = ownership.client.open(method as keyof EngineApi, input as never, { signal, onEvent: emit });
  hear(send as (message: unknown) => void);
  return Promise.race([result, startFailure]);
};

const handlers: Partial<Handlers<EngineApi>> = {
  /** Outlives the owner: when it goes, the watching goes on at the next one. */
  async watch(input, { signal, emit }) {
    while (!signal.aborted) {
      // An owner that was only asleep may go on telling what changed of a state that is no longer shown.
      let isOver = false;
      const watching = ownership.client.call('watch', input, {
        signal,
        onEvent: (change) => {
          if (!isOver) emit('set' in change ? { set: withOwner(change.set as EngineState) } : change);
        },
      });
      try {
        await Promise.race([watching, startFailure]);
      } catch (error) {
        if (!(error instanceof OwnerChanged)) throw error;
      } finally {
        isOver = true;
      }
    }
    return undefined;
  },
};
serve<EngineApi>(self, handlers, forward);

function withOwner(state: EngineState): EngineState {
  return { ...state, owner: ownership.isOwner ? 'this window' : 'another window' };
}

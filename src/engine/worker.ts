import type { EngineApi } from './api.ts';
import { claimOwnership, OwnerChanged } from './ownership.ts';
import { serve, type CallContext } from '../rpc/rpc.ts';
import { startEngine } from './start.ts';

const ownership = claimOwnership<EngineApi>('openhhu-engine', startEngine);
/** Rejects when this worker should have run the engine and could not start it; until then it waits. */
const startFailure = ownership.owned.then(() => new Promise<never>(() => undefined));
startFailure.catch(() => undefined);

function forward<K extends keyof EngineApi>(method: K) {
  return async (
    input: EngineApi[K]['input'],
    { signal, emit }: CallContext<EngineApi[K]['event']>,
  ): Promise<EngineApi[K]['result']> =>
    await Promise.race<EngineApi[K]['result']>([
      ownership.client.call(method, input, { signal, onEvent: emit }),
      startFailure,
    ]);
}

serve<EngineApi>(self, {
  refreshPorts: forward('refreshPorts'),
  read: forward('read'),
  headCheck: forward('headCheck'),
  setSimulation: forward('setSimulation'),
  deleteRecords: forward('deleteRecords'),
  deleteAllRecords: forward('deleteAllRecords'),
  /** Outlives the owner: when it goes, the watching goes on at the next one. */
  async watch(input, { signal, emit }) {
    while (!signal.aborted) {
      const watching = ownership.client.call('watch', input, {
        signal,
        onEvent: (state) => emit({ ...state, owner: ownership.isOwner ? 'this window' : 'another window' }),
      });
      try {
        await Promise.race([watching, startFailure]);
      } catch (error) {
        if (!(error instanceof OwnerChanged)) throw error;
      }
    }
    return undefined;
  },
});

import type { EngineApi, EngineState } from './api.ts';
import type { FrontNews } from './client.ts';
import { claimOwnership, OwnerChanged } from './ownership.ts';
import { announceLife } from '../rpc/renewed-client.ts';
import { serve, type CallContext } from '../rpc/rpc.ts';
import { startEngine } from './start.ts';

const ownership = claimOwnership<EngineApi>('openhhu-engine', {
  start: startEngine,
  // Ports, timers and locks go with the worker; the page starts another, which asks the new owner.
  resign: () => self.close(),
});
self.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (typeof data === 'object' && data !== null && 'front' in data) ownership.inFront((data as FrontNews).front);
});
announceLife(self);
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
  addMeter: forward('addMeter'),
  answerAtPort: forward('answerAtPort'),
  atCancel: forward('atCancel'),
  atConfirm: forward('atConfirm'),
  atInput: forward('atInput'),
  atOpen: forward('atOpen'),
  bindPort: forward('bindPort'),
  changeMeter: forward('changeMeter'),
  clearMeters: forward('clearMeters'),
  configureMeter: forward('configureMeter'),
  deleteAllRecords: forward('deleteAllRecords'),
  deleteRecords: forward('deleteRecords'),
  exportMeters: forward('exportMeters'),
  findMeters: forward('findMeters'),
  headCheck: forward('headCheck'),
  importMeters: forward('importMeters'),
  moveMeter: forward('moveMeter'),
  pauseSearch: forward('pauseSearch'),
  read: forward('read'),
  readNow: forward('readNow'),
  refreshPorts: forward('refreshPorts'),
  removeMeter: forward('removeMeter'),
  serveAt: forward('serveAt'),
  setAllIntervals: forward('setAllIntervals'),
  setCapacity: forward('setCapacity'),
  setPortValue: forward('setPortValue'),
  setSchedule: forward('setSchedule'),
  setSimulation: forward('setSimulation'),
  tick: forward('tick'),
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
});

function withOwner(state: EngineState): EngineState {
  return { ...state, owner: ownership.isOwner ? 'this window' : 'another window' };
}

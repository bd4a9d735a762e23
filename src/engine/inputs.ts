import { NOT_STARTED } from '../ams/retries.ts';
import type { LiveInputs } from './ams-api.ts';
import type { Collecting, InputsParts } from './collecting.ts';

/** The inputs of port 128: collected all the time from their source, and read without a turn at its port. */
export interface InputsDesk extends Pick<Collecting, 'read' | 'state' | 'setCounter' | 'retry'> {
  /** The source may have changed. */
  heed(): void;
  /** How the inputs are, whenever they have changed and not more often than people can see, until aborted. */
  follow(emit: (live: LiveInputs) => void, signal: AbortSignal): Promise<undefined>;
}

/** How often a page is told at most. */
const LIVE_MS = 250;

/** Comes with the first source: most devices have none. */
export function createInputs(parts: InputsParts): InputsDesk {
  let collecting: Collecting | undefined;
  let loading: Promise<Collecting> | undefined;

  function load(): Promise<Collecting> {
    loading ??= import('./collecting.ts').then(({ createCollecting }) => (collecting = createCollecting(parts)));
    loading.catch(() => (loading = undefined)); // the next look tries again
    return loading;
  }

  function heed(): void {
    if (collecting) collecting.heed(parts.source());
    else if (parts.source()) load().then(heed).catch(parts.onError);
  }

  return {
    heed,
    async read(target, signal) {
      if (parts.source()) {
        const loaded = await load();
        loaded.heed(parts.source());
        return await loaded.read(target, signal);
      }
      const message = 'No inputs are connected to port 128.';
      const hint = 'Choose in the settings what they are: a board on a serial port, or the lines of an adapter.';
      return { errorCode: NOT_STARTED, identification: '', data: '', circumstances: { message, hint } };
    },
    state: () => collecting?.state(),
    async follow(emit, signal) {
      let told = '';
      while (!signal.aborted) {
        const live = collecting?.live() ?? { isHeard: false, inputs: [] };
        // Decimals may be bigints.
        const now = JSON.stringify(live, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
        if (now !== told) emit(live);
        told = now;
        await parts.clock.sleep(LIVE_MS, signal).catch(() => undefined);
      }
      return undefined;
    },
    setCounter: async (wanted) => await (await load()).setCounter(wanted),
    retry: () => collecting?.retry(),
  };
}

import type { InputsSource } from '../ams/ports-table.ts';
import { NOT_STARTED } from '../ams/retries.ts';
import type { Clock } from '../common/clock.ts';
import { fittingValues, settingsOf } from '../common/form.ts';
import type { Readout } from '../common/readout.ts';
import { untilAborted } from '../line/turn.ts';
import type { Database } from '../log/database.ts';
import { openSettings } from '../log/settings.ts';
import type { Collection } from '../protocols/collector.ts';
import type { Protocol, Target } from '../protocols/protocol.ts';
import type { Protocols } from '../protocols/registry.ts';
import { collectFrom, keptBy } from './collect-source.ts';
import { AGAIN_MS, hearingState } from './hear-on.ts';
import type { InputsState, LiveInputs, SetCounter } from './ams-api.ts';
import type { PortRegistry } from './port-registry.ts';

/** Pulses come every second: the second copy, which only grows, has them less often. */
const NOTE_MS = 60_000;

export interface InputsParts {
  readonly clock: Clock;
  readonly database: Database;
  readonly protocols: Protocols;
  readonly registry: Pick<PortRegistry, 'find' | 'listen' | 'wireState'>;
  /** What port 128 is collected from, as the configuration has it. */
  source(): InputsSource | undefined;
  onChange(): void;
  onError(error: unknown): void;
}

/** Collects from one source after another; a new one begins when the one before has kept all it knows. */
export interface Collecting {
  /** @param target with the settings that are the meter's own; what it says nothing of the source says */
  read(target: Target, signal: AbortSignal): Promise<Readout>;
  /** Rejects where it could not be stored, and nothing was changed. */
  setCounter(wanted: SetCounter): Promise<void>;
  /** Tries the source again now. */
  retry(): void;
  /** The source may have changed. */
  heed(source: InputsSource | undefined): void;
  state(): InputsState | undefined;
  live(): LiveInputs;
}

interface Running {
  source: InputsSource;
  readonly stop: AbortController;
  readonly opening: Promise<Collection>;
  /** Once it is open. */
  collection: Collection | undefined;
  step: string;
  /** Why its port cannot be heard at the moment. */
  trouble: string;
}

export function createCollecting(parts: InputsParts): Collecting {
  const { clock, registry, protocols, onChange, onError } = parts;
  let notedAt = -Infinity;
  const settings = openSettings(parts.database, () => {
    if (clock.monotonic() - notedAt < NOTE_MS) return;
    notedAt = clock.monotonic();
    parts.database.noteSettings();
  });
  let running: Running | undefined;
  let ended: Promise<void> = Promise.resolve();

  const protocol = (): Protocol => {
    const found = protocols.all.find(({ wire }) => wire === 'inputs');
    if (!found) throw new Error('This build has no protocol for inputs.');
    return found;
  };

  /** What holds of a source: what a person set, and how a simulated one wants to be read. */
  const valuesOf = ({ portId, settings: set }: InputsSource) =>
    settingsOf(protocol().settings, {
      set: fittingValues(protocol().settings, set),
      suggested: registry.find(portId)?.suggested?.settings,
    });

  async function open(source: InputsSource): Promise<Collection> {
    const collector = await protocol().parts.collector?.();
    if (!collector) throw new Error(`This build cannot collect ${protocol().name}.`);
    return await collector.open(valuesOf(source), { clock, kept: keptBy(crypto.randomUUID(), settings), onError });
  }

  async function collect(mine: Running, collection: Collection): Promise<void> {
    const onTrouble = (text = mine.trouble) => {
      mine.trouble = text;
      onChange();
    };
    const onStep = (text: string) => {
      mine.step = text;
      onChange();
    };
    try {
      const own = { clock, registry, onTrouble, onStep, onError };
      await collectFrom(own, mine.source.portId, mine.stop.signal, collection);
    } finally {
      await collection.close();
    }
  }

  async function failed(mine: Running, error: unknown): Promise<void> {
    // What is kept can't be had.
    onError(error);
    mine.trouble = error instanceof Error ? error.message : String(error);
    onChange();
    await clock.sleep(AGAIN_MS, mine.stop.signal).catch(() => undefined);
    if (running === mine) start(mine.source);
  }

  function start(source: InputsSource): void {
    const opening = ended.then(() => open(source));
    const stop = new AbortController();
    const mine: Running = { source, stop, opening, collection: undefined, step: '', trouble: '' };
    running = mine;
    const collected = opening.then(
      (collection) => collect(mine, (mine.collection = collection)),
      (error: unknown) => failed(mine, error),
    );
    ended = collected.catch(onError);
  }

  function begin(source: InputsSource | undefined): void {
    running?.stop.abort();
    running = undefined;
    if (source) start(source);
  }

  /** What is heard goes on with other settings; what is in trouble is tried again with them, and at once. */
  const isTaken = ({ source: before, collection, trouble }: Running, source: InputsSource) =>
    before.portId === source.portId && trouble === '' && collection?.change(valuesOf(source)) === true;

  return {
    heed(source) {
      if (running && source && JSON.stringify(running.source) === JSON.stringify(source)) return;
      if (running && source && isTaken(running, source)) {
        running.source = source;
        return;
      }
      begin(source);
    },
    retry: () => begin(running?.source),
    live: () => ({
      isHeard: running?.collection?.isHeard() ?? false,
      inputs: running?.collection?.live() ?? [],
    }),
    async setCounter({ input, count, from }) {
      if (!running) throw new Error('No inputs are connected: there is no counter to set.');
      const collection = await running.opening;
      await collection.setCounter(input, count, from);
    },
    async read({ address, settings: own }, signal) {
      const now = running;
      try {
        if (!now) throw new Error('The inputs are about to be opened.');
        const collection = await untilAborted(now.opening, signal);
        const form = protocol().settings;
        const layers = { set: fittingValues(form, own), suggested: valuesOf(now.source) };
        return await collection.read({ address, settings: settingsOf(form, layers) }, signal);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return { errorCode: NOT_STARTED, identification: '', data: '', circumstances: { message } };
      }
    },
    state() {
      if (!running) return undefined;
      const { source, trouble, step } = running;
      return { ...source, ...hearingState(registry, source.portId, trouble, step) };
    },
  };
}

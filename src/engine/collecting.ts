import type { InputsSource } from '../ams/ports-table.ts';
import { NOT_STARTED } from '../ams/retries.ts';
import { fittingValues, settingsOf } from '../common/form.ts';
import { PortError, type ModemSignals } from '../line/port.ts';
import { untilAborted } from '../line/turn.ts';
import { openSettings } from '../log/settings.ts';
import type { Collection } from '../protocols/collector.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { AGAIN_MS, hearingState, hearOn } from './hear-on.ts';
import type { InputsDesk, InputsParts } from './inputs.ts';
import type { InputsState } from './ams-api.ts';
import { withLine } from './with-line.ts';

/** Where the counters are kept: they are the device's, whatever its source is at the moment. */
const KEPT_KEY = 'inputs';

/** Collects from one source after another; a new one begins when the one before has kept all it knows. */
export interface Collecting extends Pick<InputsDesk, 'read'> {
  heed(source: InputsSource | undefined): void;
  state(): InputsState | undefined;
}

interface Running {
  readonly source: InputsSource;
  readonly stop: AbortController;
  readonly opening: Promise<Collection>;
  step: string;
  /** Why its port cannot be heard at the moment. */
  trouble: string;
}

export function createCollecting(parts: InputsParts): Collecting {
  const { clock, registry, protocols, onChange, onError } = parts;
  const settings = openSettings(parts.database, () => parts.database.noteSettings());
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
    const kept = {
      load: () => settings.get(KEPT_KEY),
      save: (value: unknown) => settings.put(KEPT_KEY, value),
    };
    return await collector.open(valuesOf(source), { clock, kept, onError });
  }

  async function collect(mine: Running, collection: Collection): Promise<void> {
    const { source, stop } = mine;
    const onTrouble = (text = mine.trouble) => {
      mine.trouble = text;
      onChange();
    };
    const hearing = hearOn({ clock, registry, onTrouble, onError }, source.portId, stop.signal, (seat) =>
      withLine(seat, { ...collection.line, isEndless: true }, async (line) => {
        onTrouble('');
        await collection.hear(line, (text) => {
          mine.step = text;
          onChange();
        });
      }),
    );
    await Promise.all([hearing, watch(mine, collection, onTrouble)]);
  }

  /** The modem lines, whoever has the port: it stays open in between, or is opened again at once. */
  async function watch({ source, stop }: Running, collection: Collection, onTrouble: (text: string) => void) {
    const signals = async (): Promise<ModemSignals> => {
      const here = registry.find(source.portId);
      if (!here) throw new PortError('lost', 'The adapter is not plugged in.');
      return await here.port.getSignals();
    };
    while (collection.watch && !stop.signal.aborted) {
      try {
        await collection.watch(signals, stop.signal);
      } catch (error) {
        if (!(error instanceof PortError)) onError(error);
        onTrouble(error instanceof Error ? error.message : String(error));
        await clock.sleep(AGAIN_MS, stop.signal).catch(() => undefined);
      }
    }
  }

  function start(source: InputsSource): void {
    const opening = ended.then(() => open(source));
    const mine: Running = { source, stop: new AbortController(), opening, step: '', trouble: '' };
    running = mine;
    ended = opening.then(
      async (collection) => {
        try {
          await collect(mine, collection);
        } finally {
          await collection.close();
        }
      },
      async (error: unknown) => {
        // What is kept can't be read: the next look tries again.
        onError(error);
        mine.trouble = error instanceof Error ? error.message : String(error);
        onChange();
        await clock.sleep(AGAIN_MS, mine.stop.signal).catch(() => undefined);
        if (running === mine) running = undefined;
      },
    );
    ended = ended.catch(onError);
  }

  return {
    heed(source) {
      if (running && source && JSON.stringify(running.source) === JSON.stringify(source)) return;
      running?.stop.abort();
      running = undefined;
      if (source) start(source);
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

import type { Clock } from '../common/clock.ts';
import type { PortId } from '../common/kinds.ts';
import { PortError, type ModemSignals } from '../line/port.ts';
import type { SettingsStore } from '../log/settings.ts';
import type { Collection, KeptState } from '../protocols/collector.ts';
import { AGAIN_MS, hearOn } from './hear-on.ts';
import type { PortRegistry } from './port-registry.ts';
import { withLine } from './with-line.ts';

/** Where the counters are kept: they are the device's, whatever its source is at the moment. */
const KEPT_KEY = 'inputs';

export interface CollectParts {
  readonly clock: Clock;
  readonly registry: Pick<PortRegistry, 'find' | 'listen'>;
  /** Why the port cannot be heard at the moment, or ''; undefined where a try ended without a word. */
  onTrouble(text: string | undefined): void;
  /** What is done now, in words. */
  onStep(text: string): void;
  onError(error: unknown): void;
}

/** Hears a source, and watches its modem lines, until aborted. */
export async function collectFrom(
  parts: CollectParts,
  portId: PortId,
  signal: AbortSignal,
  collection: Collection,
): Promise<void> {
  const hearing = hearOn(parts, portId, signal, (seat) =>
    withLine(seat, { ...collection.line, isEndless: true }, async (line) => {
      parts.onTrouble('');
      await collection.hear(line, parts.onStep);
    }),
  );
  await Promise.all([hearing, watchSignals(parts, portId, signal, collection)]);
}

/** The modem lines, whoever has the port: it stays open in between, or is opened again at once. */
async function watchSignals(
  { clock, registry, onTrouble, onError }: CollectParts,
  portId: PortId,
  signal: AbortSignal,
  collection: Collection,
): Promise<void> {
  const signals = async (): Promise<ModemSignals> => {
    const here = registry.find(portId);
    if (!here) throw new PortError('lost', 'The adapter is not plugged in.');
    return await here.port.getSignals();
  };
  while (collection.watch && !signal.aborted) {
    try {
      await collection.watch(signals, signal);
    } catch (error) {
      if (!(error instanceof PortError)) onError(error);
      onTrouble(error instanceof Error ? error.message : String(error));
      await clock.sleep(AGAIN_MS, signal).catch(() => undefined);
    }
  }
}

/** What was kept, and whoever loaded it last may keep it: a window that was stopped, and wakes, must not undo what came since. */
export function keptBy(holder: string, settings: Pick<SettingsStore, 'change'>): KeptState {
  type Kept = { readonly holder: string; readonly value: unknown } | undefined;
  const change = (next: (present: Kept) => Kept) => settings.change(KEPT_KEY, (present) => next(present as Kept)); // nobody else writes it
  return {
    load: async () => (await change((present) => ({ holder, value: present?.value })))?.value,
    async save(value) {
      await change((present) => {
        if (present?.holder !== holder) throw new Error('The inputs are counted by another window now.');
        return { holder, value };
      });
    },
  };
}

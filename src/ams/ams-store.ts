import type { Milliseconds } from '../common/kinds.ts';
import type { Database } from '../log/database.ts';
import type { Values } from '../common/form.ts';
import { separated } from './learnt.ts';
import type { MeterList } from './meter-list.ts';
import type { Meter } from './meter.ts';
import { startPorts, type InputsSource, type PortsTable } from './ports-table.ts';
import { MAX_RETRIES } from './retries.ts';

/** What the Autonomous Metering System keeps over a restart, as one value: it is small and changes as a whole. */
export interface AmsConfiguration {
  readonly meters: MeterList;
  readonly ports: PortsTable;
  /** What is behind port 128; absent: nothing is. */
  readonly inputs?: InputsSource;
  /** When the schedule was switched on, milliseconds; absent while it is off. */
  readonly enabledSince?: Milliseconds;
  readonly retries: number;
  /** Number of the next new meter; numbers are never used again, so that records tell meters apart for good. */
  readonly nextMeterNumber: number;
}

const KEY = 'ams';

const emptyConfiguration: AmsConfiguration = { meters: [], ports: [], retries: 1, nextMeterNumber: 1 };

/** The stored configuration as a new start sees it: unsaved port settings are gone. */
export async function loadConfiguration(database: Database): Promise<AmsConfiguration> {
  const row = await database.use((db) => db.get('settings', KEY));
  const stored = row?.value;
  if (!isConfiguration(stored)) return emptyConfiguration;
  return { ...stored, meters: stored.meters.map(asToday), ports: startPorts(stored.ports) };
}

/** A meter as an earlier version kept it. */
function asToday(stored: Meter & { readonly learned?: Values }): Meter {
  const { learned, ...meter } = stored;
  return learned ? { ...separated(learned), ...meter } : meter;
}

export async function saveConfiguration(database: Database, configuration: AmsConfiguration): Promise<void> {
  await database.use(async (db) => {
    const tx = db.transaction('settings', 'readwrite', { durability: 'strict' });
    await Promise.all([tx.store.put(configurationRow(configuration)), tx.done]);
  });
  database.noteSettings();
}

/** The row of the store `settings` that holds it. */
export const configurationRow = (value: AmsConfiguration) => ({ key: KEY, value });

/**
 * No number of a meter whose records are in the log is given again, whatever became of the list.
 * @param highest the highest number there, 0 without
 */
export function numberedAfter(configuration: AmsConfiguration, highest: number): AmsConfiguration {
  return { ...configuration, nextMeterNumber: Math.max(configuration.nextMeterNumber, highest + 1) };
}

/** Only this module writes the value; the check is against an older or damaged database. */
function isConfiguration(value: unknown): value is AmsConfiguration {
  if (typeof value !== 'object' || value === null) return false;
  const { meters, ports, retries, nextMeterNumber } = value as Partial<AmsConfiguration>;
  return (
    Array.isArray(meters) &&
    Array.isArray(ports) &&
    typeof retries === 'number' &&
    retries >= 0 &&
    retries <= MAX_RETRIES &&
    typeof nextMeterNumber === 'number'
  );
}

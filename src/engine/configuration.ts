import {
  configurationRow,
  loadConfiguration,
  numberedAfter,
  saveConfiguration,
  type AmsConfiguration,
} from '../ams/ams-store.ts';
import type { MeterList } from '../ams/meter-list.ts';
import type { Checked } from '../ams/meter.ts';
import type { PortsTable } from '../ams/ports-table.ts';
import type { Database } from '../log/database.ts';
import type { RecordLog } from '../log/ring.ts';
import type { Changed } from './ams-api.ts';

/** Device list, ports table and schedule as they are on disk: one change after the other, there before it is answered. */
export interface Configuration {
  readonly now: AmsConfiguration;
  change(edit: (before: AmsConfiguration) => AmsConfiguration): Promise<void>;
  changeChecked(edit: (before: AmsConfiguration) => Checked<AmsConfiguration>): Promise<Changed>;
  changeList(edit: (before: AmsConfiguration) => Checked<MeterList>): Promise<Changed>;
  /** False where the edit gives none. */
  changePorts(edit: (ports: PortsTable) => PortsTable | undefined): Promise<boolean>;
}

export interface ConfigurationParts {
  readonly database: Database;
  readonly log: Pick<RecordLog, 'beginWith' | 'highestMeter'>;
  /** Before a change is saved; where it rejects nothing is changed. */
  beforeChange(now: AmsConfiguration, next: AmsConfiguration): Promise<void>;
  afterChange(): void;
}

export async function openConfiguration(parts: ConfigurationParts): Promise<Configuration> {
  const { database, log } = parts;
  let now = numberedAfter(await loadConfiguration(database), await log.highestMeter());
  log.beginWith(() => [configurationRow(now)]);
  let saving: Promise<unknown> = Promise.resolve();

  function change(edit: (before: AmsConfiguration) => AmsConfiguration): Promise<void> {
    const run = saving.then(async () => {
      const next = edit(now);
      await parts.beforeChange(now, next);
      await saveConfiguration(database, next);
      now = next;
      parts.afterChange();
    });
    saving = run.catch(() => undefined);
    return run;
  }

  async function changeChecked(edit: (before: AmsConfiguration) => Checked<AmsConfiguration>): Promise<Changed> {
    let outcome: Changed = { ok: true };
    await change((before) => {
      const checked = edit(before);
      if (checked.ok) return checked.value;
      outcome = checked;
      return before;
    });
    return outcome;
  }

  return {
    get now() {
      return now;
    },
    change,
    changeChecked,
    changeList: (edit) =>
      changeChecked((before) => {
        const checked = edit(before);
        return checked.ok ? { ok: true, value: { ...before, meters: checked.value } } : checked;
      }),
    async changePorts(edit) {
      let done = true;
      await change((before) => {
        const ports = edit(before.ports);
        done = ports !== undefined;
        return ports ? { ...before, ports } : before;
      });
      return done;
    },
  };
}

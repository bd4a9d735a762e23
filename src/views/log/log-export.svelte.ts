import { tick } from 'svelte';
import type { ExportRequest, Progress } from '../../archive/api.ts';
import type { ArchiveClient } from '../../archive/client.ts';
import type { MeterLabel } from '../../log/export/meter-labels.ts';
import type { LogRecord } from '../../log/record.ts';
import { Attempt } from '../components/attempt.svelte.ts';
import { counted } from '../components/format.ts';
import { saveFile } from '../components/save-file.ts';
import { TableChoice } from '../export/table-form.svelte.ts';

/** Records on paper: more than these are for a file. */
const MOST_PRINTED = 1000;

/** Hands what the filter selects to the browser's downloads, and says how far it is. */
export class LogExport {
  readonly tables = new TableChoice();
  readonly attempt = new Attempt('The records could not be written.');
  status = $state('');
  /** What lies ready for the printer, while it does. */
  sheet: { readonly records: readonly LogRecord[]; readonly total: number } | undefined = $state.raw();
  readonly #archive: ArchiveClient;
  readonly #meters: () => readonly MeterLabel[];

  constructor(archive: ArchiveClient, meters: () => readonly MeterLabel[]) {
    this.#archive = archive;
    this.#meters = meters;
  }

  async print(filter: string): Promise<void> {
    await this.attempt.run(async () => {
      this.sheet = await this.#archive.call('page', { filter, limit: MOST_PRINTED });
      await tick();
      window.print();
    });
    this.sheet = undefined;
  }

  async save(format: ExportRequest['format'], filter: string): Promise<void> {
    this.status = 'Writing…';
    const form = format === 'valuereport' ? this.tables.form : this.tables.csvForm;
    const onEvent = ({ done, total }: Progress) => {
      this.status = `Writing, ${Math.floor((100 * done) / Math.max(1, total))} %…`;
    };
    const saved = await this.attempt.run(() =>
      this.#archive.call('export', { format, filter, form, meters: this.#meters() }, { onEvent }),
    );
    for (const { name, content } of saved?.files ?? []) saveFile(name, content);
    this.status = saved ? `${counted(saved.count, 'record')} saved` : '';
  }
}

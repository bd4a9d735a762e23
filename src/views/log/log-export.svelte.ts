import { tick } from 'svelte';
import type { ExportRequest } from '../../archive/api.ts';
import type { ArchiveClient } from '../../archive/client.ts';
import type { MeterLabel } from '../../log/export/meter-labels.ts';
import type { LogRecord } from '../../log/record.ts';
import { counted } from '../components/format.ts';
import { saveFile } from '../components/save-file.ts';
import { TableChoice } from '../export/table-form.svelte.ts';
import { problemOfError } from '../read/problem.ts';
import type { Problem } from '../read/problem.ts';

/** Records on paper: more than these are for a file. */
const MOST_PRINTED = 1000;

/** Hands what the filter selects to the browser's downloads, and says how far it is. */
export class LogExport {
  readonly tables = new TableChoice();
  readonly #archive: ArchiveClient;
  readonly #meters: () => readonly MeterLabel[];
  #status = $state('');
  #running = $state(false);
  #problem: Problem | undefined = $state.raw();
  #sheet: { readonly records: readonly LogRecord[]; readonly total: number } | undefined = $state.raw();

  constructor(archive: ArchiveClient, meters: () => readonly MeterLabel[]) {
    this.#archive = archive;
    this.#meters = meters;
  }

  get status(): string {
    return this.#status;
  }

  get running(): boolean {
    return this.#running;
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** What lies ready for the printer, while it does. */
  get sheet() {
    return this.#sheet;
  }

  async print(filter: string): Promise<void> {
    try {
      this.#sheet = await this.#archive.call('page', { filter, limit: MOST_PRINTED });
      await tick();
      window.print();
    } catch (error) {
      this.#problem = problemOfError(error);
    } finally {
      this.#sheet = undefined;
    }
  }

  async save(format: ExportRequest['format'], filter: string): Promise<void> {
    this.#running = true;
    this.#problem = undefined;
    this.#status = 'Writing…';
    try {
      const { count, files } = await this.#archive.call(
        'export',
        {
          format,
          filter,
          form: format === 'valuereport' ? this.tables.form : this.tables.csvForm,
          meters: this.#meters(),
        },
        {
          onEvent: ({ done, total }) => {
            this.#status = `Writing, ${Math.floor((100 * done) / Math.max(1, total))} %…`;
          },
        },
      );
      for (const { name, content } of files) saveFile(name, content);
      this.#status = `${counted(count, 'record')} saved`;
    } catch (error) {
      this.#status = '';
      this.#problem = problemOfError(error);
    } finally {
      this.#running = false;
    }
  }
}

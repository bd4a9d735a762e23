import type { ArchiveClient } from '../../archive/client.ts';
import type { LogRecord } from '../../log/record.ts';
import { problemOfError } from '../read/problem.ts';
import type { Problem } from '../read/problem.ts';

/** Records asked for at a time. */
const PAGE = 100;

/** The log as far as it was scrolled, newest first, under one filter. */
export class LogList {
  readonly #archive: ArchiveClient;
  #filter = '';
  /** What the records shown were found with; undefined until the first answer. */
  shownFilter: string | undefined = $state();
  records: readonly LogRecord[] = $state.raw([]);
  /** Exact number of records that match, loaded or not. */
  total = $state(0);
  /** False until the first answer came. */
  loaded = $state(false);
  problem: Problem | undefined = $state.raw();
  #loading = false;
  /** Which log the records are of. */
  #life = '';
  /** Answers to an earlier filter come too late and are dropped. */
  #generation = 0;

  /** Where the list was scrolled to, px. */
  scrollTop = $state(0);

  constructor(archive: ArchiveClient) {
    this.#archive = archive;
  }

  /** From the newest on; `filter` must be free of mistakes. */
  async show(filter: string): Promise<void> {
    if (filter !== this.#filter) this.scrollTop = 0;
    this.#filter = filter;
    const generation = ++this.#generation;
    await this.#ask(generation, undefined, (records, total, isSameLog) => {
      const known = this.records[0]?.seq ?? -1;
      const fresh = records.filter(({ seq }) => seq > known);
      const grown =
        isSameLog && this.scrollTop > 0 && fresh.length < records.length && total === this.total + fresh.length;
      this.records = grown ? [...fresh, ...this.records] : records;
    });
  }

  async more(): Promise<void> {
    const last = this.records.at(-1);
    if (this.#loading || !last) return;
    await this.#ask(this.#generation, last.seq, (records, _total, isSameLog) => {
      // Those of a log that is gone go with the next change, which shows the list from its newest on.
      this.records = isSameLog ? [...this.records, ...records] : records;
    });
  }

  /** The log itself cannot be followed. */
  fail(error: unknown): void {
    this.problem = problemOfError(error, 'The log could not be read.');
  }

  async #ask(
    generation: number,
    before: number | undefined,
    take: (records: readonly LogRecord[], total: number, isSameLog: boolean) => void,
  ): Promise<void> {
    this.#loading = true;
    try {
      const page = await this.#archive.call('page', {
        filter: this.#filter,
        ...(before === undefined ? {} : { before }),
        limit: PAGE,
      });
      if (generation !== this.#generation) return;
      const { generation: log, rebuilt } = page.state;
      const life = `${log} ${rebuilt?.times ?? 0}`;
      take(page.records, page.total, life === this.#life);
      this.#life = life;
      this.shownFilter = this.#filter;
      this.total = page.total;
      this.loaded = true;
      this.problem = undefined;
    } catch (error) {
      if (generation === this.#generation) this.problem = problemOfError(error, 'The log could not be read.');
    } finally {
      this.#loading = false;
    }
  }
}

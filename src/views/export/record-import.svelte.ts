import type { ImportSummary } from '../../archive/api.ts';
import type { ArchiveClient } from '../../archive/client.ts';
import { problemOfError } from '../read/problem.ts';
import type { Problem } from '../read/problem.ts';

/** Pasted `^SCDATA` output on its way into the log: first looked at, then added. */
export class RecordImport {
  readonly #archive: ArchiveClient;
  #text = $state('');
  #summary: ImportSummary | undefined = $state.raw();
  #status = $state('');
  #running = $state(false);
  #problem: Problem | undefined = $state.raw();

  constructor(archive: ArchiveClient) {
    this.#archive = archive;
  }

  get text(): string {
    return this.#text;
  }

  /** Another text is not yet looked at. */
  set text(text: string) {
    this.#text = text;
    this.#summary = undefined;
    this.#status = '';
    this.#problem = undefined;
  }

  /** What is in the text; undefined until it was looked at. */
  get summary(): ImportSummary | undefined {
    return this.#summary;
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

  look(): Promise<void> {
    return this.#run(false);
  }

  /** `mayPushOut`: a person agreed that records of this device go for them. */
  store(mayPushOut: boolean): Promise<void> {
    return this.#run(true, mayPushOut);
  }

  async #run(store: boolean, mayPushOut = false): Promise<void> {
    this.#running = true;
    this.#problem = undefined;
    this.#status = store ? 'Adding…' : 'Looking…';
    try {
      const summary = await this.#archive.call(
        'import',
        { text: this.#text, store, mayPushOut },
        { onEvent: ({ done, total }) => (this.#status = `Adding, ${done} of ${total}…`) },
      );
      this.#summary = summary;
      const known = summary.found - summary.stored - summary.displaced.unfit;
      this.#status = store ? `✓ ${summary.stored} added${known > 0 ? `, ${known} were there already` : ''}` : '';
    } catch (error) {
      this.#status = '';
      this.#problem = { ...problemOfError(error), headline: 'The import stopped.', remedies: [] };
    } finally {
      this.#running = false;
    }
  }
}

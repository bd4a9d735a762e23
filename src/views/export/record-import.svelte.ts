import type { ImportSummary, Progress } from '../../archive/api.ts';
import type { ArchiveClient } from '../../archive/client.ts';
import { Attempt } from '../components/attempt.svelte.ts';

/** Pasted `^SCDATA` output on its way into the log: first looked at, then added. */
export class RecordImport {
  readonly attempt = new Attempt('The import stopped.');
  /** What is in the text; undefined until it was looked at. */
  summary: ImportSummary | undefined = $state.raw();
  status = $state('');
  readonly #archive: ArchiveClient;
  #text = $state('');

  constructor(archive: ArchiveClient) {
    this.#archive = archive;
  }

  get text(): string {
    return this.#text;
  }

  /** Another text is not yet looked at. */
  set text(text: string) {
    this.#text = text;
    this.summary = undefined;
    this.status = '';
    this.attempt.problem = undefined;
  }

  look(): Promise<void> {
    return this.#run(false);
  }

  /** `mayPushOut`: a person agreed that records of this device go for them. */
  store(mayPushOut: boolean): Promise<void> {
    return this.#run(true, mayPushOut);
  }

  async #run(store: boolean, mayPushOut = false): Promise<void> {
    this.status = store ? 'Adding…' : 'Looking…';
    const onEvent = ({ done, total }: Progress) => (this.status = `Adding, ${done} of ${total}…`);
    const summary = await this.attempt.run(() =>
      this.#archive.call('import', { text: this.#text, store, mayPushOut }, { onEvent }),
    );
    this.status = '';
    if (!summary) return;
    this.summary = summary;
    const known = summary.found - summary.stored - summary.displaced.unfit;
    if (store) this.status = `✓ ${summary.stored} added${known > 0 ? `, ${known} were there already` : ''}`;
  }
}

import type { ArchiveClient } from '../../archive/client.ts';
import type { Reading } from '../../common/reading.ts';
import type { StoredData } from '../../protocols/stored-data.ts';

/**
 * What data says, as the archive decodes it. Data that is still arriving may be shown as often as it grows: one call is
 * under way at most, of what came meanwhile the newest is asked for next, and no answer comes after a newer one.
 */
export class Decoded<Stored extends StoredData = StoredData> {
  /** Of the newest data that was decoded; `stored` is what was asked with. */
  answer: { readonly stored: Stored; readonly readings: readonly Reading[] } | undefined = $state.raw();
  /** Why the newest data could not be decoded. */
  fault: { readonly stored: Stored; readonly error: unknown } | undefined = $state.raw();
  readonly #archive: ArchiveClient;
  #next: { readonly protocol: string; readonly stored: Stored } | undefined;
  #work: Promise<void> | undefined;

  constructor(archive: ArchiveClient) {
    this.#archive = archive;
  }

  /** Resolves when all that was to be shown has its answer or its fault; never rejects. */
  show(protocol: string, stored: Stored): Promise<void> {
    this.#next = { protocol, stored };
    return (this.#work ??= this.#ask());
  }

  async #ask(): Promise<void> {
    for (let next = this.#next; next; next = this.#next) {
      this.#next = undefined;
      const { stored } = next;
      try {
        const readings = await this.#archive.call('readings', next);
        this.answer = { stored, readings };
        this.fault = undefined;
      } catch (error) {
        this.fault = { stored, error };
      }
    }
    this.#work = undefined;
  }
}

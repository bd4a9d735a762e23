import type { ArchiveClient } from '../../archive/client.ts';
import type { MeterState } from '../../engine/ams-api.ts';
import type { EngineCaller } from '../../engine/client.ts';

/**
 * Gives the meters of the list the number that their first good reading tells. The engine decodes nothing, and the
 * archive keeps no list: so a page asks one and tells the other, whatever place is looked at.
 */
export class MeterNumbers {
  readonly #engine: EngineCaller;
  readonly #archive: ArchiveClient;
  /** The record of each meter that was asked about last. */
  readonly #asked = new Map<string, number>();

  constructor(engine: EngineCaller, archive: ArchiveClient) {
    this.#engine = engine;
    this.#archive = archive;
  }

  /** Call it with every state of the engine. A meter whose number could not be asked for is asked about after its next reading. */
  async follow(meters: readonly MeterState[]): Promise<void> {
    await Promise.all(meters.map((entry) => this.#look(entry)));
  }

  async #look({ meter: { id, serialNumber }, last }: MeterState): Promise<void> {
    if (serialNumber || last?.errorCode !== 0 || this.#asked.get(id) === last.seq) return;
    const { seq } = last;
    this.#asked.set(id, seq);
    try {
      const found = await this.#archive.call('meterNumber', { seq });
      if (found !== undefined) await this.#engine.call('noteNumber', { id, seq, serialNumber: found });
    } catch (error) {
      console.warn('number of a meter', error);
    }
  }
}

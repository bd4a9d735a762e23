import { sizeText } from '../components/format.ts';

/** How much room the log has on this device and whether the browser may clear it away. */
export class StorageState {
  /** "3.2 MB of 2.1 GB"; empty while unknown. */
  usage = $state('');
  /** Undefined where the browser does not say. */
  persisted: boolean | undefined = $state();
  /** The browser was asked to keep the log and did not promise it. */
  refused = $state(false);

  constructor() {
    void this.#ask();
  }

  async persist(): Promise<void> {
    this.persisted = await navigator.storage.persist();
    this.refused = !this.persisted;
  }

  async #ask(): Promise<void> {
    // Absent on pages that are not secure.
    if (!('storage' in navigator)) return;
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    this.usage = `${sizeText(usage)} of ${sizeText(quota)}`;
    this.persisted = await navigator.storage.persisted();
  }
}

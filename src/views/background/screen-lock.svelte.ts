import { loadStored, saveStored } from '../components/stored.ts';

const KEY = 'screen-on';

/**
 * Keeps the screen on while scheduled readings run and the window is in sight: a tablet whose screen goes off stops its
 * pages soon after. The browser lets go of the lock whenever the window is hidden, so it is asked for again.
 */
export class ScreenLock {
  #on = $state(loadStored(KEY, (value) => value !== false));
  held = $state(false);
  /** Why the browser refused, in its words; low battery, mostly. */
  fault = $state('');
  #wanted = false;
  #lock: WakeLockSentinel | undefined;
  #working: Promise<void> = Promise.resolve();

  get supported(): boolean {
    return 'wakeLock' in navigator;
  }

  get on(): boolean {
    return this.#on;
  }

  set on(on: boolean) {
    this.#on = on;
    saveStored(KEY, on);
    void this.settle();
  }

  /** Whether something runs for which the screen should stay on. */
  want(wanted: boolean): void {
    this.#wanted = wanted;
    void this.settle();
  }

  /** Asks for the lock or lets go of it, as things are now; one after the other. Resolves when that is done. */
  settle(): Promise<void> {
    this.#working = this.#working.then(() => this.#change());
    return this.#working;
  }

  async #change(): Promise<void> {
    const wanted = this.#wanted && this.#on && this.supported && document.visibilityState === 'visible';
    try {
      if (!wanted) await this.#lock?.release();
      else if (!this.#lock) {
        const lock = (this.#lock = await navigator.wakeLock.request('screen'));
        this.held = true;
        this.fault = '';
        lock.addEventListener('release', () => {
          if (this.#lock !== lock) return;
          this.#lock = undefined;
          this.held = false;
        });
      }
    } catch (error) {
      this.fault = error instanceof Error ? error.message : String(error);
    }
  }
}

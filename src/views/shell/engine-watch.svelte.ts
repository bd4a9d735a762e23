import type { EngineApi, EngineState, PortState } from '../../engine/api.ts';
import { applyChange, WorkerGone, type EngineClient } from '../../engine/client.ts';

/** What the engine says of itself, kept up to date for as long as the page lives. */
export class EngineWatch {
  /** Undefined until the engine has spoken for the first time. */
  state: EngineState | undefined = $state.raw();
  /** Why the engine stopped, if it did. */
  fault = $state('');
  /** The engine had ended in this window, and was started again. */
  restarted = $state(false);

  /** `faults` reports, as an error, what keeps the worker from working. */
  constructor(engine: EngineClient, faults: EventTarget) {
    faults.addEventListener('error', (event) => {
      this.fault = event instanceof ErrorEvent ? event.message : 'unknown';
    });
    void this.#follow(engine);
  }

  get ports(): readonly PortState[] {
    return this.state?.ports ?? [];
  }

  /** When this window took over from one that the browser had stopped, milliseconds. */
  get tookOverAt(): number | undefined {
    return this.state?.owner === 'this window' ? this.state.tookOverAt : undefined;
  }

  /** Outlives the worker: when it ends, the watching goes on at the next one. */
  async #follow(engine: EngineClient): Promise<void> {
    const onEvent = (change: EngineApi['watch']['event']) => {
      this.state = applyChange(this.state, change) as EngineState;
    };
    try {
      for (;;) {
        await engine.call('watch', undefined, { onEvent }).catch((error: unknown) => {
          if (!(error instanceof WorkerGone)) throw error;
          this.restarted = this.state !== undefined;
        });
      }
    } catch (error) {
      this.fault = error instanceof Error ? error.message : String(error);
    }
  }
}

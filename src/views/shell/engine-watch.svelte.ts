import type { EngineState, PortState } from '../../engine/api.ts';
import { applyChange, type EngineClient } from '../../engine/client.ts';

/** What the engine says of itself, kept up to date for as long as the page lives. */
export class EngineWatch {
  #state: EngineState | undefined = $state.raw();
  #fault = $state('');

  /** `worker` tells when its script did not load or died of an error nobody caught. */
  constructor(engine: EngineClient, worker: EventTarget) {
    worker.addEventListener('error', (event) => {
      this.#fault = (event instanceof ErrorEvent && event.message) || 'its script could not be loaded';
    });
    engine
      .call('watch', undefined, {
        onEvent: (change) => {
          this.#state = applyChange(this.#state, change) as EngineState;
        },
      })
      .catch((error: unknown) => {
        this.#fault = error instanceof Error ? error.message : String(error);
      });
  }

  /** Undefined until the engine has spoken for the first time. */
  get state(): EngineState | undefined {
    return this.#state;
  }

  get ports(): readonly PortState[] {
    return this.#state?.ports ?? [];
  }

  /** Why the engine stopped, if it did. */
  get fault(): string {
    return this.#fault;
  }
}

import type { Values } from '../../../common/form.ts';
import type { LiveInputs, SetCounter } from '../../../engine/ams-api.ts';
import { WorkerGone, type EngineCaller } from '../../../engine/client.ts';
import type { LiveInput } from '../../../protocols/collector.ts';
import { Attempt } from '../../components/attempt.svelte.ts';
import type { Announcer } from '../../shell/announcer.svelte.ts';

/** The inputs of port 128 as a page shows and sets them. */
export class InputsDesk {
  /** As they are now; empty while nothing is connected. */
  inputs: readonly LiveInput[] = $state.raw([]);
  isHeard = $state(false);
  readonly following = new Attempt('The inputs cannot be shown.');
  readonly changing = new Attempt('The inputs were not changed.');
  readonly #engine: EngineCaller;
  readonly #announcer: Announcer;

  constructor(engine: EngineCaller, announcer: Announcer) {
    this.#engine = engine;
    this.#announcer = announcer;
  }

  /** Shows them until the returned function is called; outlives the worker. */
  follow(): () => void {
    const abort = new AbortController();
    const { signal } = abort;
    const onEvent = ({ isHeard, inputs }: LiveInputs) => {
      this.isHeard = isHeard;
      this.inputs = inputs;
    };
    const isExpected = (error: unknown) => signal.aborted || error instanceof WorkerGone;
    void this.following.run(async () => {
      while (!signal.aborted) {
        await this.#engine.call('followInputs', undefined, { signal, onEvent }).catch((error: unknown) => {
          if (!isExpected(error)) throw error;
        });
      }
    });
    return () => abort.abort();
  }

  async connect(portId: string, settings: Values): Promise<void> {
    await this.changing.run(async () => {
      await this.#engine.call('setInputs', { source: { portId, settings } });
      this.#announcer.say('The inputs are connected.');
    });
  }

  /** All that is set by a person, from now on. */
  async change(portId: string, settings: Values): Promise<void> {
    await this.changing.run(() => this.#engine.call('setInputs', { source: { portId, settings } }));
  }

  async disconnect(): Promise<void> {
    await this.changing.run(async () => {
      await this.#engine.call('setInputs', {});
      this.#announcer.say('The inputs are no longer connected. Their counters are kept.');
    });
  }

  async retry(): Promise<void> {
    await this.changing.run(() => this.#engine.call('retryInputs', undefined));
  }

  /** Rejects where it was not stored. */
  async setCounter(wanted: SetCounter): Promise<void> {
    await this.#engine.call('setInputCounter', wanted);
    this.#announcer.say(`The counter of input ${wanted.input} is set.`);
  }
}

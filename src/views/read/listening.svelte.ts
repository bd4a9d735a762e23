import type { Listens } from '../../ams/ports-table.ts';
import type { ReadRequest } from '../../engine/api.ts';
import type { EngineCaller } from '../../engine/client.ts';
import { Attempt } from '../components/attempt.svelte.ts';
import type { Announcer } from '../shell/announcer.svelte.ts';

/** Of each meter a record every quarter of an hour, as most meters keep their own profiles. */
const USUAL_EVERY_MS = 15 * 60_000;

/** Starts and stops listening on ports. */
export class Listening {
  readonly attempt = new Attempt('Listening was not changed.');
  /** Why it may not be. */
  refusal = $state('');
  readonly #engine: EngineCaller;
  readonly #announcer: Announcer;

  constructor(engine: EngineCaller, announcer: Announcer) {
    this.#engine = engine;
    this.#announcer = announcer;
  }

  start(request: ReadRequest): Promise<void> {
    return this.#ask({ ...request, everyMs: USUAL_EVERY_MS });
  }

  /** Makes a record of each meter as often as this, ms. */
  change(portId: string, listens: Listens, everyMs: number): Promise<void> {
    return this.#ask({ ...listens, portId, everyMs });
  }

  async stop(portId: string): Promise<void> {
    this.refusal = '';
    await this.attempt.run(async () => {
      await this.#engine.call('stopListening', { portId });
      this.#announcer.say('Listening has ended.');
    });
  }

  async #ask(request: Listens & { readonly portId: string }): Promise<void> {
    this.refusal = '';
    const answer = await this.attempt.run(() => this.#engine.call('startListening', request));
    if (answer?.ok) this.#announcer.say('Listening to what comes by itself.');
    else if (answer) this.refusal = answer.message;
  }
}

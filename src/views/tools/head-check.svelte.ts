import type { HeadCheckRequest, HeadCheckResult } from '../../engine/api.ts';
import type { EngineClient } from '../../engine/client.ts';
import { Attempt } from '../components/attempt.svelte.ts';
import { concludeHeadCheck } from './head-conclusion.ts';

type Test = HeadCheckRequest['test'];

/** The steps of the head check, what they found, and what it means. */
export class HeadCheck {
  readonly attempt = new Attempt('The check could not begin.');
  running: Test | undefined = $state();
  /** What the port is doing that has to end first; empty once the turn has come. */
  waitsFor = $state('');
  results: Readonly<Partial<Record<Test, HeadCheckResult>>> = $state.raw({});
  /** What the user saw through the camera. */
  lamp: 'seen' | 'not seen' | undefined = $state();
  readonly #engine: EngineClient;

  readonly verdict = $derived(
    concludeHeadCheck({
      paper: this.results.paper?.echo,
      lamp: this.lamp,
      remote: this.results.listen && (this.results.listen.received > 0 ? 'heard' : 'nothing'),
    }),
  );

  constructor(engine: EngineClient) {
    this.#engine = engine;
  }

  async run(test: Test, portId: string): Promise<void> {
    this.running = test;
    const result = await this.attempt.run((signal) =>
      this.#engine.call(
        'headCheck',
        { portId, test },
        {
          signal,
          onEvent: (event) => {
            if (event.kind === 'waits') this.waitsFor = event.forWhat ?? '';
          },
        },
      ),
    );
    if (result) this.results = { ...this.results, [test]: result };
    if (this.attempt.running) return;
    this.running = undefined;
    this.waitsFor = '';
  }

  /** Another head: what was found of the last one says nothing of it. */
  reset(): void {
    this.attempt.cancel();
    this.attempt.problem = undefined;
    this.results = {};
    this.lamp = undefined;
  }
}

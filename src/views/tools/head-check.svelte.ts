import type { HeadCheckRequest, HeadCheckResult } from '../../engine/api.ts';
import type { EngineClient } from '../../engine/client.ts';
import { problemOfError } from '../read/problem.ts';
import type { Problem } from '../read/problem.ts';
import { concludeHeadCheck } from './head-conclusion.ts';

type Test = HeadCheckRequest['test'];

/** The steps of the head check, what they found, and what it means. */
export class HeadCheck {
  readonly #engine: EngineClient;
  #abort: AbortController | undefined;
  #running: Test | undefined = $state();
  #waitsFor = $state('');
  #results: Partial<Record<Test, HeadCheckResult>> = $state.raw({});
  #lamp: 'seen' | 'not seen' | undefined = $state();
  #problem: Problem | undefined = $state.raw();

  readonly verdict = $derived(
    concludeHeadCheck({
      paper: this.#results.paper?.echo,
      lamp: this.#lamp,
      remote: this.#results.listen && (this.#results.listen.received > 0 ? 'heard' : 'nothing'),
    }),
  );

  constructor(engine: EngineClient) {
    this.#engine = engine;
  }

  get running(): Test | undefined {
    return this.#running;
  }

  /** What the port is doing that has to end first; empty once the turn has come. */
  get waitsFor(): string {
    return this.#waitsFor;
  }

  get results(): Readonly<Partial<Record<Test, HeadCheckResult>>> {
    return this.#results;
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** What the user saw through the camera. */
  get lamp(): 'seen' | 'not seen' | undefined {
    return this.#lamp;
  }

  set lamp(seen: 'seen' | 'not seen' | undefined) {
    this.#lamp = seen;
  }

  async run(test: Test, portId: string): Promise<void> {
    const abort = (this.#abort = new AbortController());
    this.#problem = undefined;
    this.#running = test;
    try {
      const result = await this.#engine.call(
        'headCheck',
        { portId, test },
        {
          signal: abort.signal,
          onEvent: (event) => {
            if (event.kind === 'waits') this.#waitsFor = event.forWhat ?? '';
          },
        },
      );
      this.#results = { ...this.#results, [test]: result };
    } catch (error) {
      const problem = problemOfError(error);
      if (!problem.cancelled) this.#problem = problem;
    } finally {
      this.#running = undefined;
      this.#waitsFor = '';
    }
  }

  stop(): void {
    this.#abort?.abort();
  }

  /** Another head: what was found of the last one says nothing of it. */
  reset(): void {
    this.stop();
    this.#results = {};
    this.#lamp = undefined;
    this.#problem = undefined;
  }
}

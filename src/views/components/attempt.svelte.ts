import { problemOfError } from '../read/problem.ts';
import type { Problem } from '../read/problem.ts';

/** Something a person asked for, as a view shows it: whether it runs, and what kept it from being done. */
export class Attempt {
  running = $state(false);
  /** In words; absent once something was asked for again. */
  problem: Problem | undefined = $state.raw();
  /** The last one was cancelled, here or by whoever did it. */
  stopped = $state(false);
  readonly #headline: string;
  /** Beside the state: whoever asks from an effect must not depend on it. */
  readonly #open = new Set<AbortController>();

  /** @param headline what it means when this fails and no port is to blame: "The list could not be changed." */
  constructor(headline: string) {
    this.#headline = headline;
  }

  /** Does it, beside what runs already. Undefined where it failed or was cancelled. */
  async run<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const abort = new AbortController();
    const { signal } = abort;
    this.problem = undefined;
    this.stopped = false;
    this.#open.add(abort);
    this.running = true;
    try {
      const result = await action(signal);
      return signal.aborted ? undefined : result;
    } catch (error) {
      if (!signal.aborted) this.fail(error);
      return undefined;
    } finally {
      this.#open.delete(abort);
      this.running = this.#open.size > 0;
    }
  }

  /** Does it in place of what runs, which is cancelled and heard of no more. */
  instead<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    this.cancel();
    return this.run(action);
  }

  /** Waits for nothing: whoever works on it lets go when it can. */
  cancel(): void {
    this.stopped = this.#open.size > 0;
    for (const abort of this.#open) abort.abort();
    this.#open.clear();
    this.running = false;
  }

  fail(error: unknown): void {
    const problem = problemOfError(error, this.#headline);
    if (problem.cancelled) this.stopped = true;
    else this.problem = problem;
  }
}

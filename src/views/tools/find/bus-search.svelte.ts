import type { FindEvent, FindProblem, FindProgress, FindRequest, FindResult } from '../../../engine/bus-api.ts';
import type { EngineClient } from '../../../engine/client.ts';
import type { TaskForm } from '../../../protocols/protocol.ts';
import type { Found } from '../../../protocols/search.ts';
import { problemOfError } from '../../read/problem.ts';
import type { Problem } from '../../read/problem.ts';

/** How often the screen follows a running search; more would only cost battery. */
const SHOW_EVERY_MS = 100;

/** One search of a bus, from the tap on the button to its end. */
export class BusSearch {
  readonly request: FindRequest;
  /** What it looks for. */
  readonly form: TaskForm;
  /** Settles when the search is over, however it went; never rejects. */
  readonly finished: Promise<void>;
  /** Holds it between two questions, or lets it go on. */
  readonly setPaused: (paused: boolean) => void;
  readonly #abort = new AbortController();

  progress: FindProgress | undefined = $state.raw();
  /** Found so far. */
  meters: readonly Found[] = $state.raw([]);
  problems: readonly FindProblem[] = $state.raw([]);
  notes: readonly string[] = $state.raw([]);
  paused = $state(false);
  running = $state(true);
  /** What the port is doing that has to end first; empty once the turn has come. */
  waitsFor = $state('');
  /** A reading has the line in between. */
  lent = $state(false);
  #cancelling = $state(false);
  result: FindResult | undefined = $state.raw();
  /** Why the search could not begin or the call broke. */
  problem: Problem | undefined = $state.raw();
  /** Told since the screen was last brought up to date. */
  #newProgress: FindProgress | undefined;

  constructor(engine: EngineClient, request: FindRequest, form: TaskForm) {
    this.request = request;
    this.form = form;
    const timer = setInterval(() => this.#show(), SHOW_EVERY_MS);
    const { result, send } = engine.open('findMeters', request, {
      signal: this.#abort.signal,
      onEvent: (event) => this.#take(event),
    });
    this.setPaused = (paused) => send({ paused });
    this.finished = result
      .then((result) => {
        this.result = result;
        this.meters = result.meters;
        this.problems = result.problems;
      })
      .catch((error: unknown) => {
        this.problem = problemOfError(error, 'The search broke off.');
      })
      .finally(() => {
        clearInterval(timer);
        this.#show();
        this.running = false;
        this.paused = false;
      });
  }

  /** Asked to stop, and not stopped yet. */
  get cancelling(): boolean {
    return this.#cancelling && this.running;
  }

  cancel(): void {
    this.#cancelling = true;
    this.#abort.abort();
  }

  #take(event: FindEvent): void {
    switch (event.kind) {
      case 'progress':
        this.#newProgress = event.progress;
        break;
      case 'found':
        this.meters = [...this.meters, event.meter];
        break;
      case 'withdrawn':
        this.meters = this.meters.filter(({ address }) => address !== event.meter.address);
        break;
      case 'problem':
        this.problems = [...this.problems, event.problem];
        break;
      case 'note':
        this.notes = [...this.notes, event.text];
        break;
      case 'waits':
        this.waitsFor = event.forWhat ?? '';
        break;
      case 'lent':
      case 'back':
        this.lent = event.kind === 'lent';
        break;
      case 'paused':
      case 'resumed':
        this.paused = event.kind === 'paused';
        break;
    }
  }

  #show(): void {
    if (this.#newProgress) this.progress = this.#newProgress;
    this.#newProgress = undefined;
  }
}

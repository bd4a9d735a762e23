import type { Clock } from '../common/clock.ts';
import type { LogState } from '../log/log-state.ts';
import type { RecordLog } from '../log/ring.ts';
import { untilItWorks } from './patience.ts';
import type { TraceShelf } from './trace-shelf.ts';
import { createTraceBook, type JobTrace, type NamedTrace, type TraceBook } from './traces.ts';

/** The traces of the newest jobs, and behind them those of windows that have ended. */
export interface LastingTraces extends Pick<TraceBook, 'record'> {
  find(name: string): Promise<JobTrace | undefined>;
  /** The oldest first. */
  all(): Promise<readonly NamedTrace[]>;
}

/** @param log with a record its trace goes */
export function createLastingTraces(
  clock: Clock,
  log: Pick<RecordLog, 'subscribe'>,
  report: (error: unknown) => void,
): LastingTraces {
  let opening: Promise<TraceShelf> | undefined;
  /** Comes with the first job that is kept: it is not part of the first load. */
  const open = () =>
    (opening ??= untilItWorks(async () => (await import('./trace-shelf.ts')).openTraceShelf(report), clock, report));
  const book = createTraceBook(clock, (trace, bytes) => void open().then(({ keep }) => keep(trace, bytes)));

  let before: LogState | undefined;
  log.subscribe((state) => {
    if (before?.generation && hasLost(before, state)) void open().then(({ forgetGone }) => forgetGone(state, book));
    before = state;
  });

  return {
    record: book.record,
    find: async (name) => book.find(name) ?? (await (await open()).find(name)),
    async all() {
      const here = book.all();
      const names = new Set(here.map(({ name }) => name));
      const kept = await (await open()).all().catch((error: unknown) => {
        report(error);
        return [];
      });
      return [...kept.filter(({ name }) => !names.has(name)), ...here];
    },
  };
}

const hasLost = (before: LogState, now: LogState) =>
  before.generation !== now.generation ||
  before.firstSeq !== now.firstSeq ||
  before.holes.revision !== now.holes.revision;

import type { Clock } from '../common/clock.ts';
import { untilItWorks } from './patience.ts';
import type { ShelfLog, TraceShelf } from './trace-shelf.ts';
import type { LastingTraces } from './traces.ts';

/** What keeps them comes with the first job, or the first look for one: it is not part of the first load. */
export function createLastingTraces(clock: Clock, log: ShelfLog, report: (error: unknown) => void): LastingTraces {
  let shelf: TraceShelf | undefined;
  let opening: Promise<TraceShelf> | undefined;
  const load = async () => (shelf = (await import('./trace-shelf.ts')).openTraceShelf(clock, log, report));
  const open = () => (opening ??= untilItWorks(load, clock, report));

  return {
    record() {
      if (shelf) return shelf.record();
      const job = open().then(({ record }) => record());
      return {
        startedAt: clock.now(),
        add: (entry) => void job.then(({ add }) => add(entry)),
        keepAs: (name) => void job.then(({ keepAs }) => keepAs(name)),
      };
    },
    find: async (name) => await (await open()).find(name),
    all: async () => await (await open()).all(),
  };
}

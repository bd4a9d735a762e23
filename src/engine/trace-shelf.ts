import type { Clock } from '../common/clock.ts';
import type { LogState } from '../log/log-state.ts';
import type { RecordLog } from '../log/ring.ts';
import { openSideStore } from '../log/side-store.ts';
import { soon } from './soon.ts';
import { recordOfTrace } from './trace-names.ts';
import { createTraceBook, type LastingTraces, type NamedTrace } from './traces.ts';

/** The traces of this window in memory, and behind them those on disk, its own among them. */
export type TraceShelf = LastingTraces;

/** With a record its trace goes. */
export type ShelfLog = Pick<RecordLog, 'opened' | 'generation' | 'get' | 'subscribe'>;

const DATABASE_NAME = 'openhhu-traces';
const MOST_BYTES = 4 * 1024 * 1024;

/** @param onError what is not kept costs no reading */
export function openTraceShelf(clock: Clock, log: ShelfLog, onError: (error: unknown) => void): TraceShelf {
  // What is secret was never written into a trace.
  const store = openSideStore<NamedTrace>(DATABASE_NAME, MOST_BYTES);
  const book = createTraceBook(clock, (trace, bytes) => write(() => store.put(trace.name, trace, bytes)));
  /** One after the other: what was said last is what stays. */
  let writing: Promise<void> = forgetMeanwhile().catch(onError);
  function write(work: () => Promise<void>): void {
    writing = writing.then(work).catch(onError);
  }

  const written = <Result>(look: () => Promise<Result>) => soon(writing.then(look));

  /** What went while nobody was here to see it. */
  async function forgetMeanwhile(): Promise<void> {
    await log.opened;
    if (log.generation === '') return;
    const gone: string[] = [];
    for (const name of await store.names()) {
      const of = recordOfTrace(name);
      if (of && (of.generation !== log.generation || !(await log.get(of.seq)))) gone.push(name);
    }
    await store.delete(gone);
  }

  let before: LogState | undefined;
  log.subscribe((state) => {
    if (!before || hasLost(before, state)) {
      const isGone = (name: string) => isTraceOfGone(name, state);
      book.forget(isGone);
      write(async () => await store.delete((await store.names()).filter(isGone)));
    }
    before = state;
  });

  return {
    record: book.record,
    async find(name) {
      const here = book.find(name);
      if (here) return here;
      return await written(() => store.get(name));
    },
    async all() {
      const kept = await written(store.all).catch((error: unknown) => {
        onError(error);
        return [];
      });
      const here = book.all();
      const names = new Set(here.map(({ name }) => name));
      return [...kept.filter(({ name }) => !names.has(name)), ...here];
    },
  };
}

const hasLost = (before: LogState, now: LogState) =>
  before.generation !== now.generation ||
  before.firstSeq !== now.firstSeq ||
  before.holes.revision !== now.holes.revision;

/** More records deleted at once than the log tells of take all traces of records with them: none of a deleted one stays. */
function isTraceOfGone(name: string, { generation, revision, firstSeq, holes }: LogState): boolean {
  const of = recordOfTrace(name);
  if (!of) return false;
  const isUntold = holes.revision === revision && holes.removed.length === 0;
  return of.generation !== generation || isUntold || of.seq < firstSeq || holes.removed.includes(of.seq);
}

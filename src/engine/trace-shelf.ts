import type { LogState } from '../log/log-state.ts';
import { openSideStore } from '../log/side-store.ts';
import type { JobTrace, NamedTrace, TraceBook } from './traces.ts';

/** The traces of the newest jobs, also of windows that have ended. What is secret in them was never written into them. */
export interface TraceShelf {
  keep(trace: NamedTrace, bytes: number): void;
  find(name: string): Promise<JobTrace | undefined>;
  /** The oldest first. */
  all(): Promise<readonly NamedTrace[]>;
  /** Forgets, also in `book`, what is of records that the log no longer has. */
  forgetGone(state: LogState, book: Pick<TraceBook, 'forget'>): void;
}

const DATABASE_NAME = 'openhhu-traces';
const MOST_BYTES = 4 * 1024 * 1024;

/** @param onError what is not kept is missed by nobody but those who look for a fault, and costs no reading */
export function openTraceShelf(onError: (error: unknown) => void, databaseName = DATABASE_NAME): TraceShelf {
  const store = openSideStore<NamedTrace>(databaseName, MOST_BYTES);
  /** One after the other: what was said last is what stays. */
  let writing: Promise<void> = Promise.resolve();
  const write = (work: () => Promise<void>) => {
    writing = writing.then(work).catch(onError);
  };
  const written = async <Result>(look: () => Promise<Result>) => {
    await writing;
    return await look();
  };

  return {
    keep: (trace, bytes) => write(() => store.put(trace.name, trace, bytes)),
    find: (name) => written(() => store.get(name)),
    all: () => written(store.all),
    forgetGone(state, book) {
      const isGone = (name: string) => isTraceOfGone(name, state);
      book.forget(isGone);
      write(async () => await store.delete((await store.names()).filter(isGone)));
    },
  };
}

/**
 * Is it the trace of a record that is no longer there? More records deleted at once than the log tells of take all traces
 * of records with them: none of what was deleted stays.
 */
function isTraceOfGone(name: string, { generation, revision, firstSeq, holes }: LogState): boolean {
  const [, seq, of] = /^record (\d+) of (.*)$/.exec(name) ?? [];
  if (seq === undefined) return false;
  const isUntold = holes.revision === revision && holes.removed.length === 0 && revision > 0;
  return of !== generation || isUntold || Number(seq) < firstSeq || holes.removed.includes(Number(seq));
}

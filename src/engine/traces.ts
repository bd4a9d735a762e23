import type { Milliseconds } from '../common/kinds.ts';
import type { Clock } from '../common/clock.ts';
import type { TraceEntry } from '../line/trace.ts';

/** What was on the wire in one job: the newest of it, where it was much. */
export interface JobTrace {
  /** Wall clock of time 0, milliseconds since the epoch. */
  readonly startedAt: Milliseconds;
  readonly entries: readonly TraceEntry[];
}

/** Of a job that runs. */
export interface JobRecorder {
  readonly startedAt: Milliseconds;
  /** Over all tries of the job, in the order of the wire. */
  readonly add: (entry: TraceEntry) => void;
  /** Keeps it among the newest, to be found by that name. What is added afterwards is kept too. */
  keepAs(name: string): void;
}

/** The traces of the newest jobs, in the memory of the window that has the ports. */
export interface TraceBook {
  record(): JobRecorder;
  find(name: string): JobTrace | undefined;
  /** The oldest first. */
  all(): readonly NamedTrace[];
  forget(isGone: (name: string) => boolean): void;
}

/** The traces of the newest jobs, also of windows that have ended. */
export interface LastingTraces extends Pick<TraceBook, 'record'> {
  find(name: string): Promise<JobTrace | undefined>;
  /** The oldest first. */
  all(): Promise<readonly NamedTrace[]>;
}

export interface NamedTrace extends JobTrace {
  /** Of what job, in words. */
  readonly name: string;
}

/** Some hundred readings; one that fails ten times over is no more than a part of it. */
const MAX_BYTES = 4 * 1024 * 1024;
/** A job that goes on is handed on again after this. */
const REST_MS = 5000;
const MAX_JOB_BYTES = MAX_BYTES / 8;
/** What an entry takes beside its bytes, roughly. */
const ENTRY_BYTES = 100;

const NOT_KEPT = 'what was before is not kept';

interface Kept {
  readonly startedAt: Milliseconds;
  readonly entries: TraceEntry[];
  bytes: number;
  isCut: boolean;
  /** The newest it was kept by. */
  name: string | undefined;
  /** More was added, and is handed on soon. */
  hasGrown: boolean;
}

/** @param onKept hands on what outlives this window, as it is, and again where more was added; its size in bytes */
export function createTraceBook(
  clock: Pick<Clock, 'now' | 'monotonic' | 'sleep'>,
  onKept?: (trace: NamedTrace, bytes: number) => void,
): TraceBook {
  /** The oldest first. */
  const kept = new Map<string, Kept>();

  function forgetOldest(): void {
    let bytes = [...kept.values()].reduce((sum, job) => sum + job.bytes, 0);
    for (const [name, job] of kept) {
      if (bytes <= MAX_BYTES) return;
      kept.delete(name);
      bytes -= job.bytes;
    }
  }

  function handOn(job: Kept): void {
    const { name } = job;
    if (name !== undefined && kept.get(name) === job) onKept?.({ name, ...traceOf(job) }, job.bytes);
  }

  function handOnLater(job: Kept): void {
    if (!onKept || job.name === undefined || job.hasGrown) return;
    job.hasGrown = true;
    void clock.sleep(REST_MS).then(() => {
      job.hasGrown = false;
      handOn(job);
    });
  }

  return {
    record() {
      const began = clock.monotonic();
      const job: Kept = {
        startedAt: clock.now(),
        entries: [],
        bytes: 0,
        isCut: false,
        name: undefined,
        hasGrown: false,
      };
      return {
        startedAt: job.startedAt,
        add(entry) {
          // Every try has a trace that begins anew; a copy, since the bytes may be a part of something larger.
          job.entries.push({ ...entry, time: clock.monotonic() - began, bytes: entry.bytes.slice() });
          job.bytes += sizeOf(entry);
          handOnLater(job);
          while (job.bytes > MAX_JOB_BYTES) {
            const [oldest] = job.entries.splice(0, 1);
            if (!oldest) return;
            job.bytes -= sizeOf(oldest);
            job.isCut = true;
          }
        },
        keepAs(name) {
          kept.delete(name);
          kept.set(name, job);
          job.name = name;
          forgetOldest();
          handOn(job);
        },
      };
    },
    find(name) {
      const job = kept.get(name);
      return job && traceOf(job);
    },
    all: () => [...kept].map(([name, job]) => ({ name, ...traceOf(job) })),
    forget(isGone) {
      for (const name of [...kept.keys()]) if (isGone(name)) kept.delete(name);
    },
  };
}

function traceOf({ startedAt, entries, isCut }: Kept): JobTrace {
  const [first] = entries;
  const cut =
    isCut && first ? [{ ...first, direction: 'event' as const, bytes: new Uint8Array(0), text: NOT_KEPT }] : [];
  return { startedAt, entries: [...cut, ...entries] };
}

const sizeOf = ({ bytes }: TraceEntry) => bytes.length + ENTRY_BYTES;

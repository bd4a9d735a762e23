import type { Milliseconds, PortId } from '../common/kinds.ts';
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
}

export interface NamedTrace extends JobTrace {
  /** Of what job, in words. */
  readonly name: string;
}

export const traceOfRecord = (generation: string, seq: number) => `record ${seq} of ${generation}`;
export const traceOfSearch = (portId: PortId) => `search on ${portId}`;

/** Some hundred readings; one that fails ten times over is no more than a part of it. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_JOB_BYTES = MAX_BYTES / 8;
/** What an entry takes beside its bytes, roughly. */
const ENTRY_BYTES = 100;

const NOT_KEPT = 'what was before is not kept';

interface Kept {
  readonly startedAt: Milliseconds;
  readonly entries: TraceEntry[];
  bytes: number;
  isCut: boolean;
}

export function createTraceBook(clock: Pick<Clock, 'now' | 'monotonic'>): TraceBook {
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

  return {
    record() {
      const began = clock.monotonic();
      const job: Kept = { startedAt: clock.now(), entries: [], bytes: 0, isCut: false };
      return {
        startedAt: job.startedAt,
        add(entry) {
          // Every try has a trace that begins anew; a copy, since the bytes may be a part of something larger.
          job.entries.push({ ...entry, time: clock.monotonic() - began, bytes: entry.bytes.slice() });
          job.bytes += sizeOf(entry);
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
          forgetOldest();
        },
      };
    },
    find(name) {
      const job = kept.get(name);
      return job && traceOf(job);
    },
    all: () => [...kept].map(([name, job]) => ({ name, ...traceOf(job) })),
  };
}

function traceOf({ startedAt, entries, isCut }: Kept): JobTrace {
  const [first] = entries;
  const cut =
    isCut && first ? [{ ...first, direction: 'event' as const, bytes: new Uint8Array(0), text: NOT_KEPT }] : [];
  return { startedAt, entries: [...cut, ...entries] };
}

const sizeOf = ({ bytes }: TraceEntry) => bytes.length + ENTRY_BYTES;

import type { RecentReadings } from '../../archive/api.ts';
import type { LogState } from '../../log/log-state.ts';
import type { ArchiveClient } from '../../archive/client.ts';
import type { MeterState } from '../../engine/ams-api.ts';
import { problemOfError, type Problem } from '../read/problem.ts';

/** Good readings asked for of each meter: one more than there are bars in its sparkline. */
const RECENT_POINTS = 13;

/** The newest readings of the meters in the list, asked of the archive as they come in. */
export class RecentList {
  readonly #archive: ArchiveClient;
  #byMeter: ReadonlyMap<number, RecentReadings> = $state.raw(new Map());
  /** False until the first answer came. */
  loaded = $state(false);
  problem: Problem | undefined = $state.raw();
  /** Newest record the engine told of when a meter was last asked for; -1 where it told of none. */
  #askedAt = new Map<number, number>();
  #log: LogState | undefined;

  constructor(archive: ArchiveClient) {
    this.#archive = archive;
  }

  of({ meter }: MeterState): RecentReadings | undefined {
    return this.#byMeter.get(Number(meter.id));
  }

  /** Asks for what is new since it was asked last; call it with every state of the engine. */
  async follow(meters: readonly MeterState[]): Promise<void> {
    const stale = meters.filter(({ meter, last }) => this.#askedAt.get(Number(meter.id)) !== (last?.seq ?? -1));
    if (stale.length > 0) await this.#ask(stale);
    else this.loaded = true;
  }

  /** Call it with every state of the log: where records that are shown have gone, their meters are asked for again. */
  async dropGone(log: LogState, meters: readonly MeterState[]): Promise<void> {
    const before = this.#log;
    this.#log = log;
    if (before === undefined || before.revision === log.revision) return;
    const isGone = goneSince(before, log);
    for (const { meter, seqs } of this.#byMeter.values()) if (seqs.some(isGone)) this.#askedAt.delete(meter);
    await this.follow(meters);
  }

  /** The log itself cannot be followed. */
  fail(error: unknown): void {
    this.problem = problemOfError(error, 'The log could not be read.');
  }

  async #ask(meters: readonly MeterState[]): Promise<void> {
    for (const { meter, last } of meters) this.#askedAt.set(Number(meter.id), last?.seq ?? -1);
    try {
      const numbers = meters.map(({ meter }) => Number(meter.id));
      const recent = await this.#archive.call('recent', { meters: numbers, points: RECENT_POINTS });
      const next = new Map(this.#byMeter);
      for (const readings of recent) {
        next.set(readings.meter, readings);
      }
      this.#byMeter = next;
      this.loaded = true;
      this.problem = undefined;
    } catch (error) {
      for (const { meter } of meters) this.#askedAt.delete(Number(meter.id));
      this.problem = problemOfError(error, 'The log could not be read.');
    }
  }
}

/** Which records of the log as it was are no longer there. A full log loses its oldest with every reading. */
function goneSince(before: LogState, now: LogState): (seq: number) => boolean {
  const { firstSeq, nextSeq, holes } = now;
  if (before.generation !== now.generation || before.rebuilt?.times !== now.rebuilt?.times) return () => true;
  if (holes.revision === before.holes.revision) return (seq) => seq < firstSeq || seq >= nextSeq;
  // Deletions in between that nobody told of, or too many to be named.
  if (holes.follows !== before.holes.revision) return () => true;
  const removed = new Set(holes.removed);
  return (seq) => seq < firstSeq || seq >= nextSeq || removed.has(seq);
}

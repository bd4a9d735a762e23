import type { Progress, Series } from '../../archive/api.ts';
import type { ArchiveClient } from '../../archive/client.ts';
import { problemOfError, type Problem } from '../read/problem.ts';
import type { Shown } from './chart-data.ts';
import { rangeOfSpan, withRoom, type ChartRange, type Span } from './chart-range.ts';

/** More points than a chart has pixels would only cost time; bars need some pixels each. */
const MAX_POINTS = { readings: 1500, used: 300 } as const;
/** Asking again waits until the fingers rest, ms. */
const REST_MS = 250;

/** What a meter's registers showed, as far as the chart shows it; the archive decodes, this asks. */
export class MeterHistory {
  readonly #archive: ArchiveClient;
  readonly #meter: number;
  #codes: readonly string[] = [];
  #shown: Shown = 'readings';
  #span: Span | undefined = $state();
  #bounds: ChartRange | undefined = $state.raw();
  #range: ChartRange | undefined = $state.raw();
  #series: Series | undefined = $state.raw();
  #seriesShown: Shown = $state('readings');
  #progress: Progress | undefined = $state.raw();
  #problem: Problem | undefined = $state.raw();
  #stopped = $state(false);
  #loaded = $state(false);
  /** What the series was asked for. */
  #asked: ChartRange | undefined;
  #abort: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(archive: ArchiveClient, meter: number, span: Span) {
    this.#archive = archive;
    this.#meter = meter;
    this.#span = span;
  }

  /** False until it is known whether there is anything to show. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** Stays while the next is being asked for. */
  get series(): Series | undefined {
    return this.#series;
  }

  /** What the series was thinned for. */
  get seriesShown(): Shown {
    return this.#seriesShown;
  }

  /** From the first reading to the last; undefined where there is none. */
  get bounds(): ChartRange | undefined {
    return this.#bounds;
  }

  get range(): ChartRange | undefined {
    return this.#range;
  }

  /** The span that was chosen; undefined once it was zoomed or moved. */
  get span(): Span | undefined {
    return this.#span;
  }

  /** Undefined while nothing is asked for. */
  get progress(): Progress | undefined {
    return this.#progress;
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** The user broke it off: what is shown is what was shown before. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Other registers or figures, or a new reading of this meter: who looks at the newest goes on doing so. */
  async follow(codes: readonly string[], shown: Shown): Promise<void> {
    this.#codes = codes;
    this.#shown = shown;
    try {
      const extent = await this.#archive.call('extent', { meter: this.#meter });
      const before = this.#bounds;
      this.#bounds = extent && withRoom({ min: extent.first, max: extent.last });
      if (this.#bounds) this.#range = this.#rangeIn(this.#bounds, before);
      await this.#ask();
    } catch (error) {
      this.#problem = problemOfError(error);
    } finally {
      this.#loaded = true;
    }
  }

  #rangeIn(bounds: ChartRange, before: ChartRange | undefined): ChartRange {
    const range = this.#range;
    if (this.#span !== undefined || !range) return rangeOfSpan(this.#span ?? 'all', bounds);
    return before && range.max >= before.max ? { ...range, max: bounds.max } : range;
  }

  choose(span: Span): void {
    this.#span = span;
    if (this.#bounds) this.#range = rangeOfSpan(span, this.#bounds);
    void this.#ask();
  }

  /** Zoomed or moved. */
  show(range: ChartRange): void {
    this.#range = range;
    this.#span = undefined;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#isCoarse(range)) void this.#ask();
    }, REST_MS);
  }

  cancel(): void {
    this.#abort?.abort();
  }

  /** The view is left. */
  close(): void {
    clearTimeout(this.#timer);
    this.cancel();
  }

  /** Would asking again show more in this range than what is there? */
  #isCoarse(range: ChartRange): boolean {
    const { series } = this;
    const asked = this.#asked;
    if (!series || !asked) return true;
    if (range.min < asked.min - 1 || range.max > asked.max + 1) return true;
    return series.times.length < series.total && range.max - range.min < 0.6 * (asked.max - asked.min);
  }

  /** A question that is still open is given up. */
  async #ask(): Promise<void> {
    this.#abort?.abort();
    const range = this.#range;
    if (!range) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#problem = undefined;
    this.#stopped = false;
    this.#progress = { done: 0, total: 0 };
    try {
      const span = { from: Math.floor(range.min), to: Math.ceil(range.max) };
      const shown = this.#shown;
      const series = await this.#archive.call(
        'series',
        {
          meter: this.#meter,
          codes: this.#codes,
          maxPoints: MAX_POINTS[shown],
          thinning: shown === 'used' ? 'even' : 'extremes',
          ...span,
        },
        {
          signal: abort.signal,
          onEvent: (progress) => {
            if (this.#abort === abort) this.#progress = progress;
          },
        },
      );
      if (this.#abort !== abort) return;
      this.#series = series;
      this.#seriesShown = shown;
      this.#asked = range;
    } catch (error) {
      if (this.#abort !== abort) return;
      const problem = problemOfError(error);
      if (problem.cancelled) this.#stopped = true;
      else this.#problem = problem;
    } finally {
      if (this.#abort === abort) this.#progress = undefined;
    }
  }
}

import type { Progress, Series } from '../../archive/api.ts';
import type { ArchiveClient } from '../../archive/client.ts';
import { Attempt } from '../components/attempt.svelte.ts';
import type { Shown } from './chart-data.ts';
import { rangeOfSpan, withRoom, type ChartRange, type Span } from './chart-range.ts';

/** More points than a chart has pixels would only cost time; bars need some pixels each. */
const MAX_POINTS = { readings: 1500, used: 300 } as const;
/** Asking again waits until the fingers rest, ms. */
const REST_MS = 250;
const NOTHING_YET: Progress = { done: 0, total: 0 };

/** What a meter's registers showed, as far as the chart shows it; the archive decodes, this asks. */
export class MeterHistory {
  readonly attempt = new Attempt('The readings could not be had.');
  /** The span that was chosen; undefined once it was zoomed or moved. */
  span: Span | undefined = $state();
  /** From the first reading to the last; undefined where there is none. */
  bounds: ChartRange | undefined = $state.raw();
  range: ChartRange | undefined = $state.raw();
  /** Stays while the next is being asked for. */
  series: Series | undefined = $state.raw();
  /** What the series was thinned for. */
  seriesShown: Shown = $state('readings');
  progress: Progress = $state.raw(NOTHING_YET);
  /** False until it is known whether there is anything to show. */
  loaded = $state(false);
  readonly #archive: ArchiveClient;
  readonly #meter: number;
  #codes: readonly string[] = [];
  #shown: Shown = 'readings';
  /** What the series was asked for. */
  #asked: ChartRange | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(archive: ArchiveClient, meter: number, span: Span) {
    this.#archive = archive;
    this.#meter = meter;
    this.span = span;
  }

  /** Other registers or figures, or a new reading of this meter: who looks at the newest goes on doing so. */
  async follow(codes: readonly string[], shown: Shown): Promise<void> {
    this.#codes = codes;
    this.#shown = shown;
    try {
      const extent = await this.#archive.call('extent', { meter: this.#meter });
      const before = this.bounds;
      this.bounds = extent && withRoom({ min: extent.first, max: extent.last });
      if (this.bounds) this.range = this.#rangeIn(this.bounds, before);
      await this.#ask();
    } catch (error) {
      this.attempt.fail(error);
    }
    this.loaded = true;
  }

  #rangeIn(bounds: ChartRange, before: ChartRange | undefined): ChartRange {
    const range = this.range;
    if (this.span !== undefined || !range) return rangeOfSpan(this.span ?? 'all', bounds);
    return before && range.max >= before.max ? { ...range, max: bounds.max } : range;
  }

  choose(span: Span): void {
    this.span = span;
    if (this.bounds) this.range = rangeOfSpan(span, this.bounds);
    void this.#ask();
  }

  /** Zoomed or moved. */
  show(range: ChartRange): void {
    this.range = range;
    this.span = undefined;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#isCoarse(range)) void this.#ask();
    }, REST_MS);
  }

  /** The view is left. */
  close(): void {
    clearTimeout(this.#timer);
    this.attempt.cancel();
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
    const { range } = this;
    if (!range) return this.attempt.cancel();
    this.progress = NOTHING_YET;
    const shown = this.#shown;
    const request = {
      meter: this.#meter,
      codes: this.#codes,
      maxPoints: MAX_POINTS[shown],
      thinning: shown === 'used' ? 'even' : 'extremes',
      from: Math.floor(range.min),
      to: Math.ceil(range.max),
    } as const;
    const series = await this.attempt.instead((signal) =>
      this.#archive.call('series', request, {
        signal,
        onEvent: (progress) => {
          if (!signal.aborted) this.progress = progress;
        },
      }),
    );
    if (!series) return;
    this.series = series;
    this.seriesShown = shown;
    this.#asked = range;
  }
}

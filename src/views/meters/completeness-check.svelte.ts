import type { Completeness, ScheduledMeter } from '../../archive/api.ts';
import type { ArchiveClient } from '../../archive/client.ts';
import type { AmsState } from '../../engine/ams-api.ts';
import { csvFormFor } from '../export/table-form.svelte.ts';
import { problemOfError, type Problem } from '../read/problem.ts';
import { meterTitle } from './meter-words.ts';

/** Asks the archive what became of the slots of a period; one question at a time. */
export class CompletenessCheck {
  readonly #archive: ArchiveClient;
  #abort: AbortController | undefined;
  found: Completeness | undefined = $state.raw();
  problem: Problem | undefined = $state.raw();
  /** 0–1 while it looks; else undefined. */
  progress: number | undefined = $state();

  constructor(archive: ArchiveClient) {
    this.#archive = archive;
  }

  /** UTC milliseconds. */
  async look(ams: AmsState, from: number, to: number): Promise<void> {
    this.stop();
    const { signal } = (this.#abort = new AbortController());
    this.found = undefined;
    this.problem = undefined;
    this.progress = 0;
    const request = { from, to, meters: scheduledMeters(ams), form: csvFormFor('spreadsheet') };
    try {
      const found = await this.#archive.call('completeness', request, {
        signal,
        onEvent: ({ done, total }) => {
          if (!signal.aborted) this.progress = done / Math.max(1, total);
        },
      });
      if (!signal.aborted) this.found = found;
    } catch (error) {
      if (!signal.aborted) this.problem = problemOfError(error);
    } finally {
      if (!signal.aborted) this.progress = undefined;
    }
  }

  stop(): void {
    this.#abort?.abort();
    this.progress = undefined;
  }
}

function scheduledMeters({ meters, enabledSince }: AmsState): readonly ScheduledMeter[] {
  return meters.map(({ meter, index }) => ({
    meter: Number(meter.id),
    name: meterTitle(meter, index),
    interval: meter.interval,
    ...(enabledSince !== undefined && meter.enabled ? { owedFrom: Math.max(enabledSince, meter.since) } : {}),
  }));
}

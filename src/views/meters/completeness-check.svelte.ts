import type { Completeness, ScheduledMeter } from '../../archive/api.ts';
import type { ArchiveClient } from '../../archive/client.ts';
import type { AmsState } from '../../engine/ams-api.ts';
import { Attempt } from '../components/attempt.svelte.ts';
import { csvFormFor } from '../export/table-form.svelte.ts';
import { meterTitle } from './meter-words.ts';

/** Asks the archive what became of the slots of a period; one question at a time. */
export class CompletenessCheck {
  readonly attempt = new Attempt('The log could not be gone through.');
  readonly #archive: ArchiveClient;
  found: Completeness | undefined = $state.raw();
  /** 0–1 of what runs. */
  progress = $state(0);

  constructor(archive: ArchiveClient) {
    this.#archive = archive;
  }

  /** UTC milliseconds. */
  async look(ams: AmsState, from: number, to: number): Promise<void> {
    this.found = undefined;
    this.progress = 0;
    const request = { from, to, meters: scheduledMeters(ams), form: csvFormFor('spreadsheet') };
    const found = await this.attempt.instead((signal) =>
      this.#archive.call('completeness', request, {
        signal,
        onEvent: ({ done, total }) => {
          if (!signal.aborted) this.progress = done / Math.max(1, total);
        },
      }),
    );
    if (found) this.found = found;
  }
}

function scheduledMeters({ meters, enabledSince }: AmsState): readonly ScheduledMeter[] {
  return meters.map(({ meter, index }) => ({
    meter: Number(meter.id),
    name: meterTitle(meter, index),
    ...(meter.place ? { place: meter.place } : {}),
    ...(meter.serialNumber ? { number: meter.serialNumber } : {}),
    interval: meter.interval,
    ...(enabledSince !== undefined && meter.enabled ? { owedFrom: Math.max(enabledSince, meter.since) } : {}),
  }));
}

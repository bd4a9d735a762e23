import { untrack } from 'svelte';
import type { ArchiveClient } from '../../archive/client.ts';
import type { EngineClient } from '../../engine/client.ts';
import { MeterNumbers } from '../meters/meter-numbers.ts';
import { meterLabels } from '../export/table-form.svelte.ts';
import { FolderExport } from '../export/folder-export.svelte.ts';
import type { EngineWatch } from '../shell/engine-watch.svelte.ts';
import { Reminder } from './reminder.svelte.ts';
import { ScreenLock } from './screen-lock.svelte.ts';
import { followSecondClock } from './second-clock.ts';

/** What goes on whatever place is looked at, once the page has shown itself. */
export interface Background {
  readonly folder: FolderExport;
  readonly reminder: Reminder;
  readonly screen: ScreenLock;
}

export function startBackground(engine: EngineClient, archive: ArchiveClient, watch: EngineWatch): Background {
  const folder = new FolderExport(archive);
  const reminder = new Reminder();
  const screen = new ScreenLock();
  const numbers = new MeterNumbers(engine, archive);

  followSecondClock(engine);
  document.addEventListener('visibilitychange', () => void screen.settle());
  $effect.root(() => {
    const due = $derived(watch.state?.ams.due ?? 0);
    $effect(() => {
      screen.want(due > 0);
      if (due === 0 && 'clearAppBadge' in navigator) {
        navigator.clearAppBadge().catch((error: unknown) => console.warn('badge', error));
      }
    });
    // Where several windows show the list, the one with the engine asks.
    $effect(() => {
      if (watch.state?.owner === 'this window') void numbers.follow(watch.state.ams.meters);
    });
    // The engine makes the database that both of these look into.
    const ready = $derived(watch.state !== undefined);
    const labels = $derived(JSON.stringify(meterLabels(watch.state?.ams)));
    $effect(() => {
      void labels;
      if (ready) folder.resume(untrack(() => meterLabels(watch.state?.ams)));
    });
    $effect(() => {
      if (ready) void reminder.load();
    });
  });
  return { folder, reminder, screen };
}

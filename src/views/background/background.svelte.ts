import type { ArchiveClient } from '../../archive/client.ts';
import type { EngineClient } from '../../engine/client.ts';
import { MeterNumbers } from '../meters/meter-numbers.ts';
import type { FolderExport } from '../export/folder-export.svelte.ts';
import { expectsFolder } from '../export/folder-hint.ts';
import { loadPart } from '../lazy.svelte.ts';
import type { EngineWatch } from '../shell/engine-watch.svelte.ts';
import { Reminder } from './reminder.svelte.ts';
import { ScreenLock } from './screen-lock.svelte.ts';
import { followSecondClock } from './second-clock.ts';

/** What goes on whatever place is looked at, once the page has shown itself. */
export interface Background {
  /** Loaded when somebody wants to see it, or at the start where there is a folder: most devices have none. */
  folder(): Promise<FolderExport>;
  readonly reminder: Reminder;
  readonly screen: ScreenLock;
}

export function startBackground(engine: EngineClient, archive: ArchiveClient, watch: EngineWatch): Background {
  let opened: Promise<FolderExport> | undefined;
  const folder = () =>
    (opened ??= loadPart(() => import('../export/folder-export.svelte.ts')).then(({ showFolderExport }) =>
      showFolderExport(archive, watch),
    ));
  if (expectsFolder()) folder().catch((error: unknown) => console.error('background', error));
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
    // The engine makes the database that this looks into.
    const ready = $derived(watch.state !== undefined);
    $effect(() => {
      if (ready) void reminder.load();
    });
  });
  return { folder, reminder, screen };
}

import type { ArchiveClient } from '../../archive/client.ts';
import type { MeterState } from '../../engine/ams-api.ts';
import type { RecentList } from './recent-list.svelte.ts';

/** Keeps the newest readings up to date while the component that calls it is shown. */
export function followRecent(archive: ArchiveClient, recent: RecentList, meters: () => readonly MeterState[]): void {
  $effect(() => {
    void recent.follow(meters());
  });
  $effect(() => {
    const abort = new AbortController();
    archive
      .call('watch', undefined, {
        signal: abort.signal,
        onEvent: (state) => void recent.dropGone(state, meters()),
      })
      .catch((error: unknown) => recent.fail(error));
    return () => abort.abort();
  });
}

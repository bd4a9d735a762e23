import type { Clock } from '../common/clock.ts';
import type { ForwardApi } from '../forward/api.ts';
import { folderForwarder } from '../forward/folder-forwarder.ts';
import { connectDatabase } from '../log/database.ts';
import type { LogReader } from '../log/reader.ts';
import { onSettingsChange, openSettings } from '../log/settings.ts';
import type { Handlers } from '../rpc/rpc.ts';
import { exportRecords } from './export-records.ts';
import { filterOf } from './filter-of.ts';

/** Those who carry records elsewhere (room `forward`), with the log as they see it: here records are read and decoded. */
export function forwardHandlers(reader: LogReader, clock: Clock): Handlers<ForwardApi> {
  return folderForwarder({
    settings: openSettings(connectDatabase()),
    clock,
    locks: navigator.locks,
    page: (filter, limit) => reader.page({ filter: filterOf(filter), limit }),
    async piece(filter, format, meters, signal) {
      const context = { signal, emit: () => undefined };
      const { files } = await exportRecords(reader, { filter, format, meters }, new Date(clock.now()), context);
      return files[0]?.content ?? new Blob();
    },
    onRecords: (listener) => reader.subscribe(listener),
    onSettings: onSettingsChange,
  });
}

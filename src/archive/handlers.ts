import type { JournalFiles } from '../log/journal/files.ts';
import { keptProfiles } from '../log/kept-profiles.ts';
import { goodReading } from '../log/meter-record.ts';
import type { LogState } from '../log/log-state.ts';
import type { LogReader } from '../log/reader.ts';
import { openLog } from '../log/ring.ts';
import type { LogRecord } from '../log/record.ts';
import type { Clock } from '../common/clock.ts';
import { serialNumberOf } from '../common/telling-readings.ts';
import type { CallContext, Handlers } from '../rpc/rpc.ts';
import type { ArchiveApi } from './api.ts';
import { decoder, type Decode } from './decode.ts';
import { decodePasted, exportPasted } from './decode-pasted.ts';
import { exportRecords } from './export-records.ts';
import { filterOf } from './filter-of.ts';
import { createRecordDecoder } from './decoded-records.ts';
import { importText } from './import-text.ts';
import { createRecentKeeper } from './recent.ts';
import { readExtent, readSeries } from './series.ts';

export interface ArchiveParts {
  readonly reader: LogReader;
  readonly clock: Pick<Clock, 'now'>;
  /** Name of the database, the same as the reader's. */
  readonly name: string;
  /** Where the second copy of the log is; rejects where the browser has no place for it. */
  readonly openFiles: () => Promise<JournalFiles>;
}

export function archiveHandlers({ reader, clock, name, openFiles }: ArchiveParts): Handlers<ArchiveApi> {
  const { settings } = reader;
  const decode = decoder(settings);
  const records = createRecordDecoder(settings);
  const recent = createRecentKeeper(reader, records);
  return {
    load: () => reader.load(),
    page: ({ filter, ...request }) => reader.page({ ...request, filter: filterOf(filter) }),
    get: ({ seq }) => reader.get(seq),
    count: ({ filter }) => reader.count(filterOf(filter)),
    watch: (_, context) => watch(reader, context),
    export: (request, context) => exportRecords(reader, request, new Date(clock.now()), context),
    keptCopies: async () => (await import('../log/journal/kept.ts')).listKept(await openFiles()),
    exportKeptCopy: async ({ series }) =>
      (await import('./kept-copies.ts')).exportKept(await openFiles(), series, new Date(clock.now())),
    // The validator it needs is large, and rarely asked for.
    readMeterList: async ({ text }) => (await import('./meter-list.ts')).readMeterList(text),
    readings: ({ protocol, stored }) => decode(protocol, stored),
    meterNumber: async ({ seq }) => numberOf(await reader.get(seq), decode),
    decode: ({ text }, context) => decodePasted(text, context),
    exportDecoded: (request, context) => exportPasted(request, new Date(clock.now()), context),
    import: (request, context) => importText(reader, () => openLog({ clock, name }), request, context),
    series: (request, context) => readSeries(reader, records, request, context),
    extent: ({ meter }) => readExtent(reader, meter),
    recent: (request, context) => recent.read(request, context),
    profiles: ({ protocol }) => keptProfiles(settings, protocol).list(),
    profileText: ({ protocol, digest }) => keptProfiles(settings, protocol).text(digest),
    // What looks them through is the protocol's own, and large.
    keepProfile: async (request) => (await import('./own-profiles.ts')).keepOwn(name, request),
    dropProfile: async ({ protocol, digest }) => {
      await (await import('./own-profiles.ts')).dropOwn(name, protocol, digest);
      return undefined;
    },
    completeness: async (request, context) =>
      (await import('./completeness.ts')).readCompleteness(reader, request, clock.now(), context),
  };
}

async function numberOf(record: LogRecord | undefined, decode: Decode): Promise<string | undefined> {
  const good = record && goodReading(record);
  return good && serialNumberOf(await decode(good.protocol, good));
}

async function watch(reader: LogReader, { signal, emit }: CallContext<LogState>): Promise<undefined> {
  const stop = reader.subscribe(emit);
  try {
    emit(await reader.load());
    await aborted(signal);
  } finally {
    stop();
  }
  return undefined;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

import type { ExportFormat } from '../log/export/exporter.ts';
import type { ImportProblem } from '../log/import.ts';
import type { LogState } from '../log/log-state.ts';
import type { Page } from '../log/reader.ts';
import type { LogRecord } from '../log/record.ts';
import type { Method } from '../rpc/rpc.ts';

/**
 * Everything a view can ask of the archive worker: whatever grows with the log. Filters are texts of the filter
 * language, extensions included; one with mistakes makes the call reject.
 */
export interface ArchiveApi {
  /** Loads the index; calls before that wait for it anyway. */
  load: Method<undefined, LogState>;
  page: Method<PageRequest, Page>;
  get: Method<{ readonly seq: number }, LogRecord | undefined>;
  count: Method<{ readonly filter?: string }, number>;
  /** Runs until aborted; emits the state of the log at once and after every change. */
  watch: Method<undefined, undefined, LogState>;
  export: Method<ExportRequest, ExportResult, Progress>;
  import: Method<ImportRequest, ImportSummary, Progress>;
}

export interface PageRequest {
  readonly filter?: string;
  /** Only records with a smaller sequence number. */
  readonly before?: number;
  readonly limit: number;
}

/** Steps done so far, of all; one or two steps a record. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

export interface ExportRequest {
  readonly filter?: string;
  readonly format: ExportFormat;
  /** Serial number of this unit, for file names and value reports; "OpenHHU" where it has none. */
  readonly unit?: string;
}

export interface ExportResult {
  /** Records that matched. */
  readonly count: number;
  /** One file, but for value reports one for each meter. */
  readonly files: readonly ExportedFile[];
}

export interface ExportedFile {
  readonly name: string;
  readonly content: Blob;
}

export interface ImportRequest {
  /** What a terminal showed for `GET_OLDEST` or `GET_FILTERED`. */
  readonly text: string;
  /** False: only look what is in it. */
  readonly store: boolean;
}

export interface ImportSummary {
  /** Records that were recognized. */
  readonly found: number;
  /** Records that were added to the log; those it already has from an earlier import are not added again. */
  readonly stored: number;
  /** The first hundred, to show what was understood. */
  readonly preview: readonly LogRecord[];
  readonly problems: readonly ImportProblem[];
}

import type { Interval } from '../ams/intervals.ts';
import type { MeterDraft } from '../ams/meter.ts';
import type { CsvForm, TableForm } from '../common/csv.ts';
import type { ExportFormat } from '../log/export/exporter.ts';
import type { MeterLabel } from '../log/export/meter-labels.ts';
import type { Displaced } from '../log/displaced.ts';
import type { ProfileEntry } from '../log/kept-profiles.ts';
import type { KeptCopy } from '../log/journal/kept.ts';
import type { ImportProblem } from '../log/import.ts';
import type { LogState } from '../log/log-state.ts';
import type { Page } from '../log/reader.ts';
import type { MeterRecord } from '../log/meter-record.ts';
import type { LogRecord, SlotSpan } from '../log/record.ts';
import type { MeterBehind, Reading, ReadingState } from '../common/reading.ts';
import type { StoredData } from '../protocols/stored-data.ts';
import type { Recognized } from '../protocols/recognized.ts';
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
  /** Second copies of the log that were set aside, because they are of another log or cannot be read. */
  keptCopies: Method<undefined, readonly KeptCopy[]>;
  exportKeptCopy: Method<{ readonly series: number }, readonly ExportedFile[]>;
  /** What a file with a meter list holds; nothing is stored. */
  readMeterList: Method<{ readonly text: string }, MeterListFile>;
  /** What stored or arriving data says; answered before what takes long. Empty where nobody knows the protocol. */
  readings: Method<ReadingsRequest, readonly Reading[]>;
  /** The number that the meter of a good record gives of itself; undefined where it gives none, or is another one. */
  meterNumber: Method<{ readonly seq: number }, string | undefined>;
  /** Finds and decodes every frame and readout in a text somebody pasted; nothing is stored. */
  decode: Method<DecodeRequest, DecodeSummary, DecodeEvent>;
  /** The readings of such a text as CSV, a row each. */
  exportDecoded: Method<ExportDecodedRequest, ExportedFile, DecodeEvent>;
  /** What registers of a meter showed over time. */
  series: Method<SeriesRequest, Series, Progress>;
  /** From the first to the last good reading of a meter; undefined where there is none. */
  extent: Method<{ readonly meter: number }, Extent | undefined>;
  /** The newest of each meter, for a list of them. */
  recent: Method<RecentRequest, readonly RecentReadings[]>;
  /** Profiles that were written on this device for meters of a protocol. */
  profiles: Method<{ readonly protocol: string }, readonly ProfileEntry[]>;
  /** Also of one that was changed or deleted since. */
  profileText: Method<{ readonly protocol: string; readonly digest: string }, string | undefined>;
  /**
   * Undefined where another profile has its name, or the one it was to take the place of is another by now: nothing was
   * changed then. Rejects for a text that is no profile.
   */
  keepProfile: Method<KeepProfileRequest, ProfileEntry | undefined>;
  /** Records that were read with it stay as they are. */
  dropProfile: Method<{ readonly protocol: string; readonly digest: string }, undefined>;
  /** What became of every slot of the schedule in a period. */
  completeness: Method<CompletenessRequest, Completeness, Progress>;
}

export interface KeepProfileRequest {
  readonly protocol: string;
  /** As the protocol's files of profiles are. */
  readonly text: string;
  /** Digest of the profile that it takes the place of; absent for a new one. */
  readonly inPlaceOf?: string;
}

export interface CompletenessRequest {
  /** UTC milliseconds, whole minutes; at most a year. */
  readonly from: number;
  /** Not included. */
  readonly to: number;
  /** Those of the list; meters that are gone are found in the records. */
  readonly meters: readonly ScheduledMeter[];
  /** Of the file; for programs unless told. */
  readonly form?: CsvForm;
}

export interface ScheduledMeter {
  readonly meter: number;
  readonly name: string;
  readonly place?: string;
  /** On its plate. */
  readonly number?: string;
  readonly interval: Interval;
  /** Since when every slot is owed a record; absent while the meter or the schedule is off. UTC milliseconds. */
  readonly owedFrom?: number;
}

/** 'without record': owed by the schedule as it is now, and no record of the log answers for it (yet). */
export type SlotState = 'read' | 'failed' | 'missed' | 'without record';

/** Slots that follow each other, all of one state. */
export interface SlotRun {
  readonly state: SlotState;
  readonly slots: SlotSpan;
}

export interface MeterCompleteness {
  readonly meter: number;
  readonly name: string;
  readonly counts: Readonly<Record<SlotState, number>>;
  /** Readings of slots that had one already, after a clock was set back. */
  readonly again: number;
  readonly runs: readonly SlotRun[];
}

export interface Completeness {
  readonly meters: readonly MeterCompleteness[];
  /** Time of the oldest record, UTC milliseconds: nothing is known of what was before. Absent for an empty log. */
  readonly logFrom?: number;
  /** The same as CSV, a row for each run. */
  readonly file: ExportedFile;
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
  /** Serial number of this unit, for file names; "OpenHHU" where it has none. */
  readonly unit?: string;
  /** Value reports: only the registers with these codes. */
  readonly codes?: readonly string[];
  /** How tables are written; 'xlsx' is for value reports. */
  readonly form?: TableForm;
  /** What the meters of the list are called: the log has only their numbers. */
  readonly meters?: readonly MeterLabel[];
}

export interface ExportResult {
  /** Records that matched. */
  readonly count: number;
  /** One file, but for value reports as CSV one for each meter. */
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
  /** Somebody has agreed that records this device has read itself go for them; without that the import stops before. */
  readonly mayPushOut?: boolean;
}

export interface ImportSummary {
  /** Records that were recognized. */
  readonly found: number;
  /** Records that were added to the log; those it already has from an earlier import are not added again. */
  readonly stored: number;
  /** What has to go when they are added. */
  readonly displaced: Displaced;
  /** The first hundred, to show what was understood. */
  readonly preview: readonly LogRecord[];
  readonly problems: readonly ImportProblem[];
}

export interface MeterListFile {
  readonly meters: readonly MeterDraft[];
  /** The first hundred rows that were left out, with why; row 0: the file as a whole. */
  readonly problems: readonly { readonly row: number; readonly message: string }[];
  /** Rows that were left out beyond those. */
  readonly furtherProblems: number;
  /** What rows that are taken lost on the way. */
  readonly notes: readonly { readonly row: number; readonly message: string }[];
}

/** A register of a meter by the meter's own code; the second of the same code in one readout is `<code> #2`. */
export interface Register {
  readonly code: string;
  readonly quantity: string;
  readonly unit: string;
  /** The meter behind the one that was read, where it is that one's. */
  readonly of?: MeterBehind;
}

export interface SeriesRequest {
  /** Number of the meter in OpenHHU. */
  readonly meter: number;
  /** The registers wanted, by their exact codes; with none of them only `found` and `total` tell anything. */
  readonly codes: readonly string[];
  /** Unix seconds, included. */
  readonly from?: number;
  readonly to?: number;
  /** Where there are more readings, only so many are given. */
  readonly maxPoints: number;
  /**
   * Which: 'extremes' those that shape a line; 'even' every so-and-so-many-th, so that what was used from one to the
   * next can be compared.
   */
  readonly thinning: 'extremes' | 'even';
}

/** One row a reading, oldest first. Failed readings have no row; `failed` and `gaps` tell where they were. */
export interface Series {
  /** Unix seconds. */
  readonly times: Float64Array;
  /** Sequence numbers of the records. */
  readonly seqs: Float64Array;
  /** In step with the times: reads that failed since the row before. */
  readonly failed: Uint32Array;
  /** In step with the times: 1 where failed reads make up most of the time since the row before. */
  readonly gaps: Uint8Array;
  /** In the order asked for. */
  readonly registers: readonly RegisterSeries[];
  /** Every register that holds numbers in this span, asked for or not. */
  readonly found: readonly Register[];
  /** Readings in this span, given or not. */
  readonly total: number;
}

export interface RegisterSeries extends Register {
  /** In step with the times; NaN where a reading lacks it. */
  readonly values: Float64Array;
  /** The same with every digit the meter sent and a point; empty where a reading lacks it. */
  readonly texts: readonly string[];
  /** In step with them; 'not available' where a reading lacks it. */
  readonly states: readonly ReadingState[];
  /** In step with the times: 1 where the number of its meter in the data became another one since the row before. */
  readonly exchanged: Uint8Array;
}

/** Unix seconds, both ends included. */
export interface Extent {
  readonly first: number;
  readonly last: number;
}

export interface RecentRequest {
  readonly meters: readonly number[];
  /** Good readings wanted of each. */
  readonly points: number;
}

export interface RecentReadings {
  readonly meter: number;
  /** The records that the rest was made of. */
  readonly seqs: readonly number[];
  /** Whatever became of it; absent for a meter that was never read. */
  readonly last?: MeterRecord;
  /** The newest good reading, of the meter that was meant; absent where none of the newest is. */
  readonly good?: MeterRecord;
  /** The most telling register of the newest good reading; absent where there is none. */
  readonly main?: {
    readonly register: Register;
    /** It only ever grows: the difference of two points is what was used between. */
    readonly counts: boolean;
    /** Oldest first; `time` in Unix seconds, `text` with every digit the meter sent. */
    readonly points: readonly RecentPoint[];
  };
}

export interface RecentPoint {
  readonly time: number;
  readonly text: string;
  readonly state: ReadingState;
  /** The number in the data became another meter's since the point before: they have nothing in common. */
  readonly exchanged?: boolean;
}

export interface ReadingsRequest {
  /** As records name it. */
  readonly protocol: string;
  readonly stored: StoredData;
}

export interface DecodeRequest {
  readonly text: string;
}

export interface ExportDecodedRequest extends DecodeRequest {
  readonly form?: CsvForm;
}

export interface DecodeEvent {
  /** Found since the last event, in the order of the text. */
  readonly items: readonly DecodedItem[];
  /** 0–1. */
  readonly progress: number;
}

export interface DecodedItem extends Recognized {
  /** How many readings it decodes to; they are decoded again where they are looked at. */
  readonly readings: number;
}

export interface DecodeSummary {
  readonly found: number;
  /** What was left out, in sentences. */
  readonly problems: readonly string[];
}

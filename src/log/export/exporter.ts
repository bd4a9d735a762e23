import type { Reading } from '../../common/reading.ts';
import type { LogRecord } from '../record.ts';
import type { CsvForm } from '../../common/csv.ts';
import type { MeterLabel } from './meter-labels.ts';

export type ExportFormat = 'csv' | 'valuereport' | 'json' | 'jsonl' | 'scdata';

export interface ExportOptions {
  /** The serial number of this unit; part of file names. */
  readonly unit: string;
  /** Of the log the records are in: numbers of records and meters mean something within one generation only. */
  readonly generation: string;
  /** When the export was asked for; part of file names. */
  readonly now: Date;
  /** How CSV is written; by default as the SmartCOM server writes it. */
  readonly form?: CsvForm;
  /** Value reports: only the registers with these codes. */
  readonly codes?: readonly string[];
  /** What the meters of the list are called. */
  readonly meters?: readonly MeterLabel[];
}

/** Text to be added to the end of a file. */
export interface Piece {
  readonly fileName: string;
  readonly text: string;
}

/**
 * An export format. Records are handed over one by one, oldest first, and what is returned can be written away at
 * once, so an export of any length needs the memory of one chunk.
 */
export interface Exporter {
  readonly mediaType: string;
  /** Are readings wanted with the records? Else an empty list does. */
  readonly reads: boolean;
  /** Where a format must know all records before it can write the first: called for each of them before `open`. */
  readonly survey?: (record: LogRecord, readings: readonly Reading[]) => void;
  open(): readonly Piece[];
  /** `readings`: what the record says; empty where its protocol has no decoder. */
  write(record: LogRecord, readings: readonly Reading[]): readonly Piece[];
  close(): readonly Piece[];
}

/** `YYYYMMDDhhmmss` in UTC, as the schedule counts. */
export function fileStamp(now: Date): string {
  return now.toISOString().replace(/\D/g, '').slice(0, 14);
}

/** Text of whatever origin as part of a file name: letters, digits, `-` and `.` inside; never a path, never hidden. */
export function fileNamePart(text: string): string {
  const safe = text
    .replace(/[^A-Za-z0-9.-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 64);
  return safe === '' ? 'unknown' : safe;
}

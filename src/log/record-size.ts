import type { LogRecord } from './record.ts';

const encoder = new TextEncoder();

/**
 * Bytes a record counts against the capacity of the log: the UTF-8 length of its line in the JSON lines export,
 * line end included. So `GET_SPACE` can be checked with an export and a calculator.
 */
export function sizeOfRecord(record: LogRecord): number {
  return encoder.encode(JSON.stringify(record)).length + 1;
}

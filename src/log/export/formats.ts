import type { Reading } from '../../common/reading.ts';
import { meterRecord, otherMeterOf } from '../meter-record.ts';
import type { LogRecord } from '../record.ts';
import { csvRow, csvStart, semicolonForm, utcCell } from '../../common/csv.ts';
import type { Cell } from '../../common/csv.ts';
import { fileNamePart, fileStamp } from './exporter.ts';
import type { ExportFormat, ExportOptions, Exporter, Piece } from './exporter.ts';
import { labelFinder, meterWords } from './meter-labels.ts';
import type { MeterWords } from './meter-labels.ts';
import { formatScdata } from './scdata.ts';
import { stateText } from './state-text.ts';
import { valueReports } from './value-report.ts';

export function createExporter(format: ExportFormat, options: ExportOptions): Exporter {
  const { form = semicolonForm } = options;
  const { generation } = options;
  const words = wordsFinder(options);
  switch (format) {
    case 'csv':
      return oneFile('csv', 'text/csv', options, {
        head: csvStart(form) + csvRow(CSV_COLUMNS, form),
        reads: true,
        row: (record, readings) => csvRow(recordCells(record, readings, words(record, readings), generation), form),
      });
    case 'json':
      return jsonExporter(options, words);
    case 'jsonl':
      return oneFile('jsonl', 'application/jsonl', options, {
        reads: true,
        row: (record, readings) => `${jsonText(record, words(record, readings), generation)}\n`,
      });
    case 'scdata':
      // The line of the SmartCOM has no place for the log: its fields count by position, and the last one is the data.
      return oneFile(generation === '' ? 'txt' : `log-${generation}.txt`, 'text/plain', options, {
        reads: false,
        row: (record) => `${formatScdata(record)}\r\n`,
      });
    case 'valuereport':
      return csvReports(options);
  }
}

interface Layout {
  readonly head?: string;
  readonly reads: boolean;
  readonly row: (record: LogRecord, readings: readonly Reading[]) => string;
  readonly foot?: () => string;
}

function oneFile(extension: string, mediaType: string, { unit, now }: ExportOptions, layout: Layout): Exporter {
  const fileName = `${fileNamePart(unit)}_records_${fileStamp(now)}.${extension}`;
  const piece = (text = ''): readonly Piece[] => [{ fileName, text }];
  return {
    mediaType: `${mediaType};charset=utf-8`,
    reads: layout.reads,
    open: () => piece(layout.head),
    write: (record, readings) => piece(layout.row(record, readings)),
    close: () => piece(layout.foot?.()),
  };
}

/** Which meter it was, as the record alone does not say. */
function wordsFinder({ meters = [] }: ExportOptions): (record: LogRecord, readings: readonly Reading[]) => MeterWords {
  const labelOf = labelFinder(meters);
  return (record, readings) => meterWords(record, readings, labelOf(record));
}

/** The record as the log keeps it, behind it what the meter is called, and the log. */
function jsonText(record: LogRecord, { number, name, place }: MeterWords, generation: string): string {
  const log = generation === '' ? undefined : generation;
  return JSON.stringify({ ...record, meterNumber: number, meterName: name, meterPlace: place, log });
}

/** An array of the records, one a line. */
function jsonExporter(options: ExportOptions, words: ReturnType<typeof wordsFinder>): Exporter {
  let separator = '[\n';
  return oneFile('json', 'application/json', options, {
    reads: true,
    row: (record, readings) => {
      const text = separator + jsonText(record, words(record, readings), options.generation);
      separator = ',\n';
      return text;
    },
    foot: () => (separator === '[\n' ? '[]\n' : '\n]\n'),
  });
}

/** A file for each meter. */
function csvReports(options: ExportOptions): Exporter {
  const { form = semicolonForm } = options;
  const reports = valueReports(options);
  return {
    mediaType: 'text/csv;charset=utf-8',
    reads: true,
    survey: (record, readings) => reports.survey(record, readings),
    open: () =>
      reports
        .tables()
        .map(({ fileName, head }) => ({ fileName: `${fileName}.csv`, text: csvStart(form) + csvRow(head, form) })),
    write(record, readings): readonly Piece[] {
      return reports
        .rows(record, readings)
        .map(({ table, cells }) => ({ fileName: `${table.fileName}.csv`, text: csvRow(cells, form) }));
    },
    close: () => [],
  };
}

/** What was added later stands behind, so that a file of an earlier version can be gone on with. */
const CSV_COLUMNS = [
  'sequence_number',
  'time_stamp',
  'time_utc',
  'record_type',
  'protocol',
  'index',
  'error_code',
  'device_identification',
  'data',
  'rssi',
  'length',
  'address',
  'port',
  'meter_number',
  'meter_name',
  'meter_place',
  'other_meter',
  'log',
  'meter',
  'slots',
  'first_slot_utc',
  'last_slot_utc',
  'state',
];

function recordCells(
  record: LogRecord,
  readings: readonly Reading[],
  words: MeterWords,
  generation: string,
): readonly Cell[] {
  const head = [record.seq, record.time, utcCell(record.time), record.type, ...ownCells(record, words)];
  return [
    ...head,
    ...Array<Cell>(CSV_COLUMNS.indexOf('log') - head.length).fill(undefined),
    ...logCells(record, generation),
    stateText(record, readings),
  ];
}

/** Which log the numbers are of: that of the record, that of the meter; and the slots of it that the record answers for. */
function logCells(record: LogRecord, generation: string): readonly Cell[] {
  const { meter, slots } = meterRecord(record) ?? {};
  const ends = slots ? [utcCell(slots.first / 1000), utcCell(slots.last / 1000)] : [undefined, undefined];
  return [generation, meter, slots?.count, ...ends];
}

function ownCells(record: LogRecord, { number, name, place }: MeterWords): readonly Cell[] {
  const meter = meterRecord(record);
  if (!meter) return [];
  const { protocol, index, errorCode, identification, data, address, port } = meter;
  const [rssi, length] = record.type === 'WMBUS' ? [record.rssi, record.length] : [];
  const own = [protocol, index, errorCode, identification, data, rssi, length, address, port];
  return [...own, number, name, place, otherMeterOf(record)];
}

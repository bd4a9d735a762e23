import type { LogRecord } from '../record.ts';
import { csvRow } from './csv.ts';
import { fileNamePart, fileStamp, formatUtc } from './exporter.ts';
import type { ExportFormat, ExportOptions, Exporter, Piece } from './exporter.ts';
import { formatScdata } from './scdata.ts';
import { valueReportExporter } from './value-report.ts';

export function createExporter(format: ExportFormat, options: ExportOptions): Exporter {
  switch (format) {
    case 'csv':
      return oneFile('csv', 'text/csv', options, { head: csvRow(CSV_COLUMNS), row: recordRow });
    case 'json':
      return jsonExporter(options);
    case 'jsonl':
      return oneFile('jsonl', 'application/jsonl', options, { row: (record) => `${JSON.stringify(record)}\n` });
    case 'scdata':
      return oneFile('txt', 'text/plain', options, { row: (record) => `${formatScdata(record)}\r\n` });
    case 'valuereport':
      return valueReportExporter(options);
  }
}

interface Layout {
  readonly head?: string;
  readonly row: (record: LogRecord) => string;
  readonly foot?: () => string;
}

function oneFile(extension: string, mediaType: string, { unit, now }: ExportOptions, layout: Layout): Exporter {
  const fileName = `${fileNamePart(unit)}_records_${fileStamp(now)}.${extension}`;
  const piece = (text = ''): readonly Piece[] => [{ fileName, text }];
  return {
    mediaType: `${mediaType};charset=utf-8`,
    open: () => piece(layout.head),
    write: (record) => piece(layout.row(record)),
    close: () => piece(layout.foot?.()),
  };
}

/** An array of the records, one a line. */
function jsonExporter(options: ExportOptions): Exporter {
  let separator = '[\n';
  return oneFile('json', 'application/json', options, {
    row: (record) => {
      const text = separator + JSON.stringify(record);
      separator = ',\n';
      return text;
    },
    foot: () => (separator === '[\n' ? '[]\n' : '\n]\n'),
  });
}

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
];

function recordRow(record: LogRecord): string {
  const head = [record.seq, record.time, formatUtc(record.time), record.type];
  switch (record.type) {
    case 'AMS': {
      const { protocol, index, errorCode, identification, data, address, port } = record;
      return csvRow([...head, protocol, index, errorCode, identification, data, undefined, undefined, address, port]);
    }
    case 'WMBUS': {
      const nothing = [undefined, undefined, undefined, undefined];
      return csvRow([...head, ...nothing, record.data, record.rssi, record.length, undefined, undefined]);
    }
    case 'SYSTART':
      return csvRow([...head, ...Array<undefined>(9).fill(undefined)]);
  }
}

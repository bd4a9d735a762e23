import { toHex } from '../../protocols/common/bytes.ts';
import { formatDecimal } from '../../protocols/common/decimal.ts';
import type { Reading, ReadingValue } from '../../protocols/common/reading.ts';
import type { LogRecord } from '../record.ts';
import { csvRow } from './csv.ts';
import { fileNamePart, fileStamp, formatUtc } from './exporter.ts';
import type { ExportOptions, Exporter, Piece } from './exporter.ts';

/**
 * One CSV file per meter in the manner of the SmartCOM server's value reports (seed 002):
 * `<meter>_<unit>_valuereport_<stamp>.csv`, a row per reading, the data as received in the last column.
 */
export function valueReportExporter({ unit, now, decode }: ExportOptions): Exporter {
  const reports = new Map<string, Report>();
  const fileNames = new Set<string>();

  function reportOf(record: LogRecord): Report | undefined {
    const meter = meterOf(record);
    if (meter === undefined) return undefined;
    let report = reports.get(meter.key);
    if (!report) {
      const fileName = unused(fileNames, `${meter.name}_${fileNamePart(unit)}_valuereport_${fileStamp(now)}`);
      reports.set(meter.key, (report = { fileName, meter: meter.name, columns: new Set() }));
    }
    return report;
  }

  return {
    mediaType: 'text/csv;charset=utf-8',
    survey(record) {
      const report = reportOf(record);
      if (!report) return;
      for (const column of columnsOf(decode(record)).keys()) report.columns.add(column);
    },
    open: () =>
      [...reports.values()].map(({ fileName, columns }) => ({
        fileName,
        text: csvRow([
          'serial-number',
          'device-identification',
          'created',
          'value-data-count',
          'error-code',
          ...columns,
          'raw',
        ]),
      })),
    write(record): readonly Piece[] {
      const report = reportOf(record);
      if (!report || record.type === 'SYSTART') return [];
      const values = columnsOf(decode(record));
      const errorCode = record.type === 'AMS' ? record.errorCode : 0;
      const head = [unit, report.meter, formatUtc(record.time), record.seq, errorCode];
      const cells = [...report.columns].map((column) => values.get(column));
      return [{ fileName: report.fileName, text: csvRow([...head, ...cells, record.data]) }];
    },
    close: () => [],
  };
}

interface Report {
  readonly fileName: string;
  readonly meter: string;
  /** In the order they were first seen. */
  readonly columns: Set<string>;
}

function unused(taken: Set<string>, wanted: string): string {
  let name = `${wanted}.csv`;
  for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}.csv`;
  taken.add(name);
  return name;
}

/** Which meter a record is of, and its name in files; undefined where it is of none. */
function meterOf(record: LogRecord): { key: string; name: string } | undefined {
  switch (record.type) {
    case 'AMS': {
      const address = record.address?.replace(/[@%].*$/s, '').replace(/^\*/, '') ?? '';
      const own = [address, record.identification].find((text) => text !== '') ?? `${record.protocol}-${record.index}`;
      const key = record.meter === undefined ? `${record.protocol} ${own}` : `meter ${record.meter}`;
      return { key, name: meterName(own) };
    }
    case 'WMBUS': {
      // Behind C field and manufacturer: the identification number, four bytes BCD, lowest first (EN 13757-4).
      const digits = record.data.slice(6, 14).match(/../g)?.reverse().join('') ?? '';
      return { key: `WMBUS ${record.data.slice(2, 18)}`, name: meterName(digits) };
    }
    case 'SYSTART':
      return undefined;
  }
}

/** A secondary address is written without leading zeros (seed 002: 08031768 is in `8031768_…`). */
function meterName(text: string): string {
  return fileNamePart(/^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, '') : text);
}

/** Column title → value. A title that comes again in one readout (a load profile) is numbered. */
function columnsOf(readings: readonly Reading[]): Map<string, string> {
  const columns = new Map<string, string>();
  const seen = new Map<string, number>();
  for (const reading of readings) {
    const title = titleOf(reading);
    const times = (seen.get(title) ?? 0) + 1;
    seen.set(title, times);
    columns.set(times === 1 ? title : `${title} #${times}`, valueText(reading.value));
  }
  return columns;
}

function titleOf({ label, unit, tariff, storage, subunit }: Reading): string {
  const parts = [
    label,
    storage === undefined ? '' : `storage ${storage}`,
    tariff === undefined ? '' : `tariff ${tariff}`,
    subunit === undefined ? '' : `subunit ${subunit}`,
    unit === '' ? '' : `[${unit}]`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function valueText(value: ReadingValue): string {
  switch (value.type) {
    case 'number':
      return formatDecimal(value.decimal);
    case 'time':
      return value.time.iso;
    case 'text':
      return value.text;
    case 'bytes':
      return toHex(value.bytes);
  }
}

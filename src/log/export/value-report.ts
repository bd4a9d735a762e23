import type { Reading } from '../../common/reading.ts';
import { meterRecord, otherMeterOf } from '../meter-record.ts';
import type { LogRecord } from '../record.ts';
import { utcCell, valueCell } from './cells.ts';
import type { Cell } from './cells.ts';
import { fileNamePart, fileStamp } from './exporter.ts';
import type { ExportOptions } from './exporter.ts';
import { labelFinder, meterKeyOf, meterWords, numberInAddress } from './meter-labels.ts';

/**
 * One table a meter in the manner of the SmartCOM server's value reports, a row a record, a column a register, the data
 * as received in the last column. Every record is surveyed before the first row, since the columns are known only then.
 */
export interface ValueReports {
  survey(record: LogRecord, readings: readonly Reading[]): void;
  /** In the order they were first seen. */
  tables(): readonly ReportTable[];
  /** Undefined for a record of no meter. */
  row(
    record: LogRecord,
    readings: readonly Reading[],
  ): { readonly table: ReportTable; readonly cells: readonly Cell[] } | undefined;
}

export interface ReportTable {
  /** `<meter>_<unit>_valuereport_<stamp>`, without an extension. */
  readonly fileName: string;
  /** What people call the meter. */
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: number;
}

interface Report extends ReportTable {
  rows: number;
  readonly registers: Set<string>;
}

const FIRST_COLUMNS = [
  'serial-number',
  'name',
  'place',
  'device-identification',
  'address',
  'created',
  'value-data-count',
  'error-code',
  'state',
];

export function valueReports({ unit, now, codes, meters = [] }: ExportOptions): ValueReports {
  const reports = new Map<string, Report>();
  const fileNames = new Set<string>();
  const labelOf = labelFinder(meters);

  function reportOf(record: LogRecord, readings: readonly Reading[]): Report | undefined {
    const label = labelOf(record);
    const meter = meterKeyOf(record, readings, label);
    if (meter === undefined) return undefined;
    let report = reports.get(meter.key);
    if (!report) {
      const base = `${fileMeterName(meter.name)}_${fileNamePart(unit)}_valuereport_${fileStamp(now)}`;
      const registers = new Set<string>();
      report = {
        fileName: unused(fileNames, base),
        title: label?.name ?? meter.name,
        registers,
        get head() {
          return [...FIRST_COLUMNS, ...registers, 'raw'];
        },
        rows: 0,
      };
      reports.set(meter.key, report);
    }
    return report;
  }

  return {
    survey(record, readings) {
      const report = reportOf(record, readings);
      if (!report) return;
      report.rows++;
      // What another meter counts is no figure of this one: it stands in the raw data only.
      if (otherMeterOf(record) !== undefined) return;
      for (const column of columnsOf(only(codes, readings)).keys()) report.registers.add(column);
    },
    tables: () => [...reports.values()],
    row(record, readings) {
      const report = reportOf(record, readings);
      const meter = meterRecord(record);
      if (!report || !meter) return undefined;
      const isOther = otherMeterOf(record) !== undefined;
      const wanted = only(codes, readings);
      const values = isOther ? undefined : columnsOf(wanted);
      const { number = numberInAddress(meter), name, place } = meterWords(record, readings, labelOf(record));
      const { identification, address = '', time, seq, errorCode, data } = meter;
      const head = [number, name, place, identification, address, utcCell(time), seq, errorCode];
      const cells = [...report.registers].map((column) => values?.get(column));
      return { table: report, cells: [...head, isOther ? 'another meter' : stateText(wanted), ...cells, data] };
    },
  };
}

/** `1.8.0 #2` is the second `1.8.0` of a readout. */
function only(codes: readonly string[] | undefined, readings: readonly Reading[]): readonly Reading[] {
  if (!codes) return readings;
  const seen = new Map<string, number>();
  return readings.filter(({ label }) => {
    const times = (seen.get(label) ?? 0) + 1;
    seen.set(label, times);
    return codes.includes(times === 1 ? label : `${label} #${times}`);
  });
}

function unused(taken: Set<string>, wanted: string): string {
  let name = wanted;
  for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`;
  taken.add(name);
  return name;
}

/** In names of files a number stands without leading zeros: 08031768 is in `8031768_…`. */
function fileMeterName(text: string): string {
  return fileNamePart(/^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, '') : text);
}

/** Column title → value. A title that comes again in one readout (a load profile) is numbered. What is cut off has none. */
function columnsOf(readings: readonly Reading[]): Map<string, Cell> {
  const columns = new Map<string, Cell>();
  const seen = new Map<string, number>();
  for (const reading of readings) {
    if (reading.state === 'partial') continue;
    const title = titleOf(reading);
    const times = (seen.get(title) ?? 0) + 1;
    seen.set(title, times);
    columns.set(times === 1 ? title : `${title} #${times}`, valueCell(reading.value));
  }
  return columns;
}

/** "whole"; one word where all readings are alike; else each that is not whole with its code: "partial: 1.8.0". */
function stateText(readings: readonly Reading[]): string {
  const states = [...new Set(readings.map(({ state }) => state))];
  if (states.length <= 1) return states[0] ?? '';
  return states
    .filter((state) => state !== 'whole')
    .map((state) => `${state}: ${codesIn(readings, state)}`)
    .join('; ');
}

const MOST_CODES = 20;

function codesIn(readings: readonly Reading[], wanted: Reading['state']): string {
  const codes = [...new Set(readings.filter(({ state }) => state === wanted).map(({ label }) => label))];
  return codes.slice(0, MOST_CODES).join(' ') + (codes.length > MOST_CODES ? ' …' : '');
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

import type { MeterBehind, Reading } from '../../common/reading.ts';
import { keyOfBehind, serialNumberOf } from '../../common/telling-readings.ts';
import { numberRepeats } from '../../common/repeats.ts';
import { meterRecord, otherMeterOf } from '../meter-record.ts';
import type { LogRecord } from '../record.ts';
import { utcCell, valueCell } from '../../common/csv.ts';
import type { Cell } from '../../common/csv.ts';
import { fileNamePart, fileStamp } from './exporter.ts';
import type { ExportOptions } from './exporter.ts';
import { labelFinder, meterKeyOf, meterWords, numberInAddress } from './meter-labels.ts';
import type { MeterKey } from './meter-labels.ts';
import { stateText } from './state-text.ts';

/**
 * One table a meter in the manner of the SmartCOM server's value reports, a row a record, a column a register, the data
 * as received in the last column. A meter behind the one that was read has a table of its own. Every record is surveyed before the first row, since the columns are known only then.
 */
export interface ValueReports {
  survey(record: LogRecord, readings: readonly Reading[]): void;
  /** In the order they were first seen. */
  tables(): readonly ReportTable[];
  /** The row of the meter that was read, and one for each meter behind it; none for a record of no meter. */
  rows(record: LogRecord, readings: readonly Reading[]): readonly ReportRow[];
}

export interface ReportRow {
  readonly table: ReportTable;
  readonly cells: readonly Cell[];
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
  'log',
];

export function valueReports({ unit, generation, now, codes, meters = [] }: ExportOptions): ValueReports {
  const reports = new Map<string, Report>();
  const fileNames = new Set<string>();
  const labelOf = labelFinder(meters);

  function reportOf({ key, name }: MeterKey, title = name): Report {
    let report = reports.get(key);
    if (!report) {
      const base = `${fileMeterName(name)}_${fileNamePart(unit)}_valuereport_${fileStamp(now)}`;
      const registers = new Set<string>();
      report = {
        fileName: unused(fileNames, base),
        title,
        registers,
        get head() {
          return [...FIRST_COLUMNS, ...registers, 'raw'];
        },
        rows: 0,
      };
      reports.set(key, report);
    }
    return report;
  }

  /** The readings of a record by their meter, the one that was read first. */
  function parts(record: LogRecord, readings: readonly Reading[]): readonly Part[] {
    const label = labelOf(record);
    const own = meterKeyOf(record, readings, label);
    if (!own) return [];
    const isOther = otherMeterOf(record) !== undefined;
    const wanted = only(codes, readings);
    // A gateway without a number goes by that of the only meter behind it.
    const number = serialNumberOf(readings);
    const isOwn = ({ of }: Reading) => !of || (of.number !== '' && of.number === number);
    const found: Part[] = [
      // What another meter counts is no figure of this one: it stands in the raw data only.
      {
        report: reportOf(own, label?.name),
        readings: isOther ? [] : wanted.filter(isOwn),
        titles: titlesOf(readings.filter(isOwn)),
      },
    ];
    if (isOther) return found;
    for (const of of metersBehind(wanted.filter((reading) => !isOwn(reading)))) {
      const { number, medium, channel = 0 } = of;
      const key = keyOfBehind(of);
      const name = number === '' ? `${own.name}-channel-${channel}` : number;
      const report = reportOf(
        { key: number === '' ? `${own.key} ${key}` : `behind ${key}`, name },
        `${medium} ${name}`,
      );
      const isItsOwn = (reading: Reading) => reading.of !== undefined && keyOfBehind(reading.of) === key;
      found.push({ report, of, readings: wanted.filter(isItsOwn), titles: titlesOf(readings.filter(isItsOwn)) });
    }
    return found;
  }

  return {
    survey(record, readings) {
      for (const part of parts(record, readings)) {
        part.report.rows++;
        for (const column of columnsOf(part).keys()) part.report.registers.add(column);
      }
    },
    tables: () => [...reports.values()],
    rows(record, readings) {
      const meter = meterRecord(record);
      if (!meter) return [];
      const { identification, address = '', time, seq, errorCode, data } = meter;
      const { number = numberInAddress(meter), name, place } = meterWords(record, readings, labelOf(record));
      return parts(record, readings).map((part) => {
        const { report, of } = part;
        // The data stands once, in the table of the meter that sent it.
        const who = of ? [of.number, undefined, place, ''] : [number, name, place, identification];
        const head = [...who, address, utcCell(time), seq, errorCode];
        const values = columnsOf(part);
        const cells = [...report.registers].map((column) => values.get(column));
        const state = stateText(record, part.readings);
        return { table: report, cells: [...head, state, generation, ...cells, of ? undefined : data] };
      });
    },
  };
}

/** What a record says of one meter. */
interface Part {
  readonly report: Report;
  /** Absent: the meter that was read. */
  readonly of?: MeterBehind;
  readonly readings: readonly Reading[];
  /** Of their columns, counted over all that the record says of this meter. */
  readonly titles: ReadonlyMap<Reading, string>;
}

const titlesOf = (readings: readonly Reading[]) => numberRepeats(readings, titleOf);

function metersBehind(readings: readonly Reading[]): Iterable<MeterBehind> {
  return new Map(readings.flatMap(({ of }) => (of ? [[keyOfBehind(of), of]] : []))).values();
}

function only(codes: readonly string[] | undefined, readings: readonly Reading[]): readonly Reading[] {
  if (!codes) return readings;
  const names = numberRepeats(readings);
  return readings.filter((reading) => codes.includes(names.get(reading) ?? ''));
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

/** Column title → value. What is cut off has none. */
function columnsOf({ readings, titles }: Part): Map<string, Cell> {
  const whole = readings.filter(({ state }) => state !== 'partial');
  return new Map(whole.map((reading) => [titles.get(reading) ?? '', valueCell(reading.value)]));
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

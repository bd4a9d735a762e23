import writeExcelFile from 'write-excel-file/universal';
import type { CellObject } from 'write-excel-file/universal';
import type { Cell } from '../common/csv.ts';
import { fileNamePart, fileStamp } from '../log/export/exporter.ts';
import type { ExportOptions } from '../log/export/exporter.ts';
import { valueReports } from '../log/export/value-report.ts';
import type { ReportTable } from '../log/export/value-report.ts';
import type { Reading } from '../common/reading.ts';
import type { LogRecord } from '../log/record.ts';
import { decimalToNumber, formatDecimal } from '../common/decimal.ts';
import type { ExportResult } from './api.ts';

/**
 * A workbook is made in memory as a whole; more cells than these take more of it than a tablet has. CSV has no limit.
 * Excel itself ends at 1 048 576 rows.
 */
const MOST_CELLS = 1_000_000;
/** A number has 15 digits that count, a cell 32 767 characters, the name of a sheet 31. */
const MOST_DIGITS = 15;
const MOST_CHARACTERS = 32_767;
const MOST_NAME = 31;

/**
 * Hands every record that matches, and where `reads` is set what its data says, to the visitor, the oldest first;
 * resolves with how many there were.
 */
export type Pass = (visit: Visit, reads: boolean) => Promise<number>;
type Visit = (record: LogRecord, readings: readonly Reading[]) => void;

/** Value reports as one workbook, a sheet for each meter. Rejects where there is more than a workbook can hold. */
export async function exportWorkbook(options: ExportOptions, pass: Pass): Promise<ExportResult> {
  const reports = valueReports(options);
  await pass((record, readings) => reports.survey(record, readings), true);
  const tables = reports.tables();
  const cells = tables.reduce((sum, { rows, head }) => sum + rows * head.length, 0);
  if (cells > MOST_CELLS) {
    throw new Error(
      `These are ${cells} figures, and a workbook made here holds ${MOST_CELLS}. Choose fewer records, or CSV, which has no limit.`,
    );
  }
  const rows = new Map<ReportTable, (CellObject | null)[][]>(
    tables.map((table) => [table, [table.head.map(headCell)]]),
  );
  const count = await pass((record, readings) => {
    for (const { table, cells } of reports.rows(record, readings)) rows.get(table)?.push(cells.map(workbookCell));
  }, true);
  const names = sheetNames(tables.map(({ title }) => title));
  const sheets = [...rows.values()].map((data, i) => ({
    data,
    sheet: names[i] ?? '',
    stickyRowsCount: 1,
    columns: (data[0] ?? []).map(() => ({ width: 18 })),
  }));
  if (sheets.length === 0) return { count, files: [] };
  const [only] = tables;
  const name =
    tables.length === 1 && only ? only.fileName : `${fileNamePart(options.unit)}_valuereport_${fileStamp(options.now)}`;
  return { count, files: [{ name: `${name}.xlsx`, content: await writeExcelFile(sheets).toBlob() }] };
}

function headCell(text: string): CellObject {
  return { value: text, type: String, fontWeight: 'bold' };
}

/** Texts stay texts: a number keeps its zeros, a code is no date, a formula none. */
function workbookCell(cell: Cell): CellObject | null {
  if (cell === undefined || cell === '') return null;
  if (typeof cell === 'number') return { value: cell, type: Number };
  if (typeof cell === 'string') return textCell(cell);
  if ('time' in cell) return timeCell(cell.time);
  const text = formatDecimal(cell.decimal);
  if (text.replace(/\D/g, '').length > MOST_DIGITS) return textCell(text);
  const digits = text.split('.')[1]?.length ?? 0;
  return { value: decimalToNumber(cell.decimal), type: Number, format: digits === 0 ? '0' : `0.${'0'.repeat(digits)}` };
}

const CUT = ' … (longer than a cell)';

function textCell(text: string): CellObject {
  const fits = text.length <= MOST_CHARACTERS;
  return { value: fits ? text : text.slice(0, MOST_CHARACTERS - CUT.length) + CUT, type: String };
}

/** Whole dates and times are ones in the workbook too; the zone stays what it was. */
function timeCell(iso: string): CellObject {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?)?$/.exec(iso);
  const [, day, minutes, seconds = ':00'] = match ?? [];
  const value = day === undefined ? undefined : new Date(`${day}T${minutes ?? '00:00'}${seconds}Z`);
  if (!value || Number.isNaN(value.getTime())) return textCell(iso);
  return { value, type: Date, format: minutes === undefined ? 'yyyy-mm-dd' : 'yyyy-mm-dd hh:mm:ss' };
}

/** At most 31 characters, none of those that Excel forbids, no two alike (in any case). */
function sheetNames(titles: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return titles.map((title) => {
    const safe =
      title
        .replace(/[[\]/\\:*?\p{Cc}]+/gu, ' ')
        .trim()
        .replace(/^'+|'+$/g, '') || 'Meter';
    let name = safe.slice(0, MOST_NAME);
    for (let n = 2; taken.has(name.toLowerCase()); n++) {
      const end = ` ${n}`;
      name = safe.slice(0, MOST_NAME - end.length) + end;
    }
    taken.add(name.toLowerCase());
    return name;
  });
}

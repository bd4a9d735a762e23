import type { MeterLabel } from '../../log/export/meter-labels.ts';
import type { CsvForm, TableForm } from '../../common/csv.ts';
import type { AmsState } from '../../engine/ams-api.ts';
import { loadStored, saveStored } from '../components/stored.ts';

/** For whom tables are written. */
export type TableUse = 'workbook' | 'spreadsheet' | 'programs';

const KEY = 'table-form';
const uses: readonly TableUse[] = ['workbook', 'spreadsheet', 'programs'];

/** The choice of a person, remembered on this device. A workbook is right in every locale. */
export class TableChoice {
  #use: TableUse = $state(loadStored(KEY, (value) => uses.find((use) => use === value) ?? 'workbook'));

  get use(): TableUse {
    return this.#use;
  }

  set use(use: TableUse) {
    this.#use = use;
    saveStored(KEY, use);
  }

  get form(): TableForm {
    return this.#use === 'workbook' ? 'xlsx' : this.csvForm;
  }

  /** Where there is no workbook, who wants one gets what their spreadsheet reads. */
  get csvForm(): CsvForm {
    return csvFormFor(this.#use);
  }
}

export function csvFormFor(use: TableUse, locale?: string): CsvForm {
  if (use === 'programs') return { separator: ',', decimalMark: '.', forSpreadsheet: false };
  const decimalMark = decimalMarkOf(locale);
  return { separator: decimalMark === ',' ? ';' : ',', decimalMark, forSpreadsheet: true };
}

/** Choices in words, with the signs of the locale. */
export function tableUses(locale?: string): readonly (readonly [TableUse, string])[] {
  const { separator, decimalMark } = csvFormFor('spreadsheet', locale);
  return [
    ['workbook', 'Excel workbook (XLSX)'],
    ['spreadsheet', `CSV for a spreadsheet (1${decimalMark}5${separator}…)`],
    ['programs', 'CSV for programs (1.5,…)'],
  ];
}

/** Excel and LibreOffice take the semicolon for the separator wherever the comma is the decimal mark. */
function decimalMarkOf(locale: string | undefined): '.' | ',' {
  const parts = new Intl.NumberFormat(locale, { numberingSystem: 'latn' }).formatToParts(1.5);
  return parts.find(({ type }) => type === 'decimal')?.value === ',' ? ',' : '.';
}

/** What the meters of the list are called, for the columns of an export. */
export function meterLabels(ams: AmsState | undefined): readonly MeterLabel[] {
  return (ams?.meters ?? []).map(({ meter: { id, name, place, serialNumber } }) => ({
    meter: Number(id),
    ...(name ? { name } : {}),
    ...(place ? { place } : {}),
    ...(serialNumber ? { serialNumber } : {}),
  }));
}

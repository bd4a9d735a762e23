import { expect, test } from 'vitest';
import { csvFormFor, meterLabels, TableChoice, tableUses } from '../../../../src/views/export/table-form.svelte.ts';

test.each([
  ['de-DE', ',', ';'],
  ['cs-CZ', ',', ';'],
  ['fr-FR', ',', ';'],
  ['en-US', '.', ','],
  ['de-CH', '.', ','],
  ['ar-EG', '.', ','],
] as const)('a spreadsheet in %s reads %s and %s', (locale, decimalMark, separator) => {
  expect(csvFormFor('spreadsheet', locale)).toEqual({ decimalMark, separator, forSpreadsheet: true });
  expect(tableUses(locale)[1]?.[1]).toContain(`1${decimalMark}5${separator}`);
  expect(csvFormFor('programs', locale)).toEqual({ decimalMark: '.', separator: ',', forSpreadsheet: false });
});

test('a workbook is what people get who chose nothing; the choice is remembered', () => {
  const choice = new TableChoice();
  expect(choice.form).toBe('xlsx');
  expect(choice.csvForm.forSpreadsheet).toBe(true);
  choice.use = 'programs';
  expect(new TableChoice().form).toEqual({ decimalMark: '.', separator: ',', forSpreadsheet: false });
});

test('without a list there is nothing to name', () => {
  expect(meterLabels(undefined)).toEqual([]);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  csvField,
  csvRow,
  csvRows,
  csvStart,
  exactForm,
  semicolonForm,
  separatorOf,
  unguarded,
} from '../../../src/common/csv.ts';
import type { CsvForm } from '../../../src/common/csv.ts';

const german: CsvForm = { separator: ';', decimalMark: ',', forSpreadsheet: true };

/** A reader of its own, after RFC 4180 with `;`. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let field = '';
    if (text[at] === '"') {
      for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
        if (text[at] === '"') at++;
        field += text.charAt(at);
      }
      at++;
    } else {
      for (; text[at] !== ';' && text[at] !== '\r'; at++) field += text.charAt(at);
    }
    row.push(field);
    if (text[at] === ';') at++;
    else {
      expect(text.slice(at, at + 2)).toBe('\r\n');
      at += 2;
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

test.each([
  ['=1+1', "'=1+1"],
  ['+41', '+41'],
  ['-14', '-14'],
  ['-1,5', '"-1,5"'],
  ['-1+cmd|x', "'-1+cmd|x"],
  ['@SUM(A1)', "'@SUM(A1)"],
  [' =1', "' =1"],
  ['\t=1', '"\'\t=1"'],
  ['\r', '"\'\r"'],
  ['＝1', "'＝1"],
  ['1.8.0', '1.8.0'],
  ['a;b', '"a;b"'],
  ['a"b', '"a""b"'],
  ['', ''],
])('%j → %s', (text, field) => expect(csvField(text, semicolonForm)).toBe(field));

describe('for a German spreadsheet', () => {
  const decimal = (coefficient: number | bigint, exponent: number) => ({ decimal: { coefficient, exponent } });

  test.each([
    [decimal(25693320, -3), '"25693,320"'],
    [decimal(-5, -1), '"-0,5"'],
    [decimal(42, 0), '42'],
    [decimal(123456789012345678n, -3), '"=""123456789012345,678"""'],
    ['00770041', '"=""00770041"""'],
    ['1.8.0', '"=""1.8.0"""'],
    ['21.7.0', '"=""21.7.0"""'],
    ['0E14', '"=""0E14"""'],
    ['0413', '"=""0413"""'],
    ['1/2', '"=""1/2"""'],
    ['Mar 5', '"=""Mar 5"""'],
    ['5-Mär', '"=""5-Mär"""'],
    ['IEC62056-21', 'IEC62056-21'],
    ['1.8.0 [kWh]', '1.8.0 [kWh]'],
    ['Zähler links', 'Zähler links'],
    ['1'.repeat(300), `'${'1'.repeat(300)}`],
    ['=1+1', "'=1+1"],
    [17, '17'],
    [{ time: '2026-11-20 10:15:00' }, '2026-11-20 10:15:00'],
    [undefined, ''],
  ])('%o → %s', (cell, field) => expect(csvField(cell, german)).toBe(field));

  test('what is made for one begins with its mark, what is made for programs does not', () => {
    expect([csvStart(german), csvStart(exactForm)]).toEqual(['\uFEFF', '']);
    expect(csvRow(['a;b', decimal(15, -1), '00770041'], exactForm)).toBe('"a;b",1.5,00770041\r\n');
  });

  // A spreadsheet takes the inside of ="…" as it is: no quote in it may end it.
  test('never lets a text out of the formula that keeps it a text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'019.,:/-+E%" =\'') }), (text) => {
        const [[value = ''] = []] = parseCsv(csvRow([text, 'x'], german));
        if (value.startsWith('=')) expect(value).toBe(`="${text}"`);
        if (value.startsWith('=')) expect(text).not.toContain('"');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('any text', () => {
  const hostile = fc
    .array(fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', ' ', '"', ';', ',', "'", '1', '.', 'a', '＝', '\0'), {
      maxLength: 8,
    })
    .map((parts) => parts.join(''));
  const anyText = fc.oneof(hostile, fc.string({ unit: 'binary' }));

  test('reads back as itself, but for the apostrophe before a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyText, { minLength: 2, maxLength: 4 }), { maxLength: 4 }), (rows) => {
        const back = parseCsv(rows.map((row) => csvRow(row, semicolonForm)).join(''));
        expect(back.length).toBe(rows.length);
        for (const [i, row] of rows.entries()) {
          expect(back[i]?.map((field, j) => (field === row[j] ? field : field.replace(/^'/, '')))).toEqual(row);
        }
      }),
    );
  });

  test('never begins as a formula unless it is a plain number', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const [[value = ''] = []] = parseCsv(csvRow([text, 'x'], semicolonForm));
        const trimmed = value.replace(/^[\s\0]+/, '');
        if ('=@＝'.includes(trimmed.charAt(0)) && trimmed !== '') throw new Error(`formula: ${JSON.stringify(value)}`);
        if (/^[+-]/.test(trimmed)) expect(value).toMatch(/^[+-]\d+([.,]\d+)?$/);
        expect(value).not.toMatch(/^[\t\r\n]/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what was written comes back', () => {
  const cell = fc.oneof(
    fc.string({
      unit: fc.constantFrom(...'a";,\n\r\t=+-@\' é01./'),
    }),
    // Longer than a spreadsheet takes in a formula.
    fc.nat(3).map((apostrophes) => "'".repeat(apostrophes) + '1'.repeat(300)),
  );

  test.each([
    ['for programs', exactForm],
    ['with semicolons', semicolonForm],
    ['for a spreadsheet', german],
  ])('every text, %s', (_, form) => {
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { minLength: 1 }), (rows) => {
        // A first row that fixes the separator, as a file's header does.
        const table = [['a', 'b'], ...rows.filter((row) => row.some((text) => text.trim() !== ''))];
        // For programs a text that is the formula of a text is one, and guarded.
        const text = csvStart(form) + table.map((row) => csvRow(row, form)).join('');
        const back = [...csvRows(text, separatorOf(text))].map((row) => row.cells.map(unguarded));
        expect(back).toEqual(table);
      }),
    );
  });

  test('lines are counted whatever they end with, and rows of blanks left out', () => {
    const rows = [...csvRows('\uFEFFa;b\r\n;;\n"x\r\ny";\r;z', ';')];
    expect(rows).toEqual([
      { cells: ['a', 'b'], line: 0 },
      { cells: ['x\r\ny', ''], line: 2 },
      { cells: ['', 'z'], line: 4 },
    ]);
  });

  test.each([
    ['a,b;c,d', ','],
    ['a;b', ';'],
    ['a\tb\tc;d\n;;;;;', '\t'],
    ['a', ','],
  ])('the separator of %j', (text, separator) => expect(separatorOf(text)).toBe(separator));
});

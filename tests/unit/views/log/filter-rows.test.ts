import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatFilter, parseFilter } from '../../../../src/archive/client.ts';
import { judgeRows, newRow, relationsOf, rowsOfFilter, withParameter } from '../../../../src/views/log/filter-rows.ts';
import { anyFilter } from '../../log/filter/filters.ts';

test('rows and text say the same, for every filter', () => {
  fc.assert(
    fc.property(anyFilter, (filter) => {
      const text = formatFilter(filter);
      const { text: again, faults } = judgeRows(rowsOfFilter(text));
      expect(faults.size).toBe(0);
      expect(parseFilter(again).filter).toEqual(parseFilter(text).filter);
    }),
  );
});

test('a mistake belongs to its row', () => {
  const { faults } = judgeRows([
    newRow(0),
    { ...newRow(4), value: 'many' },
    { id: 7, parameter: 'IDENT', relation: '==', value: 'a;b' },
  ]);
  expect([...faults.keys()]).toEqual([4, 7]);
  expect(faults.get(4)).toContain('whole number');
});

test('a value with a separator in quotes is one condition', () => {
  const row = { id: 0, parameter: 'IDENT', relation: '==', value: '"a;b"' } as const;
  expect(judgeRows([row]).faults.size).toBe(0);
  expect(rowsOfFilter('IDENT=="a;b"')).toEqual([row]);
});

test('another parameter takes over what still makes sense', () => {
  const row = { id: 0, parameter: 'ERROR_CODE', relation: '>=', value: '5' } as const;
  expect(withParameter(row, 'TABLE_ID')).toEqual({ ...row, parameter: 'TABLE_ID' });
  expect(withParameter(row, 'RECORD_TYPE')).toEqual({ id: 0, parameter: 'RECORD_TYPE', relation: '==', value: 'AMS' });
  expect(withParameter(row, 'TIME').value).toBe('');
  expect(relationsOf('IDENT')).toEqual(['==', '!=']);
});

test('of a text with a mistake nothing is taken over', () => {
  expect(rowsOfFilter('ERROR_CODE=5')).toEqual([]);
});

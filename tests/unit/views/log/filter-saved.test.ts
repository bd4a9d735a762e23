import { expect, test } from 'vitest';
import { SavedFilters } from '../../../../src/views/log/filter-saved.svelte.ts';

test('keeps filters by name, a name once, over a reload', () => {
  const saved = new SavedFilters();
  saved.save('Starts', 'RECORD_TYPE==SYSTART');
  saved.save('Failed', 'ERROR_CODE!=0');
  saved.save('Starts', 'RECORD_TYPE==SYSTART;SEQ>5');
  const again = new SavedFilters();
  expect(again.all).toEqual([
    { name: 'Failed', text: 'ERROR_CODE!=0' },
    { name: 'Starts', text: 'RECORD_TYPE==SYSTART;SEQ>5' },
  ]);
  again.remove('Failed');
  expect(new SavedFilters().all.map(({ name }) => name)).toEqual(['Starts']);
});

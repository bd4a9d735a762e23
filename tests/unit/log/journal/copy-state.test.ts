import { expect, test } from 'vitest';
import { createCopyTeller } from '../../../../src/log/journal/copy-state.ts';

test('what changed is told once, and what was set aside with it', () => {
  const told: unknown[] = [];
  const copy = createCopyTeller(() => told.push(copy.current));
  copy.tell();
  copy.tell({ state: 'none', why: 'It is being opened.' });
  expect(told).toEqual([]);

  copy.tell({ state: 'copying' });
  copy.tell({ state: 'copying' });
  copy.tell({ state: 'none', why: 'No room.' });
  copy.kept = 2;
  copy.tell();
  copy.tell({ state: 'written' });
  copy.kept = 0;
  copy.tell();
  expect(told).toEqual([
    { state: 'copying' },
    { state: 'none', why: 'No room.' },
    { state: 'none', why: 'No room.', kept: 2 },
    { state: 'written', kept: 2 },
    { state: 'written' },
  ]);
});

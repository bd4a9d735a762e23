import { expect, test, vi } from 'vitest';
import { createFaultBook } from '../../../src/engine/faults.ts';

test('the newest faults are kept, cut to a length, and told to the console', () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const book = createFaultBook({ now: () => 5 });
  for (let n = 0; n < 60; n++) book.report(`fault ${n}`);
  book.report(new Error('x'.repeat(10_000)));
  expect(told).toHaveBeenCalledTimes(61);
  expect(book.all).toHaveLength(50);
  expect(book.all[0]).toEqual({ at: 5, text: 'fault 11' });
  expect(book.all.at(-1)?.text).toHaveLength(2000);
  told.mockRestore();
});

import { expect, test } from 'vitest';
import { createTries } from '../../../src/common/tries.ts';
import { protocols } from '../../../src/protocols/registry.ts';

test('as many as there are, and again as many after something came whole', () => {
  const tries = createTries(2, []);
  expect([tries.take(1), tries.take(2), tries.take(3), tries.used]).toEqual([true, true, false, 2]);
  tries.progress();
  expect([tries.take(1), tries.used]).toEqual([true, 1]);
});

test('a row that says never ends it, whatever is left', async () => {
  for (const { parts } of protocols.all) {
    const rows = await parts.errors();
    const tries = createTries(9, rows);
    const never = rows.filter(({ repeat }) => repeat === 'never');
    expect(never.length).toBeGreaterThan(0);
    for (const { code } of never) expect(tries.take(code), code.toString()).toBe(false);
    expect(tries.used).toBe(0);
  }
});

import { expect, test } from 'vitest';
import { openMemory } from '../../../src/engine/memory.ts';

const TYPE = '/OHU5SAME-TYPE';

/** A disk; what was written on it stands in `kept`. */
function disk(kept = new Map<string, unknown>()) {
  return {
    get: (key: string) => Promise.resolve(kept.get(key)),
    put: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
  };
}
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

test('what one meter taught is never taken for a habit of its type', () => {
  const memory = openMemory(disk(), () => undefined)('port');
  memory.remember(`|${TYPE}`, { staysAtFirstRate: true });
  expect(memory.recall(`|${TYPE}`)).toBeUndefined();
  memory.remember(`00770041|${TYPE}`, { staysAtFirstRate: true });
  expect(memory.recall(`00770041|${TYPE}`)).toEqual({ staysAtFirstRate: true });
  expect(memory.recall(`00770042|${TYPE}`)).toBeUndefined();
  // What is learnt later is another thing of the same meter.
  memory.remember(`00770041|${TYPE}`, { form: '113-a477' });
  expect(memory.recall(`00770041|${TYPE}`)).toEqual({ staysAtFirstRate: true, form: '113-a477' });
});

test('it is kept, and a disk that fails is told', async () => {
  const kept = new Map<string, unknown>();
  openMemory(disk(kept), () => undefined)('port').remember(`1|${TYPE}`, { staysAtFirstRate: true });
  await turn();
  const again = openMemory(disk(kept), () => undefined)('port');
  await turn();
  expect(again.recall(`1|${TYPE}`)).toEqual({ staysAtFirstRate: true });
  const failures: unknown[] = [];
  const full = { ...disk(), put: () => Promise.reject(new Error('full')) };
  openMemory(full, (error) => failures.push(error))('port').remember(`1|${TYPE}`, {});
  await turn();
  expect(failures).toEqual([new Error('full')]);
});

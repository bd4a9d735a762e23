import { expect, test } from 'vitest';
import type { Meter, MeterDraft } from '../../../src/ams/meter.ts';
import { memoryInList } from '../../../src/engine/list-memory.ts';

test('what a dialogue learns stays with the meter of the list, each thing beside the others, and is written once', () => {
  let meter: Meter = {
    id: '7',
    port: 1,
    protocol: 'IEC62056-21',
    address: '',
    enabled: true,
    since: 0,
    interval: '1H',
  };
  const edits: Partial<MeterDraft>[] = [];
  const memory = memoryInList(
    {
      meter: () => meter,
      improve(_id, edit) {
        edits.push(edit);
        meter = { ...meter, ...edit } as Meter;
      },
    },
    '7',
  );
  memory.remember('|/ZPA5', { staysAtFirstRate: true, learnedAt: 5 });
  memory.remember('|/ZPA5', { form: '113-a477' });
  memory.remember('|/ZPA5', { form: '113-a477' });
  expect(memory.recall('|/ZPA5')).toEqual({ staysAtFirstRate: true, learnedAt: 5, form: '113-a477' });
  expect(edits).toHaveLength(2);
});

import { expect, test, vi } from 'vitest';
import type { MeterState } from '../../../../src/engine/ams-api.ts';
import { MeterNumbers } from '../../../../src/views/meters/meter-numbers.ts';

function setUp(numberOf: (seq: number) => string | undefined) {
  const asked: number[] = [];
  const noted: unknown[] = [];
  const numbers = new MeterNumbers(
    {
      call: (method, input) => {
        noted.push([method, input]);
        return Promise.resolve(undefined as never);
      },
    },
    {
      call: (_method, input) => {
        const { seq } = input as { seq: number };
        asked.push(seq);
        return Promise.resolve().then(() => numberOf(seq) as never);
      },
    },
  );
  return { asked, noted, numbers };
}

function entry(id: string, last: MeterState['last'], serialNumber?: string): MeterState {
  const meter = { id, port: 1, protocol: 'MBUS', address: '1', interval: '1H', enabled: true, since: 0 } as const;
  return {
    meter: { ...meter, ...(serialNumber === undefined ? {} : { serialNumber }) },
    index: 1,
    state: 'waiting',
    ...(last ? { last } : {}),
  };
}
const good = (seq: number) => ({ seq, time: 0, errorCode: 0 });

test('a meter without a number gets the one its good reading tells; no other meter is asked about', async () => {
  const { asked, noted, numbers } = setUp(() => '31004711');
  await numbers.follow([
    entry('1', good(5)),
    entry('2', good(6), 'on the plate'),
    entry('3', undefined),
    entry('4', { ...good(7), errorCode: 65_541 }),
    entry('5', good(8), ''),
  ]);
  expect(asked).toEqual([5, 8]);
  expect(noted).toEqual([
    ['noteNumber', { id: '1', seq: 5, serialNumber: '31004711' }],
    ['noteNumber', { id: '5', seq: 8, serialNumber: '31004711' }],
  ]);
});

test('a record is asked about once, whatever came of it, and the next one anew', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const { asked, noted, numbers } = setUp((seq) => {
    if (seq === 2) throw new Error('the archive has ended');
    return seq === 3 ? '31004711' : undefined;
  });
  for (const seq of [1, 1, 2, 2, 3, 3]) await numbers.follow([entry('1', good(seq))]);
  expect(asked).toEqual([1, 2, 3]);
  expect(noted).toHaveLength(1);
  expect(warn).toHaveBeenCalledOnce();
  warn.mockRestore();
});

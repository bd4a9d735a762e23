import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Values } from '../../../../src/common/form.ts';
import { modbusDialogue } from '../../../../src/protocols/modbus/ask.ts';
import { decodeModbus } from '../../../../src/protocols/modbus/decode.ts';
import '../../../../src/protocols/modbus/session.ts';
import type { UnitSpec } from './independent-slave.ts';
import { onBus, type BusOptions, type OnBus } from './on-bus.ts';

const REGISTERS = ['030000', '030001', '040000'];

interface Plan {
  /** One after the other; each of the unit and after so long a pause with the port closed. */
  readonly reads: readonly { readonly unit: number; readonly afterMs: number; readonly stopAfterMs?: number }[];
  readonly settings?: Values;
  readonly options?: BusOptions;
  readonly of?: Partial<UnitSpec>;
}

interface Told {
  readonly errorCode: number;
  readonly values: readonly number[];
  readonly asked: readonly string[];
}

/** In the n-th read, counted from 1, every register of every unit holds n. */
async function readOften({ reads, settings = {}, options = {}, of = {} }: Plan): Promise<readonly Told[]> {
  const units = [5, 6].map((unit): UnitSpec => ({ unit, words: {}, ...of }));
  return await onBus(
    units,
    async (bus: OnBus) => {
      const told: Told[] = [];
      for (const { unit, afterMs, stopAfterMs } of reads) {
        const line = await bus.reopened(afterMs);
        for (const { words } of units) for (const key of REGISTERS) words[key] = told.length + 1;
        const over = new AbortController();
        if (stopAfterMs !== undefined) void bus.clock.sleep(stopAfterMs, over.signal).then(bus.stop, () => undefined);
        const before = bus.requests.length;
        const target = { address: `${unit}@9600[1,03:0000:2,04:0000:1]`, settings };
        const { errorCode, data } = await modbusDialogue.read(line, target, {});
        over.abort();
        const values = decodeModbus({ identification: '', data, errorCode })
          .filter(({ kind }) => kind !== 'error')
          .map(({ value }) => (value.type === 'number' ? Number(value.decimal.coefficient) : NaN));
        told.push({ errorCode, values, asked: bus.requests.slice(before).map(({ hex }) => hex.slice(0, 12)) });
      }
      return told;
    },
    options,
  );
}

const PLAIN = ['050300000001', '050300010001', '050400000001'];

describe('an answer that comes after its read has given up', () => {
  test('is not the one to the next read of the same registers', async () => {
    const settings = { timeoutMs: 500, retries: 1 };
    const reads = [5, 5, 5].map((unit) => ({ unit, afterMs: 1000 }));
    const told = await readOften({ reads, settings, of: { lateMs: () => 3500 } });
    told.forEach(({ values }, index) => expect(new Set([...values, index + 1]).size).toBe(1));
  });

  test('however late it comes, whichever unit is read next and however often, stopped or not', async () => {
    const ms = fc.oneof(fc.nat(200), fc.nat(5000), fc.nat(55_000));
    const late = fc.record({ first: ms, later: ms });
    const read = fc.record(
      { unit: fc.constantFrom(5, 6), afterMs: fc.integer({ min: 0, max: 20_000 }), stopAfterMs: fc.nat(8000) },
      { requiredKeys: ['unit', 'afterMs'] },
    );
    const settings = fc.record({
      timeoutMs: fc.constantFrom(50, 300, 1000, 3000),
      retries: fc.integer({ min: 0, max: 3 }),
      turnaroundMs: fc.constantFrom(0, 20),
    });
    await fc.assert(
      fc.asyncProperty(
        late,
        fc.integer({ min: 0, max: 60_000 }),
        fc.array(read, { minLength: 2, maxLength: 6 }),
        settings,
        fc.boolean(),
        async ({ first, later }, changesAt, reads, set, isMuteToUnknown) => {
          const lateMs = (end: number) => (end < changesAt ? first : later);
          const told = await readOften({ reads, settings: set, of: { lateMs, isMuteToUnknown } });
          told.forEach(({ values }, index) => {
            expect(values.filter((value) => value !== index + 1)).toEqual([]);
          });
        },
      ),
      { numRuns: 120 },
    );
  });
});

describe('a unit that owes answers', () => {
  const twice = [5, 5].map((unit) => ({ unit, afterMs: 0 }));
  const settings = { timeoutMs: 300, retries: 0 };

  test('is read whole as soon as it answers', async () => {
    const told = await readOften({ reads: twice, settings, options: { mishaps: { 1: 'silent' } } });
    expect(told.map(({ values }) => values)).toEqual([[], [2, 2, 2]]);
    expect(told[1]?.asked.slice(1)).toEqual(PLAIN);
  });

  test('may refuse what is asked first: everything else has come all the same', async () => {
    const told = await readOften({ reads: twice, settings, of: { most: 1 }, options: { mishaps: { 1: 'silent' } } });
    expect(told.map(({ values }) => values)).toEqual([[], [2, 2, 2]]);
  });

  test('that ignores what is asked first is asked something else, and in the end as ever', async () => {
    const reads = [0, 0, 0, 61_000].map((afterMs) => ({ unit: 5, afterMs }));
    const mishaps = { 1: 'silent', 2: 'silent', 3: 'silent' } as const;
    const told = await readOften({ reads, settings, options: { mishaps } });
    expect(told.map(({ values }) => values)).toEqual([[], [], [], [4, 4, 4]]);
    expect(new Set(told.slice(0, 3).flatMap(({ asked }) => asked)).size).toBe(3);
    expect(told[3]?.asked).toEqual(PLAIN);
  });

  test('makes no other unit wait', async () => {
    const reads = [5, 6].map((unit) => ({ unit, afterMs: 0 }));
    const told = await readOften({ reads, settings, options: { mishaps: { 1: 'silent' } } });
    expect(told[1]?.values).toEqual([2, 2, 2]);
    expect(told[1]?.asked).toEqual(PLAIN.map((hex) => hex.replace('05', '06')));
  });
});

test('on a line where nothing is owed, nothing more is asked', async () => {
  const reads = [5, 5, 6, 5].map((unit) => ({ unit, afterMs: 0 }));
  const told = await readOften({ reads });
  expect(told.map(({ asked }) => asked.length)).toEqual([3, 3, 3, 3]);
});

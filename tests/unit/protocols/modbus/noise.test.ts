import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Values } from '../../../../src/common/form.ts';
import { modbusDialogue } from '../../../../src/protocols/modbus/ask.ts';
import { crcFits, withCrc } from '../../../../src/protocols/modbus/crc.ts';
import { keptFrames } from '../../../../src/protocols/modbus/record-data.ts';
import '../../../../src/protocols/modbus/session.ts';
import type { Mishap, UnitSpec } from './independent-slave.ts';
import { onBus, type BusOptions, type OnBus } from './on-bus.ts';

interface Told {
  readonly errorCode: number;
  /** What the record says with a right check: register in hex, "030002", and its value, or the exception. */
  readonly said: readonly (readonly [register: string, value: number | 'refused'])[];
  readonly durationMs: number;
}

interface Plan {
  readonly address: string;
  readonly reads?: number;
  readonly settings?: Values;
  readonly options?: BusOptions;
  readonly of?: Partial<UnitSpec>;
  readonly lacks?: readonly string[];
}

const REGISTERS = ['03', '04'].flatMap((command) => [0, 1, 2, 3, 4, 5, 6].map((at) => `${command}000${at}`));

/** In the n-th read, counted from 1, each register has a value that no other one ever has. */
const valueOf = (register: string, read: number) => 100 * read + REGISTERS.indexOf(register);

function said(data: string): Told['said'] {
  return keptFrames(data).flatMap(({ command, address, frame }) => {
    if (!crcFits(frame)) return [];
    const name = (at: number) => `0${command}000${address + at}`;
    if ((frame[1] ?? 0) >= 0x80) return [[name(0), 'refused'] as const];
    const words = Array.from({ length: (frame[2] ?? 0) / 2 }, (_, at) => at);
    return words.map((at) => [name(at), 256 * (frame[3 + 2 * at] ?? 0) + (frame[4 + 2 * at] ?? 0)] as const);
  });
}

async function readNoisy({ address, reads = 1, settings = {}, options = {}, of = {}, lacks = [] }: Plan) {
  const spec: UnitSpec = { unit: 5, words: {}, ...of };
  return await onBus(
    [spec],
    async (bus: OnBus) => {
      const told: Told[] = [];
      for (let read = 1; read <= reads; read++) {
        const line = await bus.reopened(200);
        for (const key of REGISTERS) if (!lacks.includes(key)) spec.words[key] = valueOf(key, read);
        const began = bus.clock.monotonic();
        const { errorCode, data } = await modbusDialogue.read(line, { address, settings }, {});
        told.push({ errorCode, said: said(data), durationMs: bus.clock.monotonic() - began });
      }
      return told;
    },
    options,
  );
}

const FIVE = '5@9600[1,03:0000:5]';
const whole = (read: number) => [0, 1, 2, 3, 4].map((at) => [`03000${at}`, 100 * read + at]);

describe('bytes that are no answer', () => {
  const late = { lateMs: () => 685 };

  test.each<[string, readonly number[]]>([
    ['the unit number', [5]],
    ['unit and function', [5, 3]],
    ['the head of an answer', [5, 3, 2]],
    ['an answer without its check', [5, 3, 2, 0, 7]],
    ['the head of an answer to another request', [5, 3, 8, 0, 7]],
    ['a whole answer with a wrong check', [5, 3, 2, 0, 7, 1, 1]],
    ['a whole refusal with a wrong check', [5, 0x83, 2, 1, 1]],
    ['a request that was garbled on its way back', [5, 3, 0, 0, 0, 1, 1, 1]],
  ])('%s, while an answer is awaited: each register has its own value', async (_what, bytes) => {
    const noise = [{ request: 1, afterMs: 100, bytes }];
    const [told] = await readNoisy({ address: FIVE, of: late, options: { noise } });
    expect(told).toMatchObject({ errorCode: 0, said: whole(1) });
  });

  test('do not make the wait for the answer shorter', async () => {
    const requests = await onBus(
      [{ unit: 5, words: { '030000': 1 }, ...late }],
      async ({ line, requests }) => {
        await modbusDialogue.read(line, { address: '5@9600[1,03:0000:1]', settings: {} }, {});
        return requests;
      },
      { noise: [{ request: 1, afterMs: 100, bytes: [5] }] },
    );
    expect(requests).toHaveLength(1);
  });

  test('whatever they are, whenever they come, however late the answers are: no register has a value it never had', async () => {
    const frame = fc
      .tuple(fc.constantFrom(3, 4, 0x83, 0x84, 6), fc.constantFrom(1, 2, 3), fc.integer({ min: 9000, max: 9999 }))
      .map(([command, words, value]) =>
        command >= 0x80
          ? withCrc(Uint8Array.of(5, command, 2))
          : withCrc(Uint8Array.from([5, command, 2 * words, ...Array(words).fill([value >> 8, value & 255]).flat()])),
      );
    const bytes = fc.oneof(
      fc.constantFrom([5], [5, 3], [5, 4], [5, 0x83], [3], [0], [0xff, 0xff], [5, 5, 5]),
      // Its check never is among them: then it would be an answer.
      fc.tuple(frame, fc.nat()).map(([one, cut]) => [...one.subarray(0, 1 + (cut % (one.length - 2)))]),
      frame.map((one) => [...one.subarray(0, -1), (one.at(-1) ?? 0) ^ 1]),
      fc.array(fc.nat(255), { minLength: 1, maxLength: 12 }),
    );
    const ms = fc.oneof(fc.nat(120), fc.nat(900), fc.nat(3500));
    const noise = fc.array(fc.record({ request: fc.integer({ min: 1, max: 12 }), afterMs: ms, bytes }), {
      minLength: 1,
      maxLength: 8,
    });
    const mishap: fc.Arbitrary<Mishap> = fc.oneof(
      { weight: 4, arbitrary: fc.record({ lateMs: ms }) },
      fc.constantFrom<Mishap>('silent', 'wrong check', 'truncated', 'noise first'),
    );
    const mishaps = fc
      .array(mishap, { maxLength: 12 })
      .map((all) => Object.fromEntries(all.map((one, index) => [index + 1, one])));
    const address = fc.constantFrom(
      FIVE,
      '5@9600[2,03:0000:5]',
      '5@9600[1,03:0000:2,04:0000:2,03:0002:2]',
      '5@9600[3,03:0000:5,04:0001:3]',
    );
    const settings = fc.record({
      timeoutMs: fc.constantFrom(50, 300, 1000),
      retries: fc.integer({ min: 0, max: 3 }),
      turnaroundMs: fc.constantFrom(0, 20),
    });
    const lacks = fc.subarray(['030001', '030003', '030005', '040002'], { maxLength: 2 });
    const of = fc.record({ lateMs: ms.map((late) => () => late), isMuteToUnknown: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ address, settings, lacks, of, reads: fc.integer({ min: 1, max: 4 }) }),
        noise,
        mishaps,
        fc.boolean(),
        async (plan, stray, went, isPunctual) => {
          const of = isPunctual ? {} : plan.of;
          const told = await readNoisy({ ...plan, of, options: { noise: stray, mishaps: went } });
          told.forEach(({ said }, index) => {
            const wrong = said.filter(([register, value]) => value !== 'refused' && value !== valueOf(register, index + 1));
            expect(wrong).toEqual([]);
          });
        },
      ),
      { numRuns: 150 },
    );
  });
});

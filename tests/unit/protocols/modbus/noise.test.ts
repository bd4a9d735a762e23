import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Values } from '../../../../src/common/form.ts';
import { modbusChanger } from '../../../../src/protocols/modbus/changer.ts';
import { modbusDialogue } from '../../../../src/protocols/modbus/ask.ts';
import { crcFits, withCrc } from '../../../../src/protocols/modbus/crc.ts';
import { keptFrames } from '../../../../src/protocols/modbus/record-data.ts';
import { modbusSearcher } from '../../../../src/protocols/modbus/searcher.ts';
import '../../../../src/protocols/modbus/session.ts';
import type { Found } from '../../../../src/protocols/search.ts';
import type { Mishap, UnitSpec } from './independent-slave.ts';
import { onBus, type BusOptions, type Noise, type OnBus } from './on-bus.ts';

interface Told {
  readonly errorCode: number;
  /** What the record says with a right check: register in hex, "030002", and its value, or the exception. */
  readonly said: readonly (readonly [register: string, value: number | 'refused'])[];
}

interface Plan {
  readonly address: string;
  readonly reads?: number;
  readonly settings?: Values;
  readonly options?: BusOptions;
  readonly of?: Partial<UnitSpec>;
  readonly lacks?: readonly string[];
  readonly stopAfterMs?: number;
}

const REGISTERS = ['03', '04'].flatMap((command) => [0, 1, 2, 3, 4, 5, 6].map((at) => `${command}000${at}`));

/** In the n-th read, counted from 1, each register has a value that no other one ever has. */
const valueOf = (register: string, read: number) => 100 * read + REGISTERS.indexOf(register);

function said(data: string): Told['said'] {
  return keptFrames(data).flatMap(({ command, address, frame }): Told['said'] => {
    if (!crcFits(frame)) return [];
    const name = (at: number) => `0${command}000${address + at}`;
    if ((frame[1] ?? 0) >= 0x80) return [[name(0), 'refused']];
    const words = Array.from({ length: (frame[2] ?? 0) / 2 }, (_, at) => at);
    return words.map((at) => [name(at), 256 * (frame[3 + 2 * at] ?? 0) + (frame[4 + 2 * at] ?? 0)]);
  });
}

async function readNoisy(plan: Plan): Promise<readonly Told[]> {
  const { address, reads = 1, settings = {}, options = {}, of = {}, lacks = [], stopAfterMs } = plan;
  const spec: UnitSpec = { unit: 5, words: {}, ...of };
  return await onBus(
    [spec],
    async (bus: OnBus) => {
      const told: Told[] = [];
      for (let read = 1; read <= reads; read++) {
        const line = await bus.reopened(200);
        for (const key of REGISTERS) if (!lacks.includes(key)) spec.words[key] = valueOf(key, read);
        const over = new AbortController();
        if (stopAfterMs !== undefined) void bus.clock.sleep(stopAfterMs, over.signal).then(bus.stop, () => undefined);
        const { errorCode, data } = await modbusDialogue.read(line, { address, settings }, {});
        over.abort();
        told.push({ errorCode, said: said(data) });
      }
      return told;
    },
    options,
  );
}

const ms = fc.oneof(fc.nat(120), fc.nat(900), fc.nat(3500));

/** Answers that nobody gave, cut before their check, with a wrong one; and anything at all. */
const invented = fc
  .record({
    command: fc.constantFrom(3, 4, 0x83, 0x84, 6),
    words: fc.integer({ min: 1, max: 3 }),
    value: fc.integer({ min: 9000, max: 9999 }),
  })
  .map(({ command, words, value }) => {
    const data = Array.from({ length: 2 * words }, (_, at) => (at % 2 === 0 ? value >> 8 : value & 0xff));
    return withCrc(Uint8Array.from(command < 0x80 ? [5, command, data.length, ...data] : [5, command, 2]));
  });
const stray = fc.oneof(
  fc.constantFrom([5], [5, 3], [5, 4], [5, 0x83], [3], [0], [0xff, 0xff], [5, 5, 5]),
  fc.tuple(invented, fc.nat()).map(([frame, cut]) => [...frame.subarray(0, 1 + (cut % (frame.length - 2)))]),
  // Every bit of its check is wrong: what it meets on the wire must not put it right.
  invented.map((frame) => Array.from(frame, (byte, at) => (at < frame.length - 2 ? byte : byte ^ 0xff))),
  fc.array(fc.nat(255), { minLength: 1, maxLength: 12 }),
);
const noiseAt = (most: number): fc.Arbitrary<readonly Noise[]> =>
  fc.array(fc.record({ request: fc.integer({ min: 1, max: most }), afterMs: ms, bytes: stray }), {
    minLength: 1,
    maxLength: 8,
  });
const wentWrong = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ lateMs: ms }) },
      { weight: 1, arbitrary: fc.constantFrom<Mishap>('silent', 'wrong check', 'truncated', 'noise first') },
    ),
    { maxLength: 12 },
  )
  .map((all): Readonly<Record<number, Mishap>> => Object.fromEntries(all.map((one, index) => [index + 1, one])));

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

  test('nor is a refusal that comes late taken for that of what was asked after it', async () => {
    const lateMs = [1300, 1000, 900, 900, 900, 900, 900, 900];
    const mishaps = Object.fromEntries(lateMs.map((ms, index) => [index + 1, { lateMs: ms }]));
    const plan = { address: '5@9600[1,03:0003:3]', lacks: ['030003'], settings: { retries: 0 } };
    const [, told] = await readNoisy({ ...plan, reads: 2, options: { mishaps } });
    expect(told?.said).toEqual([
      ['030003', 'refused'],
      ['030004', 204],
      ['030005', 205],
    ]);
  });

  test('after a refusal, what the unit did answer is asked first', async () => {
    const asked = await onBus(
      [{ unit: 5, words: { '030000': 1, '030001': 2, '030003': 4 } }],
      async ({ line, requests }) => {
        const target = { address: '5@9600[2,03:0000:2,03:0005:1,03:0003:1]', settings: {} };
        await modbusDialogue.read(line, target, {});
        await modbusDialogue.read(line, { ...target, address: '5@9600[1,03:0003:1]' }, {});
        return requests.map(({ hex }) => hex.slice(0, 12));
      },
      { mishaps: { 3: 'wrong check', 4: 'silent', 5: 'silent' } },
    );
    expect(asked.slice(5)).toEqual(['050300000002', '050300030001']);
  });

  test('whatever they are, whenever they come, however late the answers are: no register has a value it never had', async () => {
    const plans = fc.record(
      {
        address: fc.constantFrom(
          FIVE,
          '5@9600[2,03:0000:5]',
          '5@9600[1,03:0000:2,04:0000:2,03:0002:2]',
          '5@9600[3,03:0000:5,04:0001:3]',
        ),
        settings: fc.record({
          timeoutMs: fc.constantFrom(50, 300, 1000),
          retries: fc.integer({ min: 0, max: 3 }),
          turnaroundMs: fc.constantFrom(0, 20),
        }),
        lacks: fc.subarray(['030001', '030003', '030005', '040002'], { maxLength: 2 }),
        of: fc.record({
          lateMs: fc.oneof(fc.constant(0), ms).map((late) => () => late),
          isMuteToUnknown: fc.boolean(),
        }),
        reads: fc.integer({ min: 1, max: 4 }),
        stopAfterMs: fc.nat(4000),
      },
      { requiredKeys: ['address', 'settings', 'lacks', 'of', 'reads'] },
    );
    await fc.assert(
      fc.asyncProperty(plans, noiseAt(12), wentWrong, async (plan, noise, mishaps) => {
        const told = await readNoisy({ ...plan, options: { noise, mishaps } });
        const most = Number(plan.address.charAt(7));
        const mayLack = (register: string) =>
          plan.lacks.some(
            (one) => one >= register && one < register.slice(0, -1) + String(Number(register.at(-1)) + most),
          );
        told.forEach(({ said }, index) => {
          const wrong = said.filter(([register, value]) =>
            value === 'refused' ? !mayLack(register) : value !== valueOf(register, index + 1),
          );
          expect(wrong).toEqual([]);
        });
      }),
      { numRuns: 150 },
    );
  });
});

describe('where others than a read ask', () => {
  test('a change says only of a device that it has a value where it does, and is sent once', async () => {
    await fc.assert(
      fc.asyncProperty(noiseAt(16), wentWrong, fc.constantFrom(100, 1000), async (noise, mishaps, timeoutMs) => {
        const spec: UnitSpec = { unit: 5, words: { '030010': 17, '030011': 18 } };
        const task = {
          id: 'register',
          address: '5@9600',
          values: { register: '0010', value: 20 },
          settings: { turnaroundMs: 0, timeoutMs },
        };
        await onBus(
          [spec],
          async ({ line, requests }) => {
            // Several proofs: what one of them owes is not the answer to the next.
            for (let turn = 0; turn < 3; turn++) {
              const { plan } = await modbusChanger.prove(line, task);
              if (!plan) continue;
              expect(plan.proof['old']).toBe('0011');
              const { errorCode } = await modbusChanger.change(line, task, plan);
              if (errorCode === 0) expect(spec.words['030010']).toBe(20);
              break;
            }
            expect(requests.filter(({ hex }) => hex.startsWith('0506')).length).toBeLessThanOrEqual(1);
          },
          { noise, mishaps },
        );
      }),
      { numRuns: 60 },
    );
  });

  const units: readonly UnitSpec[] = [
    // Each is the sign of a model where the next one is asked for.
    { unit: 5, words: { '030000': 71, '03000B': 32, '03FC02': 71 } },
    { unit: 6, words: { '030000': 1 }, objects: ['ACME', 'X1'] },
  ];
  const searched = (options: BusOptions) =>
    onBus(
      units,
      async ({ line, requests }) => {
        const values = { rates: '9600', framings: '8N1', units: '5-7' };
        let meters: readonly Found[] = [];
        for await (const event of modbusSearcher.search(line, { id: 'units', values, settings: {} }, {}))
          if (event.kind === 'ended') meters = event.meters;
        return { meters, asked: requests.map(({ hex }) => hex) };
      },
      options,
    );

  test('noise before the sign of a model makes none of what comes late', async () => {
    const clean = await searched({});
    const request = 1 + clean.asked.findIndex((hex) => hex.startsWith('0503000B0001'));
    const noise = [request, request + 1].map((request) => ({ request, afterMs: 50, bytes: [5] }));
    const { meters } = await searched({ noise, mishaps: { [request]: { lateMs: 1000 } } });
    expect(clean.meters.map(({ name }) => name)).toEqual(['Modbus device at 5', 'Modbus device at 6']);
    expect(meters.map(({ name }) => name)).toEqual(['Modbus device at 5', 'Modbus device at 6']);
  });

  test('a search finds nobody who is not there, and takes nobody for another', async () => {
    await fc.assert(
      fc.asyncProperty(noiseAt(30), wentWrong, async (noise, mishaps) => {
        const { meters } = await searched({ noise, mishaps });
        for (const { name, facts } of meters) {
          expect(['Modbus device at 5', 'Modbus device at 6']).toContain(name);
          expect(facts.join().includes('ACME') && name.endsWith('5')).toBe(false);
        }
      }),
      { numRuns: 15 },
    );
  });
});

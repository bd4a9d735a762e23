import { describe, expect, test } from 'vitest';
import { fits, type Values } from '../../../../src/common/form.ts';
import { MeterError } from '../../../../src/common/meter-error.ts';
import type { ChangeResult } from '../../../../src/protocols/change.ts';
import { modbusChanger } from '../../../../src/protocols/modbus/changer.ts';
import { modbusChanges } from '../../../../src/protocols/modbus/tasks.ts';
import type { Mishap, UnitSpec } from './independent-slave.ts';
import { onBus, type BusOptions } from './on-bus.ts';

const device = (): UnitSpec => ({
  unit: 9,
  objects: ['ACME', 'X1'],
  words: { '030020': 7, '030021': 8, '010004': 0, '010005': 1, '010006': 0 },
});
const task = (id: string, values: Values) => ({ id, address: '9@9600', values, settings: { turnaroundMs: 0 } });

interface Changed {
  readonly proved: ChangeResult;
  readonly result: ChangeResult | undefined;
  readonly writes: readonly string[];
}

/** Proves, lets `between` happen, and makes the change. */
async function change(
  unit: UnitSpec,
  { id, ...rest }: ReturnType<typeof task>,
  options: BusOptions = {},
  between: () => void = () => undefined,
): Promise<Changed> {
  return await onBus(
    [unit],
    async ({ line, requests }) => {
      const proved = await modbusChanger.prove(line, { id, ...rest });
      const writes = () =>
        requests.map(({ hex }) => hex).filter((hex) => ['05', '06', '0F', '10'].includes(hex.slice(2, 4)));
      // A proof writes nothing.
      expect(writes()).toEqual([]);
      between();
      const result = proved.plan && (await modbusChanger.change(line, { id, ...rest }, proved.plan));
      return { proved, result, writes: writes() };
    },
    options,
  );
}

test.each<[string, Values, Record<string, number>, string]>([
  ['register', { register: '0020', value: 1000 }, { '030020': 1000 }, '0906002003E8'],
  [
    'registers',
    { register: '20', words: '41A0 0001' },
    { '030020': 0x41a0, '030021': 1 },
    '09100020000204' + '41A00001',
  ],
  ['coil', { register: '0x4', on: 'on' }, { '010004': 1 }, '09050004FF00'],
  ['coils', { register: '4', bits: '101' }, { '010004': 1, '010005': 0, '010006': 1 }, '090F00040003' + '0105'],
])('%s: shown, proved, sent once, read back', async (id, values, after, frame) => {
  const unit = device();
  const { proved, result, writes } = await change(unit, task(id, values));
  expect(proved.plan?.meter).toContain('unit 9, ACME');
  expect(proved.plan?.frames.filter(({ isCommand }) => isCommand).map(({ hex }) => hex.slice(0, -4))).toEqual([frame]);
  expect(proved.plan?.frames.find(({ isCommand }) => isCommand)?.text).toContain('becomes');
  expect(result).toMatchObject({ errorCode: 0 });
  expect(result?.headline).toContain('The device now has');
  expect(writes.map((hex) => hex.slice(0, -4))).toEqual([frame]);
  expect(unit.words).toMatchObject(after);
});

test.each([0, 5, 29, 31, 60])(
  'an answer that repeats the request is none of an echo, %d ms after it',
  async (reactionMs) => {
    const { result } = await change({ ...device(), reactionMs }, task('register', { register: '20', value: 3 }));
    expect(result?.errorCode).toBe(0);
  },
);

test('an adapter that echoes is not taken for a confirmation', async () => {
  const values = { register: '20', value: 3 };
  const heard = await change(device(), task('register', values), { faults: ['echo'] });
  expect(heard.result?.errorCode).toBe(0);
  const silent = await change(device(), task('register', values), { faults: ['echo'], mishaps: { 9: 'silent' } });
  expect(silent.result).toMatchObject({
    errorCode: 0,
    message: 'It did not confirm the command, and has the new value.',
  });
  expect(silent.writes).toHaveLength(1);
});

describe('what goes wrong', () => {
  const values = { register: '20', value: 3 };
  /** Requests: who, its second part, old, again; the same once more; then the write, then what it has. */
  const nth = async (unit: UnitSpec) =>
    await onBus([unit], async ({ line, requests }) => {
      await modbusChanger.prove(line, task('register', values));
      return requests.length;
    });

  test.each<[string, Mishap, RegExp, number]>([
    ['a silence', 'silent', /did not confirm the command, and has the new value/, 0],
    ['a damaged answer', 'wrong check', /did not confirm the command, and has the new value/, 0],
    ['a refusal', { exception: 2 }, /refuses 06 at 0020/, 196640],
  ])('%s to the command repeats nothing', async (_what, mishap, message, code) => {
    const proofs = await nth(device());
    const { result, writes } = await change(device(), task('register', values), {
      mishaps: { [2 * proofs + 1]: mishap },
    });
    expect(writes).toHaveLength(1);
    expect(result?.errorCode).toBe(code);
    expect(result?.message).toMatch(message);
    if (code !== 0) expect(result?.headline).toBe('Nothing was changed.');
  });

  test('a device that takes the command and keeps its value', async () => {
    const { result } = await change({ ...device(), ignoresWrites: true }, task('register', values));
    expect(result?.errorCode).toBe(196640);
    expect(result?.headline).toBe('It is not sure what the device has now.');
    expect(result?.message).toBe('It confirmed the command, and holds 0007 (7) as before.');
  });

  test('another value than was shown, and another device, stop it before the command', async () => {
    const unit = device();
    const other = await change(unit, task('register', values), {}, () => (unit.words['030020'] = 99));
    expect([other.result?.errorCode, other.writes]).toEqual([196640, []]);
    const objects = ['ACME', 'X1'];
    const swapped = await change({ ...device(), objects }, task('register', values), {}, () => (objects[1] = 'X2'));
    expect([swapped.result?.errorCode, swapped.writes]).toEqual([196640, []]);
    expect(swapped.result?.hint).toContain('ACME');
  });

  test('nobody there, registers that are not there, or garbage: no plan', async () => {
    for (const [unit, mishaps] of [
      [{ ...device(), unit: 8 }, {}],
      [{ ...device(), words: {} }, {}],
      [device(), { 1: 'wrong check' }],
    ] as const) {
      const { proved, result } = await change(unit, task('register', values), { mishaps });
      expect(proved.errorCode).not.toBe(0);
      expect(proved.headline).toBe('Nothing was changed.');
      expect(result).toBeUndefined();
    }
  });
});

test('what can not be sent is refused in words', () => {
  for (const wrong of [
    task('register', { register: '20' }),
    task('register', { value: 3 }),
    task('registers', { register: 'FFFF', words: '00000000' }),
    task('colour', { register: '20' }),
    { ...task('register', { register: '20', value: 3 }), address: '0@9600' },
  ]) {
    expect(() => modbusChanger.preview(wrong)).toThrow(MeterError);
  }
});

test('the forms take what the changes take', () => {
  const field = (id: string, key: string) =>
    modbusChanges.find((form) => form.id === id)?.fields.find((one) => one.key === key);
  const takes = (id: string, key: string, text: string) => {
    const one = field(id, key);
    return one !== undefined && fits(one, text);
  };
  expect(['20', '0x1F', 'FFFF', '10000', 'G'].map((text) => takes('register', 'register', text))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(['41A0 0000', '41A00000', '41A', '41A0,0001'].map((text) => takes('registers', 'words', text))).toEqual([
    true,
    true,
    false,
    true,
  ]);
});

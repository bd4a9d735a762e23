import { afterEach, describe, expect, it, vi } from 'vitest';
import fc from 'fast-check';
import { fromLatin1, toHex } from '../../../../src/common/bytes.ts';
import type { Values } from '../../../../src/common/form.ts';
import { Secret } from '../../../../src/common/secret.ts';
import type { ChangeResult } from '../../../../src/protocols/change.ts';
import { integers, type Data } from '../../../../src/protocols/dlms/axdr/data.ts';
import { dataIn } from '../../../../src/protocols/dlms/axdr/read-data.ts';
import { dataBytes } from '../../../../src/protocols/dlms/axdr/write-data.ts';
import { dlmsChanger } from '../../../../src/protocols/dlms/change/changer.ts';
import { typedValue } from '../../../../src/protocols/dlms/change/typed-value.ts';
import { setWhole } from '../../../../src/protocols/dlms/set-whole.ts';
import { changeable } from '../../../../src/protocols/dlms/simulated/changeable.ts';
import { household } from '../../../../src/protocols/dlms/simulated/household.ts';
import { meterAt } from '../../../../src/protocols/dlms/simulated/secondary.ts';
import type { MeterSpec } from '../../../../src/protocols/dlms/simulated/server.ts';
import { onLine } from '../on-line.ts';

const SETTINGS = { baudRate: 9600, dataBits: 8, stopBits: 1, parity: 'none' } as const;
const demo = (): MeterSpec => ({ ...changeable(household), password: '12345678' });

interface Changed {
  readonly proved: ChangeResult;
  readonly result: ChangeResult | undefined;
}

async function change(
  spec: MeterSpec,
  { id, values }: { readonly id: string; readonly values: Values },
  { settings = { client: 32 }, between }: { readonly settings?: Values; readonly between?: () => void } = {},
): Promise<Changed> {
  const task = { id, address: '1/17@9600', values, settings };
  const access = {
    secret: (name: string) =>
      Promise.resolve(name === 'association password' ? new Secret(fromLatin1('12345678')) : undefined),
  };
  return await onLine(meterAt(spec, SETTINGS), async ({ line }) => {
    const proved = await dlmsChanger.prove(line, task, access);
    between?.();
    return { proved, result: proved.plan && (await dlmsChanger.change(line, task, proved.plan, access)) };
  });
}

const text = (value: string) => ({ id: 'set', values: { attribute: '1:0-0:96.13.0:2', value } });
const commands = ({ result }: Changed) => result?.frames.filter(({ isCommand }) => isCommand) ?? [];

describe('an attribute that is written', () => {
  it('keeps its type, is shown as text and bytes, sent once and read back', async () => {
    const changed = await change(demo(), text('"Hello"'));
    expect(changed.proved).toMatchObject({ errorCode: 0, message: '' });
    expect(changed.proved.plan?.meter).toBe(
      'OHU0000000081402, number 00081402; 1:0-0:96.13.0*255:2: “Meter of a demonstration” (octet-string)',
    );
    const planned = changed.proved.plan?.frames.find(({ isCommand }) => isCommand);
    expect(planned).toMatchObject({
      hex: 'C101C100010000600D00FF0200090548656C6C6F',
      text: 'write 1:0-0:96.13.0*255:2: “Meter of a demonstration” (octet-string) becomes “Hello” (octet-string)',
    });
    expect(changed.result).toMatchObject({
      errorCode: 0,
      headline: 'The meter now has “Hello” (octet-string) in 1:0-0:96.13.0*255:2.',
    });
    expect(commands(changed)).toEqual([expect.objectContaining({ answer: '✓ taken' })]);
    expect(commands(changed)[0]?.hex).toMatch(/^C101C.00010000600D00FF0200090548656C6C6F$/);
    // Before the association nothing is kept of what went over the link.
    expect(JSON.stringify(changed)).not.toContain(toHex(fromLatin1('12345678')));
  });

  it.each([
    ['set', { attribute: '15:0-0:40.0.0:7', value: '"87654321"' }],
    ['act', { method: '15:0-0:40.0.0:2', parameter: '0904AABBCCDD' }],
    ['act', { method: '64:0-0:43.0.0:2', parameter: '0904AABBCCDD' }],
  ])('is no secret: %s %j is refused before anything is shown', (id, values) => {
    const task = { id, address: '1/17@9600', values, settings: {} };
    for (const look of [dlmsChanger.preview, dlmsChanger.title]) expect(() => look(task)).toThrow(/writes none/);
  });

  it('that the meter refuses is told with its reason and what it has', async () => {
    const changed = await change(demo(), { id: 'set', values: { attribute: '1:0-0:42.0.0:2', value: '"X"' } });
    expect(changed.result?.headline).toBe('Nothing was changed.');
    expect(changed.result?.errorCode).not.toBe(0);
    expect(changed.result?.message).toMatch(/^The meter refused it: .*; it has “OHU0000000081402”/);
    expect(commands(changed)).toHaveLength(1);
  });

  it('is not written where what is there is another type, is not readable, or changed in between', async () => {
    const number = await change(demo(), { id: 'set', values: { attribute: '3:1-0:1.8.0:2', value: 'abc' } });
    expect(number.proved).toMatchObject({ errorCode: 1, headline: 'Nothing was changed.' });
    const unknown = await change(demo(), { id: 'set', values: { attribute: '1:0-0:99.99.9:2', value: '1' } });
    expect(unknown.proved.message).toContain('does not give 1:0-0:99.99.9*255:2');
    const spec = demo();
    const message = spec.objects.find(({ name }) => toHex(name) === '0000600D00FF');
    const changed = await change(spec, text('"Hello"'), {
      between: () => void message?.write?.(2, { type: 'octet-string', bytes: fromLatin1('Other') }, 0),
    });
    expect(changed.result?.headline).toBe('Nothing was changed.');
    expect(changed.result?.message).toContain('“Other” (octet-string) now');
    expect(commands(changed)).toEqual([]);
  });

  it('is refused to the public client, with what it may not', async () => {
    const changed = await change(demo(), text('"X"'), { settings: {} });
    expect(changed.proved.headline).toBe('Nothing was changed.');
    expect(changed.proved.errorCode).not.toBe(0);
  });
});

describe('a method', () => {
  it('is executed once, and what shows it is read before and after', async () => {
    const values = { method: '70:0-0:96.3.10:1', parameter: '0F00', shows: '70:0-0:96.3.10:2' };
    const changed = await change(demo(), { id: 'act', values });
    expect(changed.proved.plan?.meter).toContain('“yes” (boolean)');
    expect(changed.proved.plan?.frames.find(({ isCommand }) => isCommand)?.hex).toBe('C301C10046000060030AFF01010F00');
    expect(changed.result).toMatchObject({ errorCode: 0, headline: 'The meter took the command.' });
    expect(changed.result?.message).toContain('“no” (boolean), before “yes” (boolean)');
    expect(commands(changed)).toHaveLength(1);
  });

  it('that the meter refuses, and executes, is not said to have changed nothing', async () => {
    const spec = demo();
    const objects = spec.objects.map((object) => {
      const { act } = object;
      if (object.classId !== 70 || !act) return object;
      return { ...object, act: (...how: Parameters<typeof act>) => act(...how) + 3 };
    });
    const values = { method: '70:0-0:96.3.10:1', parameter: '0F00', shows: '70:0-0:96.3.10:2' };
    const changed = await change({ ...spec, objects }, { id: 'act', values });
    expect(changed.result?.headline).toBe('It is not sure what the meter has now.');
    expect(changed.result?.message).toContain('“no” (boolean), before “yes” (boolean)');
  });

  it('that the meter refuses is told with its reason', async () => {
    const changed = await change(demo(), { id: 'act', values: { method: '70:0-0:96.3.10:7' } });
    expect(changed.result?.headline).toBe('Nothing was changed.');
    expect(changed.result?.message).toMatch(/^The meter refused it: /);
  });
});

describe('the clock', () => {
  it.each(['set', 'shift'])('is shown with how far it is off, set and read back: %s', async (manner) => {
    const changed = await change(demo(), { id: 'clock', values: { manner } });
    expect(changed.proved.plan?.meter).toMatch(/its clock says 20\d\d-.*, 4[12]\.\d s behind \(± 0\.\d s\)/);
    expect(changed.result).toMatchObject({ errorCode: 0, headline: 'The clock of the meter is set.' });
    expect(changed.result?.message).toContain('nobody has checked');
    expect(commands(changed)).toHaveLength(1);
    // Twelve bytes in their own form: deviation and status as they were.
    if (manner === 'set') expect(commands(changed)[0]?.hex).toMatch(/^C101C.00080000010000FF0200090C.{18}FFC400$/);
  });
});

describe('the clock of a meter that', () => {
  afterEach(() => vi.unstubAllEnvs());

  /** With its twelve bytes made into others. */
  const clocked = (off: number, made: (bytes: Uint8Array) => Uint8Array): MeterSpec => {
    const spec = demo();
    const objects = spec.objects.map((object) => {
      const read = object.attributes[2];
      if (object.classId !== 8 || !read) return object;
      const shown = (time: number): Data => {
        const data = read(time + off);
        return data.type === 'octet-string' ? { ...data, bytes: made(data.bytes) } : data;
      };
      return { ...object, attributes: { ...object.attributes, 2: shown } };
    });
    return { ...spec, objects };
  };

  it.each(['set', 'shift'])('was right before, and refuses to be changed, is not called set: %s', async (manner) => {
    const spec = { ...household, password: '12345678' };
    const changed = await change(spec, { id: 'clock', values: { manner } });
    expect(changed.proved.plan?.meter).toContain('(UTC+01:00), right');
    expect(changed.result?.errorCode).not.toBe(0);
    expect(changed.result?.headline).toBe('Nothing was changed.');
  });

  it('says that it was wrong is not told so again', async () => {
    const spec = clocked(0, (bytes) => Uint8Array.of(...bytes.subarray(0, 11), 0x83));
    const changed = await change(spec, { id: 'clock', values: {} });
    expect(commands(changed)[0]?.hex).toMatch(/FFC480$/);
  });

  it('was not put back in autumn is an hour ahead', async () => {
    vi.stubEnv('TZ', 'Europe/Berlin');
    const spec = clocked(3_642_000, (bytes) => Uint8Array.of(...bytes.subarray(0, 9), 0x80, 0, 0));
    const changed = await change(spec, { id: 'clock', values: {} });
    expect(changed.proved.plan?.meter).toMatch(/\(UTC\+01:00\), (60 min 0 s|59 min 59 s) ahead/);
  });
});

it('octets are no text, and text no octets, where they could be either', () => {
  const eight: Data = { type: 'octet-string', bytes: fromLatin1('87654321') };
  expect(() => typedValue('11111111', eight)).toThrow('in quotes');
  expect(typedValue('"11111111"', eight)).toEqual({ type: 'octet-string', bytes: fromLatin1('11111111') });
  expect(typedValue('3131313131313131', eight)).toEqual({ type: 'octet-string', bytes: fromLatin1('11111111') });
  expect(() => typedValue('"5 €"', eight)).toThrow('byte of its own');
  expect(() => typedValue('€', { type: 'visible-string', bytes: new Uint8Array(1) })).toThrow('byte of its own');
  expect(() => typedValue('07EA', { type: 'date', bytes: new Uint8Array(5) })).toThrow('5 bytes');
});

it('values are written in the type that is there, or not at all', () => {
  const bytes = (value: Data) => toHex(dataBytes(value));
  expect(bytes(typedValue('1000', { type: 'uint16', value: 1 }))).toBe('1203E8');
  expect(bytes(typedValue('-5', { type: 'int8', value: 1 }))).toBe('0FFB');
  expect(bytes(typedValue('on', { type: 'boolean', value: false }))).toBe('0301');
  expect(bytes(typedValue('0101', { type: 'bit-string', length: 4, bytes: Uint8Array.of(0) }))).toBe('040450');
  expect(bytes(typedValue('0x02020F00160A', dataIn(Uint8Array.of(2, 0)).data))).toBe('02020F00160A');
  expect(() => typedValue('70000', { type: 'uint16', value: 1 })).toThrow('0 to 65535');
  expect(() => typedValue('0x1101', { type: 'uint16', value: 1 })).toThrow('uint16');
  expect(() => typedValue('1.5', { type: 'uint16', value: 1 })).toThrow('whole number');
  fc.assert(
    fc.property(fc.constantFrom(...integers), fc.bigInt({ min: -(2n ** 33n), max: 2n ** 33n }), (row, number) => {
      const half = 1n << BigInt(8 * row.bytes - 1);
      const fits = row.signed ? number >= -half && number < half : number >= 0n && number < 2n * half;
      const write = () => bytes(typedValue(String(number), { type: row.type, value: 0 }));
      if (fits)
        expect(dataIn(dataBytes(typedValue(String(number), { type: row.type, value: 0 }))).data).toEqual({
          type: row.type,
          value: Number(number),
        });
      else expect(write).toThrow();
    }),
  );
});

it('a value that is longer than a message goes in blocks, and a refusal ends it', async () => {
  const attribute = { classId: 1, name: new Uint8Array(6), number: 2 };
  const value = Uint8Array.from({ length: 200 }, (_, i) => i);
  const blocks: number[] = [];
  const parts: number[] = [];
  const result = await setWhole({ attribute, value, mostBytes: 100 }, (request) => {
    if (request.kind === 'normal') return Promise.reject(new Error('whole'));
    blocks.push(request.block);
    parts.push(...request.raw);
    return Promise.resolve(
      request.isLast ? { kind: 'last', result: 0, block: request.block } : { kind: 'block', block: request.block },
    );
  });
  expect(result).toBe(0);
  expect(blocks).toEqual([1, 2, 3]);
  expect(parts).toEqual([...value]);
  let asked = 0;
  const refused = await setWhole({ attribute, value, mostBytes: 100 }, () => {
    asked++;
    return Promise.resolve({ kind: 'normal', result: 3 });
  });
  expect([refused, asked]).toEqual([3, 1]);
});

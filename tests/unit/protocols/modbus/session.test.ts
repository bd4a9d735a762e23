import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Values } from '../../../../src/common/form.ts';
import type { Readout } from '../../../../src/common/readout.ts';
import { frameRestMs } from '../../../../src/protocols/modbus/settings.ts';
import { modbusDialogue } from '../../../../src/protocols/modbus/ask.ts';
import { decodeModbus } from '../../../../src/protocols/modbus/decode.ts';
import '../../../../src/protocols/modbus/session.ts';
import { floats, type Mishap, type UnitSpec } from './independent-slave.ts';
import { onBus, type BusOptions, type OnBus } from './on-bus.ts';
import { shown } from './shown.ts';

const plain: UnitSpec = {
  unit: 5,
  words: { '030010': 17, '030011': 0xfffe, '040000': 1, '010000': 1, '010001': 0, '010002': 1 },
};

async function read(
  units: readonly UnitSpec[],
  address: string,
  settings: Values = {},
  options: BusOptions = {},
  during: (bus: OnBus) => void = () => undefined,
): Promise<{ readonly readout: Readout; readonly asked: readonly string[] }> {
  return await onBus(
    units,
    async (bus) => {
      during(bus);
      const readout = await modbusDialogue.read(bus.line, { address, settings }, {});
      expect(bus.dropped).toEqual([]);
      return { readout, asked: bus.requests.map(({ hex }) => hex) };
    },
    options,
  );
}

test('each block is one request as large as is given at once, and one part of the record', async () => {
  const { readout, asked } = await read([plain], '5@9600[2,03:0010:2,04:0000:1,01:0000:3]');
  expect(asked.map((one) => one.slice(0, 12))).toEqual([
    '050300100002',
    '050400000001',
    '050100000002',
    '050100020001',
  ]);
  expect(readout.errorCode).toBe(0);
  expect(readout.identification).toBe('');
  expect(readout.data.split(',').map((part) => part.slice(0, 10))).toEqual([
    '5:03:0010:',
    '5:04:0000:',
    '5:01:0000:',
    '5:01:0002:',
  ]);
  expect(readout.data).toMatch(/^5:03:0010:0503040011FFFE[0-9A-F]{4},/);
});

test('one register at once is what the form says where the address says nothing', async () => {
  const { asked } = await read([plain], '5@9600[03:0010:2]');
  expect(asked.map((one) => one.slice(0, 12))).toEqual(['050300100001', '050300110001']);
});

test('the line rests 3.5 characters at least, and as long as is set', async () => {
  for (const [settings, least] of [
    [{ turnaroundMs: 0 }, frameRestMs(1200)],
    [{ turnaroundMs: 300 }, 300],
  ] as const) {
    await onBus(
      [plain],
      async ({ line, requests }) => {
        await modbusDialogue.read(line, { address: '5@1200[1,03:0010:2]', settings }, {});
        const sent = line.trace.entries.filter(({ direction }) => direction === 'sent');
        const received = line.trace.entries.filter(({ direction }) => direction === 'received');
        expect(requests).toHaveLength(2);
        expect(
          (sent[1]?.time ?? 0) - (received.findLast(({ time }) => time < (sent[1]?.time ?? 0))?.time ?? 0),
        ).toBeGreaterThanOrEqual(least);
      },
      { baudRate: 1200 },
    );
  }
});

describe('what goes wrong once is asked again, and does no harm', () => {
  test.each<Mishap>(['silent', 'wrong check', 'truncated', 'late', { exception: 6 }, { exception: 5 }])(
    '%j',
    async (mishap) => {
      const { readout } = await read([plain], '5@9600[2,03:0010:2,04:0000:1]', {}, { mishaps: { 1: mishap } });
      expect(readout.errorCode).toBe(0);
      expect(decodeModbus({ ...readout }).map(shown)).toEqual([
        'Holding register 17',
        'Holding register 65534',
        'Input register 1',
      ]);
    },
  );
  test.each<Mishap>(['other unit first', 'noise first', 'foreign request first'])(
    '%j is no reason to',
    async (mishap) => {
      const { readout, asked } = await read([plain], '5@9600[2,03:0010:2]', {}, { mishaps: { 1: mishap } });
      expect(readout.errorCode).toBe(0);
      expect(asked).toHaveLength(1);
      if (mishap === 'foreign request first') expect(readout.circumstances?.notes?.join()).toContain('Another master');
      if (mishap === 'noise first') expect(readout.circumstances?.notes?.join()).toContain('bias');
    },
  );
  test('a late answer is taken for the request it belongs to, never for the next one', async () => {
    const spec = { unit: 5, words: { '030000': 1, '030001': 2 } };
    const { readout, asked } = await read([spec], '5@9600[1,03:0000:2]', {}, { mishaps: { 1: 'late' } });
    expect(decodeModbus({ ...readout }).map(shown)).toEqual(['Holding register 1', 'Holding register 2']);
    expect(asked).toHaveLength(2);
    expect(readout.circumstances?.notes?.join()).toContain('longer than 1000 ms');
  });
});

describe('answers that come later than is waited for', () => {
  const spec = { unit: 5, words: { '030000': 1, '030001': 2, '030002': 3 } };
  const readLate = (...lateMs: readonly number[]) =>
    read(
      [spec],
      '5@9600[1,03:0000:3]',
      {},
      { mishaps: Object.fromEntries(lateMs.map((ms, i) => [i + 1, { lateMs: ms }])) },
    );
  const right = ['Holding register 1', 'Holding register 2', 'Holding register 3'];

  test('are never taken for those of other registers: the second answer to a repeated request is let pass', async () => {
    const { readout } = await readLate(2500, 2500);
    expect(readout.errorCode).toBe(0);
    expect(decodeModbus({ ...readout }).map(shown)).toEqual(right);
  });

  test('whatever comes how late, no register has the value of another', async () => {
    const delay = fc.integer({ min: 0, max: 3500 });
    await fc.assert(
      fc.asyncProperty(delay, async (ms) => {
        const { readout } = await readLate(ms, ms, ms, ms, ms, ms);
        const values = decodeModbus({ ...readout }).map(shown);
        expect(values).toEqual(right.slice(0, values.length));
        if (ms < 900) expect(values).toHaveLength(3);
      }),
      { numRuns: 40 },
    );
  });
});

describe('an adapter that echoes', () => {
  test.each([0, 40])('is no answer, and hides none after %d ms', async (reactionMs) => {
    const { readout } = await read([{ ...plain, reactionMs }], '5@9600[1,03:0010:2]', {}, { faults: ['echo'] });
    expect(readout.errorCode).toBe(0);
    expect(readout.circumstances?.echo).toBe(true);
  });
  test('with nobody behind it says so', async () => {
    const { readout } = await read([], '5@9600[1,03:0010:1]', { retries: 0 }, { faults: ['echo'] });
    expect(readout.errorCode).toBe(196614);
  });
});

describe('errors at their causes', () => {
  const always = (mishap: Mishap) => Object.fromEntries(Array.from({ length: 9 }, (_, n) => [n + 1, mishap]));
  test.each<[string, Mishap, number, RegExp]>([
    ['silence', 'silent', 196614, /did not answer within 1000 ms at 9600 Bd 8N1/],
    ['a wrong check', 'wrong check', 196615, /CRC/],
    ['a frame that breaks off', 'truncated', 196615, /stopped after 6 of 9 bytes/],
    ['a refusal', { exception: 2 }, 196640, /Unit 5 refuses 03 at 0010: it has no such address \(exception 02\)/],
    ['a device that stays busy', { exception: 6 }, 196640, /busy/],
  ])('%s', async (_what, mishap, code, message) => {
    const { readout, asked } = await read([plain], '5@9600[2,03:0010:2]', {}, { mishaps: always(mishap) });
    expect(readout.errorCode).toBe(code);
    expect(readout.circumstances?.message).toMatch(message);
    expect(readout.circumstances?.hint).not.toBe('');
    expect(asked).toHaveLength(typeof mishap === 'object' && 'exception' in mishap && mishap.exception === 2 ? 1 : 3);
  });

  test('another unit answers', async () => {
    const mishaps = always('other unit instead');
    const { readout } = await read([plain], '5@9600[1,03:0010:1]', { retries: 0 }, { mishaps });
    expect(readout).toMatchObject({ errorCode: 196614, data: '' });
    expect(readout.circumstances?.message).toBe('Unit 6 answered instead of unit 5.');
  });

  test('nobody is there, and is not asked fifty questions', async () => {
    const { readout, asked } = await read([plain], '6@9600');
    expect(readout.errorCode).toBe(196614);
    expect(asked.length).toBeLessThanOrEqual(6);
  });

  test('registers that are wider than two bytes make no number', async () => {
    const { readout } = await read([{ ...plain, width: 4 }], '5@9600[2,03:0010:2]', { retries: 0 });
    expect(readout).toMatchObject({ errorCode: 196640, data: '' });
    expect(readout.circumstances?.message).toBe('Unit 5 answered with 8 data bytes instead of 4.');
  });

  test('a refused block does not stop the others, and the record says what is missing', async () => {
    const { readout } = await read([plain], '5@9600[1,03:0099:1,04:0000:1]');
    expect(readout).toMatchObject({ errorCode: 196640, circumstances: { partial: true } });
    expect(decodeModbus({ ...readout }).map(shown)).toEqual([
      'Input register 1',
      'Refused by the meter it has no such address (exception 02)',
    ]);
  });

  test('more than a record holds is not begun', async () => {
    const { readout, asked } = await read([plain], '5@9600[1,03:0000:65535]');
    expect([readout.errorCode, asked]).toEqual([196616, []]);
  });

  test('a person ends it', async () => {
    const { readout } = await read(
      [plain],
      '5@9600[1,03:0010:2]',
      {},
      { mishaps: always('silent') },
      ({ clock, stop }) => {
        void clock.sleep(200).then(stop);
      },
    );
    expect(readout.errorCode).toBe(196609);
  });

  test('the adapter is pulled out', async () => {
    const words = Object.fromEntries(
      Array.from({ length: 64 }, (_, n) => [`03${n.toString(16).padStart(4, '0').toUpperCase()}`, n]),
    );
    const { readout } = await read([{ unit: 5, words }], '5@9600[64,03:0000:64]', {}, { faults: ['port-lost'] });
    expect(readout.errorCode).toBe(196608);
  });
});

describe('by its model', () => {
  const eastron: UnitSpec = {
    unit: 3,
    most: 4,
    words: {
      ...floats('040000', [230.5, 231.25, 229.75]),
      ...floats('040046', [50.02]),
      ...floats('040048', [1234.5]),
    },
  };

  test('a meter is read whole where the address names no registers, whatever it lacks or limits', async () => {
    const { readout } = await read([eastron], '3@9600', { model: 'Eastron SDM630' });
    expect(readout).toMatchObject({
      errorCode: 0,
      circumstances: { meaning: { model: 'Eastron SDM630', revision: 1 } },
    });
    const readings = decodeModbus({ ...readout }).filter(({ kind }) => kind !== 'error');
    expect(readings.map(shown)).toEqual([
      'Voltage L1 230.5 V',
      'Voltage L2 231.25 V',
      'Voltage L3 229.75 V',
      'Frequency 50.02 Hz',
      'Active energy import 1234.5 kWh',
    ]);
    expect(readout.circumstances?.notes?.join()).toContain('The meter does not have');
  });

  test('what it is is asked where nobody says it', async () => {
    const { readout } = await read([{ ...eastron, words: { ...eastron.words, '03FC02': 0x20 } }], '3@9600');
    expect(readout.circumstances?.meaning).toEqual({ model: 'Eastron SDM120', revision: 1 });
    const plausible = await read([{ ...eastron, isMuteToUnknown: true }], '3@9600');
    expect(plausible.readout.errorCode).toBe(0);
    expect(plausible.readout.circumstances?.notes?.join()).toMatch(
      /compare the energy with the display.*It may as well be/,
    );
  });

  test('a device says who it is, in as many parts as it takes', async () => {
    const objects = ['SIEMENS AG', '7KM2200-2EA30-1EA1', 'V1.0'];
    const { readout } = await read([{ unit: 1, objects, words: floats('040001', [230, 231, 229]) }], '1@9600');
    expect(readout.circumstances?.meaning).toEqual({ model: 'Siemens PAC2200', revision: 1 });
    expect(readout.circumstances?.notes).toContain('The device says of itself: SIEMENS AG 7KM2200-2EA30-1EA1 V1.0.');
  });

  test('a device that is none of them is told so, and nothing is invented', async () => {
    const { readout } = await read([plain], '5@9600');
    expect(readout).toMatchObject({ errorCode: 196610, data: '' });
  });

  test('another model than it is says that it has none of the registers', async () => {
    const { readout } = await read([plain], '5@9600', { model: 'ABB B21/B23/B24' });
    expect(readout.errorCode).toBe(196640);
  });
});

test('however the adapter cuts what comes, the same is read', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 0, max: 400 }),
      async (latencyMs, reactionMs) => {
        const { readout } = await read([{ ...plain, reactionMs }], '5@9600[2,03:0010:2]', {}, { latencyMs });
        expect(readout.data).toMatch(/^5:03:0010:0503040011FFFE/);
      },
    ),
    { numRuns: 12 },
  );
});

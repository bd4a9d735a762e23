import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Values } from '../../../../src/common/form.ts';
import type { MeterError } from '../../../../src/common/meter-error.ts';
import { formatDecimal } from '../../../../src/common/decimal.ts';
import type { Line } from '../../../../src/line/line.ts';
import { PortError } from '../../../../src/line/port.ts';
import { lotosDialogue } from '../../../../src/protocols/lotos/ask.ts';
import { decodeLotos } from '../../../../src/protocols/lotos/decode.ts';
import { lotosErrors } from '../../../../src/protocols/lotos/errors.ts';
import { lotosExplainer } from '../../../../src/protocols/lotos/explainer.ts';
import { lotosListener } from '../../../../src/protocols/lotos/listener.ts';
import { lotosSimulated } from '../../../../src/protocols/lotos/simulated/index.ts';
import type { Telegram } from '../../../../src/protocols/protocol.ts';
import type { Device } from '../../../../src/simulator/device.ts';
import { deviceAt } from '../../../../src/simulator/far-end.ts';
import '../../../../src/protocols/lotos/session.ts';
import { onLine, type LineOptions, type OnLine } from '../on-line.ts';
import { linesOf, senderOf } from './sender.ts';

interface How extends LineOptions {
  readonly settings?: Values;
  readonly during?: (on: OnLine) => void;
  readonly through?: (line: Line) => Line;
}

async function read(device: Device, how: How = {}) {
  const { settings = {}, during, through = (line: Line) => line, ...options } = how;
  return await onLine(
    deviceAt(() => device),
    async (on) => {
      during?.(on);
      return await lotosDialogue.read(through(on.line), { address: '', settings }, {});
    },
    options,
  );
}

const whole = linesOf('003=1234.5', '001=-7', '020 = 0,50', '999=+12');
const WHOLE = '1=-7,3=1234.5,20=0.50,999=+12';

test('the result is as the manual writes it: ascending by identifier', async () => {
  const readout = await read(senderOf(() => whole));
  expect(readout).toMatchObject({ errorCode: 0, identification: '', data: WHOLE, circumstances: { borneOut: true } });
  expect(decodeLotos(readout).map(({ label, state }) => [label, state])).toEqual([
    ['1', 'whole'],
    ['3', 'whole'],
    ['20', 'whole'],
    ['999', 'whole'],
  ]);
});

test('joined in the middle it waits for a whole cycle', async () => {
  const readout = await read(senderOf((count) => (count === 1 ? whole.slice(7) : whole)));
  expect(readout).toMatchObject({ errorCode: 0, data: WHOLE });
});

test('a value that one wrong bit made another is not borne out, and the next cycles are', async () => {
  const device = senderOf((count) => (count === 2 ? whole.replace('1234.5', '9234.5') : whole));
  expect(await read(device)).toMatchObject({ errorCode: 0, data: WHOLE });
});

test('where no second cycle comes the first one is given, and nothing vouches for it', async () => {
  const device = senderOf((count) => (count === 1 ? whole : count === 2 ? linesOf('003=1234.5', '001=-7') : undefined));
  const readout = await read(device);
  expect(readout).toMatchObject({ errorCode: 0, data: WHOLE, circumstances: { borneOut: false } });
  expect(new Set(decodeLotos(readout).map(({ state }) => state))).toEqual(new Set(['unchecked']));
});

test('seven bits with parity and a pattern of its own', async () => {
  const odd = (text: string) => Array.from(text, (one) => one.charCodeAt(0));
  const even = odd(linesOf('\x02[12] flow: 7.5 m3', '[13] flow: 8.5 m3\x03')).map((code) =>
    code.toString(2).replaceAll('0', '').length % 2 === 0 ? code : code | 0x80,
  );
  const settings = { pattern: '[{id}]*:{value}*', framing: '7E1' };
  const readout = await read(
    senderOf(() => even),
    { settings, framing: '7E1' },
  );
  expect(readout).toMatchObject({ errorCode: 0, data: '12=7.5,13=8.5' });
});

describe('errors at their causes', () => {
  test.each([
    ['1', 4259842],
    ['meter', 4259842],
    ['@9600', 4259843],
  ])('address %j: %d', (address, code) => {
    try {
      lotosDialogue.normal(address);
      expect.unreachable();
    } catch (error) {
      expect((error as MeterError).code).toBe(code);
    }
    expect(lotosDialogue.normal(' ')).toBe('');
  });

  test('4259847: nothing is heard', async () => {
    const readout = await read(senderOf(() => undefined));
    expect(readout).toMatchObject({ errorCode: 4259847, data: '' });
    expect(readout.circumstances?.message).toBe('Nothing was heard within 60 s at 9600 Bd 8N1.');
  });

  test('4259847: what is heard is no value, and is shown', async () => {
    const readout = await read(senderOf(() => linesOf('hello', 'T=5')));
    expect(readout).toMatchObject({ errorCode: 4259847, data: '' });
    expect(readout.circumstances?.message).toContain('the last line is “T=5”');
    expect(readout.circumstances?.hint).toContain('line pattern');
  });

  test('4259845: the cycle was not heard whole; what was heard is kept', async () => {
    const readout = await read(
      senderOf((count) => linesOf(`${count + 1}=5`)),
      { settings: { listenMs: 20_000 } },
    );
    expect(readout).toMatchObject({ errorCode: 4259845, data: '3=5,4=5', circumstances: { partial: true } });
  });

  test('4259845: every cycle has a hole', async () => {
    const readout = await read(senderOf(() => whole.replace('001=-7', '001=\x80-7')));
    expect(readout.errorCode).toBe(4259845);
    expect(readout.circumstances?.message).toContain('lines were damaged');
  });

  test('4259846: more than a record holds', async () => {
    const all = Array.from({ length: 1000 }, (_, id) => `${id}=${'1'.repeat(30)}.${'2'.repeat(30)}`);
    const through = (line: Line) => {
      const bytes = Array.from(linesOf('', ...all, ...all, '0=1'), (one) => one.charCodeAt(0));
      let at = 0;
      const value: Line['read'] = (accept) => {
        while (at < bytes.length) if (accept(bytes[at++] ?? 0, true) === 'done') return Promise.resolve('done');
        return Promise.resolve('no answer');
      };
      return Object.create(line, { read: { value } }) as Line;
    };
    const readout = await read(
      senderOf(() => undefined),
      { through },
    );
    expect(readout.errorCode).toBe(4259846);
    expect(readout.data.length).toBeLessThanOrEqual(65_536);
    expect(readout.data).toMatch(/\.2{30}$/);
  });

  test('4259841, 4259840, 4259844: a person ends it, the adapter goes, the port fails', async () => {
    const during = ({ clock, stop }: OnLine) => void clock.sleep(7000).then(stop);
    expect(
      (
        await read(
          senderOf(() => whole),
          { during },
        )
      ).errorCode,
    ).toBe(4259841);
    for (const [failure, code] of [
      ['lost', 4259840],
      ['failed', 4259844],
    ] as const) {
      const through = (line: Line) =>
        Object.create(line, { read: { value: () => Promise.reject(new PortError(failure, 'It is gone.')) } }) as Line;
      expect(
        (
          await read(
            senderOf(() => whole),
            { through },
          )
        ).errorCode,
      ).toBe(code);
    }
  });
});

test('however the adapter cuts what comes, the same is heard', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 60 }), async (latencyMs) => {
      expect(
        await read(
          senderOf(() => whole),
          { latencyMs },
        ),
      ).toMatchObject({ errorCode: 0, data: WHOLE });
    }),
    { numRuns: 8 },
  );
});

test('whatever a meter sends, a read ends with a code of the table', async () => {
  const known = new Set([0, ...lotosErrors.map(({ code }) => code)]);
  const hostile = fc.array(
    fc.oneof(
      fc.constantFrom(...Array.from('0123456789=.,- \r\n', (one) => one.charCodeAt(0))),
      fc.integer({ min: 0, max: 255 }),
    ),
    { maxLength: 80 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 6 }), async (blocks) => {
      const device = senderOf((count) => blocks[count % blocks.length], 1500);
      const readout = await read(device, { settings: { listenMs: 12_000 } });
      expect(known.has(readout.errorCode)).toBe(true);
      expect(readout.data).toMatch(/^(?:\d{1,3}=[+-]?\d+(?:\.\d+)?(?:,|$))*$/);
    }),
    { numRuns: 40 },
  );
});

async function hear(device: Device, forMs: number, settings: Values = {}) {
  const telegrams: Telegram[] = [];
  const dropped: string[] = [];
  const steps: string[] = [];
  await onLine(
    deviceAt(() => device),
    async ({ line, clock, stop }) => {
      void clock.sleep(forMs).then(stop);
      const hearing = {
        onTelegram: (one: Telegram) => void telegrams.push(one),
        onDropped: (one: string) => void dropped.push(one),
        onStep: (one: string) => {
          if (steps.at(-1) !== one) steps.push(one);
        },
      };
      await lotosListener.listen(line, { address: '', settings }, hearing);
    },
  );
  return { telegrams, dropped, steps };
}

test('the listener tells each cycle that the one before vouches for, and says what was damaged', async () => {
  const { telegrams, dropped } = await hear(
    senderOf((count) => (count === 4 ? whole.replace('003', '\x8003') : whole)),
    41_000,
  );
  // Eight blocks: the last is under way, the fourth has a hole, and the first vouches for the second.
  expect(telegrams.length).toBeGreaterThanOrEqual(4);
  for (const { readout, from } of telegrams) {
    expect(readout).toMatchObject({ errorCode: 0, data: WHOLE, circumstances: { borneOut: true } });
    expect(from).toEqual([]);
  }
  expect(dropped).toEqual(['One line was damaged.']);
});

const borneOut = ({ readout }: Telegram) => readout.circumstances?.borneOut;

test('the listener never tells a cycle with a value that one wrong bit made another', async () => {
  const { telegrams, dropped } = await hear(
    senderOf((count) => (count === 4 ? whole.replace('1234.5', '9234.5') : whole)),
    61_000,
  );
  expect(new Set(telegrams.map(({ readout }) => readout.data))).toEqual(new Set([WHOLE]));
  expect(telegrams.every(borneOut)).toBe(true);
  expect(dropped.every((one) => one.startsWith('Two cycles do not fit'))).toBe(true);
  expect(dropped).toHaveLength(2);
});

test('the listener tells what nothing vouches for as unchecked, and only where for long nothing does', async () => {
  const jumping = (count: number) => linesOf(`1=${count % 2 === 0 ? 10 : 900}`, '2=5');
  const { telegrams } = await hear(senderOf(jumping), 150_000);
  // Two after a minute each, and the last one when the person stops listening.
  expect(telegrams).toHaveLength(3);
  expect(telegrams.some(borneOut)).toBe(false);
  // A meter that falls silent, and one that a person stops listening to: what it said last is told.
  for (const forMs of [200_000, 12_000]) {
    const once = await hear(
      senderOf((count) => (count < 3 ? whole : undefined)),
      forMs,
    );
    expect(once.telegrams.map(({ readout }) => readout)).toMatchObject([
      { data: WHOLE, circumstances: { borneOut: false } },
    ]);
  }
});

test('the listener says what it hears that is no value, however much of it comes', async () => {
  const heading = (count: number) => (count === 1 ? '' : linesOf('LOTOS 301'));
  const { telegrams, dropped, steps } = await hear(senderOf(heading), 30_000);
  expect(telegrams).toEqual([]);
  expect(dropped).toEqual(['No line of the pattern: “LOTOS 301”.']);
  expect(steps).toEqual([
    'listening for the first cycle',
    'listening: no line fits the pattern, the last is “LOTOS 301”',
  ]);
  const noise = await hear(
    senderOf(() => '\x80\r'.repeat(400), 1000),
    30_000,
  );
  expect(noise.dropped.length).toBeLessThan(31);
  expect(noise.dropped.at(-1)).toMatch(/^\d+ lines were damaged\.$/);
  // Each record counts what came since the one before.
  const titled = await hear(
    senderOf(() => linesOf('LOTOS') + whole),
    60_000,
  );
  expect(titled.telegrams.map(({ readout }) => readout.circumstances?.notes).slice(1)).toEqual(
    titled.telegrams.slice(1).map(() => ['One line was not of the pattern, the last: “LOTOS”.']),
  );
});

test('a meter that never ends a line, and one that never ends: both are over in time', async () => {
  const settings = { listenMs: 20_000 };
  const babble = await read(
    senderOf(() => '7'.repeat(4800), 5000),
    { settings },
  );
  expect(babble).toMatchObject({ errorCode: 4259847, data: '' });
  let line = 0;
  const numbers = await read(
    senderOf(() => linesOf(...Array.from({ length: 400 }, () => `${line++ % 1000}=${line}`)), 5000),
    { settings: { listenMs: 10_000 } },
  );
  expect(numbers).toMatchObject({ errorCode: 4259845, circumstances: { partial: true } });
});

test('the simulated meter is read, and fails as it is told to', async () => {
  const [meter] = lotosSimulated;
  if (!meter) throw new Error('There is none.');
  const of = async (...faults: NonNullable<LineOptions['faults']>) =>
    await onLine(await meter.farEnd(), ({ line }) => lotosDialogue.read(line, { address: '', settings: {} }, {}), {
      faults,
    });
  const readout = await of();
  expect(readout.errorCode).toBe(0);
  expect(decodeLotos(readout).map(({ label }) => label)).toEqual(['1', '2', '10', '20', '21', '30', '101']);
  expect((await of('silent')).errorCode).toBe(4259847);
  expect((await of('stops-in-mid-readout')).errorCode).toBe(4259845);
});

test('what a record says', () => {
  const data = '1=-7,3=1234.50,rubbish,1234=5,20=x';
  const shown = decodeLotos({ identification: '', data }).map(({ label, value, source }) => [
    label,
    value.type === 'number' ? formatDecimal(value.decimal) : '',
    data.slice(source.start, source.end),
  ]);
  expect(shown).toEqual([
    ['1', '-7', '1=-7'],
    ['3', '1234.50', '3=1234.50'],
  ]);
  expect(lotosExplainer.describe({ identification: '', data, facts: [] }).facts).toEqual([['Values', '2']]);
  fc.assert(fc.property(fc.string(), (text) => void decodeLotos({ identification: '', data: text })));
});

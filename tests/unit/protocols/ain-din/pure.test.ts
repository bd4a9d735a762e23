import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MeterError } from '../../../../src/common/meter-error.ts';
import { formatDecimal } from '../../../../src/common/decimal.ts';
import { formatInputAddress, parseInputAddress } from '../../../../src/protocols/ain-din/address.ts';
import { takeReport, unknownInputs, type BoardInputs } from '../../../../src/protocols/ain-din/board-inputs.ts';
import { asTenBits, calibrated } from '../../../../src/protocols/ain-din/calibration.ts';
import { sampled, unknownContact } from '../../../../src/protocols/ain-din/contact.ts';
import {
  counted,
  counterFrom,
  newCounter,
  pulsesSince,
  storedCounter,
  taken,
} from '../../../../src/protocols/ain-din/counter.ts';
import { decodeInputs } from '../../../../src/protocols/ain-din/decode.ts';
import { rateOf } from '../../../../src/protocols/ain-din/amount.ts';
import { clockStarted, ticked } from '../../../../src/protocols/ain-din/board-clock.ts';
import { paceAt, withPulse, type PulseTimes } from '../../../../src/protocols/ain-din/pulse-rate.ts';
import { sampleLines, unseenLines } from '../../../../src/protocols/ain-din/modem-lines.ts';
import { noRxdPulses, rxdEvent } from '../../../../src/protocols/ain-din/rxd-pulses.ts';
import { inputsSettings } from '../../../../src/protocols/ain-din/settings.ts';

describe('an address', () => {
  test.each(['1/ADC/CAL', '3/ADC/ABS', '2/DIN', '1/PULSE/ABS', '3/PULSE/REL'])('%s is its own form', (text) => {
    expect(formatInputAddress(parseInputAddress(text))).toBe(text);
    expect(formatInputAddress(parseInputAddress(` ${text.toLowerCase()} `))).toBe(text);
  });

  test.each([
    ['4/DIN', 'inputs are 1, 2 and 3'],
    ['1/DIN/ABS', 'DIN has no option behind it'],
    ['1/ADC', 'behind ADC stands CAL or ABS'],
    ['1/PULSE/CAL', '“CAL” is not ABS or REL'],
    ['1/AIN', 'behind the input stands ADC, DIN or PULSE'],
    ['', 'inputs are 1, 2 and 3'],
  ])('%j is none: %s', (text, why) => {
    const parse = () => parseInputAddress(text);
    expect(parse).toThrow(MeterError);
    expect(parse).toThrow(why);
    expect(() => parseInputAddress(text)).toThrow(expect.objectContaining({ code: 8388610 }));
  });
});

describe('a counter of 64 bits', () => {
  const LAST = 2n ** 64n - 1n;

  test('starts over at 0, and what is relative goes over that', () => {
    const before = { count: LAST - 1n, read: LAST - 3n };
    const after = counted(before, 5n);
    expect(after.count).toBe(3n);
    expect(pulsesSince(after)).toBe(7n);
  });

  test('loses nothing between relative readings, nor on its way through a store', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: LAST }), fc.array(fc.nat(100)), (start, batches) => {
        let counter = { count: start, read: start };
        let sum = 0n;
        for (const pulses of batches) {
          counter = counted(counterFrom(structuredClone(storedCounter(counter))) ?? newCounter, BigInt(pulses));
          const read = pulsesSince(counter);
          sum += read;
          counter = taken(counter, read);
        }
        expect(sum).toBe(batches.reduce((all, one) => all + BigInt(one), 0n));
        expect(counter.count).toBe(BigInt.asUintN(64, start + sum));
      }),
    );
  });

  test.each([
    undefined,
    {},
    { count: 1, read: '0' },
    { count: '-1', read: '0' },
    { count: (2n ** 64n).toString(), read: '0' },
  ])('was never stored as %j', (stored) => expect(counterFrom(stored)).toBeUndefined());
});

test('two points calibrate, and what is beyond them is at its end', () => {
  const points = { low: 100, high: 900 };
  expect([0, 100, 500, 900, 1023].map((adc) => calibrated(adc, points))).toEqual([0, 0, 50, 100, 100]);
  expect([100, 500, 900].map((adc) => calibrated(adc, { low: 900, high: 100 }))).toEqual([100, 50, 0]);
  expect(calibrated(5, { low: 7, high: 7 })).toBeUndefined();
  expect([asTenBits(4095, 12), asTenBits(2048, 12), asTenBits(255, 8), asTenBits(1023, 10)]).toEqual([
    1023, 512, 1020, 1023,
  ]);
});

/** The pulses of a contact whose level is sampled at these times. */
function pulsesAt(times: readonly number[], closedAt: (time: number) => boolean, needed = 2): number {
  let contact = unknownContact;
  let pulses = 0;
  for (const time of times) {
    const next = sampled(contact, closedAt(time), needed);
    contact = next.contact;
    if (next.isPulse) pulses++;
  }
  return pulses;
}

describe('a contact', () => {
  test('shows every pulse of 30 ms with 30 ms between, at any phase and with late samples', () => {
    const late = fc.array(fc.double({ min: 0, max: 4, noNaN: true }), { minLength: 400, maxLength: 400 });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 30, noNaN: true }), late, (phase, lateness) => {
        const times = lateness.map((ms, index) => index * 10 + ms);
        const isClosed = (time: number) =>
          time >= 100 + phase && (time - 100 - phase) % 60 < 30 && time < 100 + phase + 30 * 60;
        expect(pulsesAt(times, isClosed)).toBe(30);
      }),
    );
  });

  test('does not take one sample for a level, nor what it was before it was known for a pulse', () => {
    expect(pulsesAt([0, 1, 2, 3, 4, 5, 6], (time) => time === 3)).toBe(0);
    expect(pulsesAt([0, 1, 2, 3], () => true)).toBe(0);
  });
});

describe('the reports of a board', () => {
  const settings = inputsSettings({});
  const plan = { ...settings, bits: new Map([[0, 10]]), ticks: 0 };
  const [tick, open, closed] = [
    { kind: 'analog', channel: 0, value: 5 },
    { kind: 'digital', port: 0, levels: 0b11100 },
    { kind: 'digital', port: 0, levels: 0b11000 },
  ] as const;

  function pulses(reports: readonly Parameters<typeof takeReport>[1][], debounceMs = 20): number {
    let inputs: BoardInputs = unknownInputs;
    const debounced = { ...plan, ...inputsSettings({ debounceMs1: debounceMs }) };
    return reports.reduce((sum, report) => {
      const next = takeReport(inputs, report, debounced);
      inputs = next.inputs;
      return sum + next.pulses.length;
    }, 0);
  }
  const times = (count: number, reports: readonly (typeof tick | typeof open | typeof closed)[]) =>
    Array.from({ length: count }, () => reports).flat();

  test('that come all at once, as after a page was asleep, are as long as they were', () => {
    expect(pulses([open, tick, tick, ...times(1000, [closed, tick, tick, open, tick, tick])])).toBe(1000);
  });

  test('of a contact that bounces are one pulse', () => {
    const bouncing = [closed, open, closed, tick, open, closed, tick, tick, open, closed, open, tick, tick];
    expect(pulses([open, tick, tick, ...bouncing, ...bouncing])).toBe(2);
  });

  test('each count where nothing is to be debounced', () => {
    expect(pulses([open, ...times(100, [closed, open])], 0)).toBe(100);
  });
});

describe('the clock of a board', () => {
  /** Ticks of a board that began at 0, each handed over at its time; what is said to be lost of them. */
  function lost(handedOver: readonly number[]): number {
    let clock = clockStarted(0);
    return handedOver.reduce((sum, at) => {
      const tick = ticked(clock, at);
      clock = tick.clock;
      return sum + tick.lostMs;
    }, 0);
  }
  const steady = (from: number, to: number, every = 10) =>
    Array.from({ length: Math.round((to - from) / every) }, (_, i) => from + (i + 1) * every);

  test('says nothing where reports only come late, all at once or by a board that is a little slow', () => {
    expect(lost(steady(0, 60_000))).toBe(0);
    expect(lost(steady(0, 60_000, 10.05))).toBe(0);
    expect(lost(steady(0, 60_000).map((at) => Math.ceil(at / 700) * 700))).toBe(0);
    expect(lost(steady(0, 60_000).map((at) => (at > 20_000 && at < 50_000 ? 50_000 : at)))).toBe(0);
  });

  test('tells what never came after a page was stopped for longer than the system keeps', () => {
    const kept = steady(20_000, 24_500).map(() => 80_000);
    const ms = lost([...steady(0, 20_000), ...kept, ...steady(80_000, 100_000)]);
    expect(ms).toBeGreaterThan(55_000);
    expect(ms).toBeLessThan(56_000);
  });

  test('tells a quarter of a second that fell out in between', () => {
    const ms = lost([...steady(0, 20_000), ...steady(20_250, 40_000)]);
    expect(ms).toBeGreaterThanOrEqual(240);
    expect(ms).toBeLessThan(300);
  });
});

describe('how fast pulses come', () => {
  const times = (...at: readonly number[]) => at.reduce<PulseTimes>(withPulse, []);

  test('is not known before the second one, then of the last ones, and at most that where the next is late', () => {
    expect(paceAt(times(), 10)).toBeUndefined();
    expect(paceAt(times(5), 10_000)).toBeUndefined();
    expect(paceAt(times(0, 2400), 3000)).toEqual({ intervalMs: 2400, isLeast: false });
    expect(paceAt(times(0, 2400, 4800), 14_800)).toEqual({ intervalMs: 10_000, isLeast: true });
    expect(paceAt(times(0, 10_000, 10_360, 10_720, 11_080, 11_440), 11_440)).toEqual({
      intervalMs: 360,
      isLeast: false,
    });
    expect(times(...Array.from({ length: 1000 }, (_, i) => i * 60)).length).toBeLessThan(20);
  });

  test.each([
    [2400, 1000, 'imp/kWh', '1500', 'W'],
    [3_600_000, 1000, 'imp/kWh', '1.00', 'W'],
    [36_000, 10, 'Wh/imp', '1000', 'W'],
    [10_000, 1, 'l/imp', '360', 'l/h'],
    [7000, 100, 'imp/m³', '5143', 'l/h'],
    [999_999_999, 3, 'imp/m³', '1.20', 'l/h'],
  ] as const)('%i ms at %i %s is %s %s', (intervalMs, constant, name, value, unit) => {
    const figure = rateOf(intervalMs, constant, name);
    expect([formatDecimal(figure.value), figure.unit]).toEqual([value, unit]);
  });
});

describe('modem lines', () => {
  const idle = { cts: false, dsr: false, dcd: false, ri: false };

  test('are inputs 1, 2 and 3, and say when nobody looked for too long', () => {
    let lines = unseenLines;
    const look = (signals: typeof idle | undefined, at: number) => {
      const next = sampleLines(lines, signals, at, () => 2);
      lines = next.lines;
      return [next.pulses, next.gapMs];
    };
    look(idle, 0);
    look(idle, 10);
    look({ ...idle, cts: true, dcd: true }, 20);
    expect(look({ ...idle, cts: true, dcd: true }, 30)).toEqual([[1, 3], 0]);
    expect(look(idle, 500)).toEqual([[], 470]);
    look(idle, 510);
    look({ ...idle, dsr: true }, 520);
    expect(look({ ...idle, dsr: true }, 530)).toEqual([[2], 0]);
    // While the port is closed they are not known: the time is told by whoever knows how long it was.
    expect(look(undefined, 540)).toEqual([[], 0]);
    expect(lines).toEqual(unseenLines);
    expect(look({ ...idle, cts: true }, 900)).toEqual([[], 0]);
    expect(look({ ...idle, cts: true }, 910)).toEqual([[], 0]);
  });
});

test('pulses on RXD are its characters, and errors that are none of a pulse already told', () => {
  let pulses = noRxdPulses;
  const count = (events: readonly (readonly ['character' | 'error', number])[]) =>
    events.filter(([event, at]) => {
      const next = rxdEvent(pulses, event, at, 20);
      pulses = next.pulses;
      return next.isPulse;
    }).length;
  expect(
    count([
      ['character', 0],
      ['error', 5],
      ['error', 9],
      ['character', 100],
      ['character', 100],
      ['error', 300],
    ]),
  ).toBe(4);
});

describe('a record', () => {
  const decode = (identification: string, data: string, meaning = {}) =>
    decodeInputs({ identification, data, circumstances: { meaning } }).map(({ quantity, value, unit, state }) => [
      quantity,
      value.type === 'number' ? formatDecimal(value.decimal) : '',
      unit,
      state,
    ]);

  test('says what its input is', () => {
    expect(decode('1/ADC/CAL', '47')).toEqual([['Analog input 1', '47', '%', 'whole']]);
    expect(decode('1/ADC/ABS', '512')).toEqual([['Converter of input 1', '512', '', 'whole']]);
    expect(decode('2/DIN', '1')).toEqual([['Input 2', '1', '', 'whole']]);
    expect(decode('3/PULSE/ABS', '18446744073709551615')).toEqual([
      ['Pulses of input 3', '18446744073709551615', '', 'whole'],
    ]);
  });

  test('says what pulses amount to by the constant of its time', () => {
    expect(decode('1/PULSE/ABS', '1500', { constant: 1000, unit: 'imp/kWh' })[1]).toEqual([
      'Energy',
      '1.500',
      'kWh',
      'whole',
    ]);
    expect(decode('1/PULSE/REL', '7', { constant: 10, unit: 'l/imp' })[1]).toEqual(['Volume', '0.070', 'm³', 'whole']);
    expect(decode('1/PULSE/ABS', '1', { constant: 3, unit: 'imp/m³' })[1]).toEqual([
      'Volume',
      '0.333333',
      'm³',
      'whole',
    ]);
  });

  test('that is damaged says nothing, and nothing breaks', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (identification, data) => void decode(identification, data)));
    expect([decode('1/ADC/CAL', '-1'), decode('9/DIN', '1'), decode('1/DIN', '')]).toEqual([[], [], []]);
  });
});

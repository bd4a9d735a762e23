import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLatin1, toHex } from '../../../../src/common/bytes.ts';
import { amberFrame } from '../../../../src/protocols/wmbus/dongles/amber.ts';
import { im871aFrame } from '../../../../src/protocols/wmbus/dongles/im871a.ts';
import { iu891aFrame } from '../../../../src/protocols/wmbus/dongles/iu891a.ts';
import { dongles } from '../../../../src/protocols/wmbus/dongles/index.ts';
import { wmbusListener } from '../../../../src/protocols/wmbus/listener.ts';
import { stick, type RadioMeter, type StickSpec } from '../../../../src/protocols/wmbus/simulated/stick.ts';
import type { Telegram } from '../../../../src/protocols/protocol.ts';
import { deviceAt } from '../../../../src/simulator/far-end.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import { onLine } from '../on-line.ts';
import { bytesOf } from '../mbus/samples.ts';
import { bodyOf, formatA, mode5 } from './radio.ts';

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const endsWith = (received: Uint8Array, hex: string) => hexOf(received).endsWith(hex);

/** Answers by the end of what it was sent. */
const answers = (table: Readonly<Record<string, Uint8Array>>) => (received: Uint8Array) =>
  Object.entries(table).find(([request]) => endsWith(received, request))?.[1];

const amber: StickSpec = {
  baudRate: 9600,
  answer: (received) => {
    const text = hexOf(received);
    if (text.endsWith('ff0c00f3')) return bytesOf('FF8C0301020370');
    if (/ff0401..f.$/.test(text)) return bytesOf('FF8401007A');
    const get = /ff0a02(05|45|3f)01..$/.exec(text)?.[1];
    return get === undefined ? undefined : amberFrame(0x8a, Number.parseInt(get, 16), 1, get === '3f' ? 0 : 1);
  },
  given: (body, dBm) => amberFrame(0x03, ...body, ((dBm + 74) * 2) & 0xff),
};

const im871a: StickSpec = {
  baudRate: 57_600,
  answer: (received) => {
    const text = hexOf(received);
    if (/a5810f00....$/.test(text)) return bytesOf(hexOf(im871aFrame(0x10, 0x33, 0x03, 0x14, 1, 0, 0, 0, 0)));
    if (/a5810100....$/.test(text)) return im871aFrame(0x02);
    return /a581030[56]00.{12,16}$/.test(text) ? im871aFrame(0x04) : undefined;
  },
  given: (body, dBm) => {
    const payload = im871aFrame(0x03, ...body);
    // From the radio, with the strength in front of the check sum.
    const head = Uint8Array.of(0x42, 0x03, body.length, ...body, 2 * (dBm + 100) + 45);
    return Uint8Array.of(payload[0] ?? 0, ...head);
  },
};

const iu891a: StickSpec = {
  baudRate: 115_200,
  answer: answers({
    [hexOf(iu891aFrame(1, 1))]: iu891aFrame(1, 2, 0),
    [hexOf(iu891aFrame(1, 5))]: iu891aFrame(1, 6, 0, 1, 1, 5, 0, ...fromLatin1('17.01.2025iU891A')),
    [hexOf(iu891aFrame(9, 1))]: iu891aFrame(9, 2, 0, 1, 0, 0, 0, 12, 0, 0, 0, 0, 0),
    // Its firmware has the mode that hears both, and more.
    [hexOf(iu891aFrame(9, 3, 7, 2, 0, 0, 12, 0, 0, 0, 0, 0))]: iu891aFrame(9, 4),
  }),
  given: (body, dBm) => iu891aFrame(9, 0x20, 1, 2, 3, 4, 0, 0, 2, dBm & 0xff, body.length, ...body),
};

const cul: StickSpec = {
  baudRate: 38_400,
  answer: (received) => {
    const text = Buffer.from(received).toString('latin1');
    if (text.endsWith('V\r\n')) return fromLatin1('V 1.67 nanoCUL868\r\n');
    return text.endsWith('brc\r\n') ? fromLatin1('CMODE\r\n') : undefined;
  },
  given: (body, dBm) => fromLatin1(`b${toHex(formatA(body))}2A${toHex(Uint8Array.of((dBm + 74) * 2))}\r\n`),
};

/** In configuration, which the zeros of what others are asked lead into as well, it hears nothing. */
const rc1180: StickSpec = {
  baudRate: 19_200,
  answer: (received) => {
    if (endsWith(received, '4d03010501ff') || endsWith(received, '00')) return bytesOf('3E');
    if (endsWith(received, '30')) return Uint8Array.of(...new Uint8Array(256), 0x3e);
    return endsWith(received, '58') ? new Uint8Array(0) : undefined;
  },
  given: (body, dBm) => Uint8Array.of(body.length, ...body, -2 * dBm),
};

const water = bodyOf('7A 2A 00 0000 0C13 45230100', { number: '11111111' });
const heat = mode5('0C06 45230100', { sender: { number: '22222222', medium: 4 } });
const meters: readonly RadioMeter[] = [
  { telegramAt: () => water, everyMs: 16_000, dBm: -60 },
  { telegramAt: () => heat, everyMs: 60_000, dBm: -80 },
];

interface Heard {
  readonly telegrams: readonly Telegram[];
  readonly steps: readonly string[];
  readonly dropped: readonly string[];
}

async function hear(
  spec: StickSpec,
  forMs: number,
  faultsAt: (at: number) => readonly Fault[] = () => [],
): Promise<Heard> {
  const telegrams: Telegram[] = [];
  const steps: string[] = [];
  const dropped: string[] = [];
  let now = () => 0;
  const farEnd = deviceAt((faults) => stick(spec, meters)(() => new Set([...faults(), ...faultsAt(now())])));
  await onLine(farEnd, async ({ line, clock, stop }) => {
    now = () => clock.monotonic();
    const target = { address: '', settings: {} };
    const listening = wmbusListener.listen(line, target, {
      onTelegram: (telegram) => telegrams.push(telegram),
      onStep: (text) => steps.push(text),
      onDropped: (reason) => dropped.push(reason),
    });
    await clock.sleep(forMs);
    stop();
    await listening;
  });
  return { telegrams, steps, dropped };
}

describe.each([
  ['Amber AMB8465', amber, 'C+T'],
  ['IMST iM871A', im871a, 'C+T'],
  ['IMST iU891A', iu891a, 'C+T'],
  ['CUL or nanoCUL', cul, 'C'],
  ['Radiocrafts RC1180', rc1180, 'T'],
] as const)('%s', (title, spec, mode) => {
  it('is found by itself, set up, and every meter around it heard with its strength', async () => {
    const { telegrams, steps, dropped } = await hear(spec, 300_000);
    expect(steps.some((text) => text.startsWith(title) && text.includes(`hears mode ${mode}.`))).toBe(true);
    expect(dropped).toEqual([]);
    const of = (number: string) => telegrams.filter(({ from }) => from[0] === number);
    expect(of('11111111').length).toBeGreaterThan(10);
    expect(of('22222222').length).toBeGreaterThan(2);
    for (const { readout, dBm } of of('11111111'))
      expect([readout.data, readout.errorCode, dBm]).toEqual([toHex(water), 0, -60]);
    for (const { readout, dBm } of of('22222222')) expect([readout.data, dBm]).toEqual([toHex(heat), -80]);
  });

  it('is looked for and set up anew where it falls silent', async () => {
    const isSilent = (at: number) => at > 120_000 && at < 400_000;
    const { telegrams, steps } = await hear(spec, 700_000, (at) => (isSilent(at) ? ['silent'] : []));
    expect(steps.some((text) => text.includes('does not answer any more'))).toBe(true);
    expect(steps.filter((text) => text.includes('hears mode')).length).toBeGreaterThan(1);
    expect(telegrams.length).toBeGreaterThan(20);
  });
});

describe.each(dongles.map((create) => [create().title, create] as const))('the receiver of %s', (_, create) => {
  it('takes whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(0xff, 0xa5, 0xc0, 0x00, 0x62), (bytes, begin) => {
        const receiver = create().receiver();
        for (const byte of Uint8Array.of(begin, ...bytes)) receiver.take(byte);
        receiver.reset();
        expect(receiver.take(0x0d)).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });
});

it('says that there is none, and goes on looking', async () => {
  const { steps, telegrams } = await hear({ ...amber, answer: () => undefined }, 120_000);
  expect(steps).toContain('no radio stick answers on this port');
  expect(steps.filter((text) => text.startsWith('looking for')).length).toBeGreaterThan(dongles.length);
  expect(telegrams).toEqual([]);
});

import { expect, test } from 'vitest';
import { fromLatin1, toHex } from '../../../../src/common/bytes.ts';
import type { Values } from '../../../../src/common/form.ts';
import { settingsOf } from '../../../../src/common/form.ts';
import { openLine } from '../../../../src/line/open-line.ts';
import { smlDialogue } from '../../../../src/protocols/sml/ask.ts';
import { smlForm } from '../../../../src/protocols/sml/form.ts';
import { smlListener } from '../../../../src/protocols/sml/listener.ts';
import { decodeSml } from '../../../../src/protocols/sml/decode.ts';
import { saidIn } from '../../../../src/protocols/sml/said.ts';
import '../../../../src/protocols/sml/session.ts';
import {
  lockedFlat,
  oldCellar,
  solarHouse,
  type SmlMeterSpec,
} from '../../../../src/protocols/sml/simulated/meters.ts';
import { pusher } from '../../../../src/protocols/sml/simulated/pusher.ts';
import type { ReadOptions, Telegram } from '../../../../src/protocols/protocol.ts';
import { alarm } from '../../../../src/simulator/alarm.ts';
import { eightBits, type Device } from '../../../../src/simulator/device.ts';
import { deviceAt, type FarEnd } from '../../../../src/simulator/far-end.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import { virtualClock } from '../../../../src/simulator/virtual-clock.ts';
import { portTo } from '../../simulator/host.ts';

const meter = (spec: SmlMeterSpec) => deviceAt(pusher(spec));

/** Says these bytes again and again, whoever listens. */
const speaker = (bytes: Uint8Array, everyMs = 1000): FarEnd =>
  deviceAt((): Device => (wire) => {
    const next = alarm(wire.clock);
    const say = (at: number) => {
      next.set(at + everyMs, () => say(at + everyMs));
      wire.send(bytes, eightBits(9600), at);
    };
    return {
      received: () => expect.unreachable('nothing is ever sent'),
      hostListens: (listens) => (listens ? say(wire.clock.monotonic() + 100) : next.cancel()),
    };
  });

interface Asked {
  readonly address?: string;
  readonly settings?: Values;
  readonly options?: ReadOptions;
  readonly faults?: readonly Fault[];
}

async function read(farEnd: FarEnd, { address = '', settings = {}, options = {}, faults = [] }: Asked = {}) {
  const clock = virtualClock();
  const port = portTo(farEnd, clock, () => new Set(faults));
  const target = { address, settings: settingsOf(smlForm, { set: settings }) };
  const began = clock.monotonic();
  const run = async () => {
    const line = await openLine(port, { ...smlDialogue.lineOf(target), clock, signal: new AbortController().signal });
    const readout = await smlDialogue.read(line, target, options);
    await line.close();
    return readout;
  };
  const readout = await clock.run(run());
  return { readout, tookMs: clock.monotonic() - began };
}

async function listen(farEnd: FarEnd, forMs: number, faults: readonly Fault[] = []) {
  const clock = virtualClock();
  const port = portTo(farEnd, clock, () => new Set(faults));
  const target = { address: '', settings: settingsOf(smlForm, {}) };
  const stop = new AbortController();
  const telegrams: Telegram[] = [];
  const dropped: string[] = [];
  const steps: string[] = [];
  const run = async () => {
    const line = await openLine(port, { ...smlDialogue.lineOf(target), clock, signal: stop.signal, isEndless: true });
    const listening = smlListener.listen(line, target, {
      onTelegram: (telegram) => telegrams.push(telegram),
      onDropped: (reason) => dropped.push(reason),
      onStep: (text) => steps.push(text),
    });
    await clock.sleep(forMs);
    stop.abort();
    await listening;
    await line.close();
  };
  await clock.run(run());
  return { telegrams, dropped, steps };
}

test('the next transmission is read within two of its intervals, whenever the port is opened', async () => {
  const { readout, tookMs } = await read(meter(solarHouse));
  expect(readout).toMatchObject({ errorCode: 0, circumstances: { manufacturer: 'OHU', blockCheck: 'ok' } });
  expect(tookMs).toBeLessThan(2500);
  const labels = decodeSml(readout).map(({ label }) => label);
  expect(labels).toEqual(expect.arrayContaining(['1-0:1.8.0', '1-0:2.8.0', '1-0:16.7.0', '1-0:96.1.0']));
});

test('of a bad line the next good one is read, and nothing of the damaged ones is kept', async () => {
  const { readout } = await read(meter(oldCellar));
  expect(readout.errorCode).toBe(0);
  expect(saidIn(Uint8Array.from(Buffer.from(readout.data, 'hex')))[0]?.transmission?.check).toBe('x25');
  const spoilt = await read(meter(solarHouse), { faults: ['wrong-bcc'] });
  expect(spoilt.readout).toMatchObject({ errorCode: 4390918, data: '' });
  expect(spoilt.readout.circumstances?.message).toMatch(/None came whole \(0 good, \d+ damaged\)/);
});

test('each silence and each other speaker has its own words', async () => {
  expect((await read(meter(solarHouse), { faults: ['silent'] })).readout).toMatchObject({ errorCode: 4390916 });
  const text = fromLatin1('/ESY5Q3DA1004 V3.04\r\n\r\n1-0:1.8.0*255(00026107.7034731*kWh)\r\n!\r\n');
  const words = async (bytes: Uint8Array) => (await read(speaker(bytes))).readout;
  expect(await words(text)).toMatchObject({ errorCode: 4390917 });
  expect((await words(text)).circumstances?.message).toContain('mode D');
  const hdlc = Uint8Array.from({ length: 60 }, (_, at) => [0x7e, 0xa0, 0x80 + at, 0xf1, at][at % 5] ?? 0);
  expect((await words(hdlc)).circumstances?.message).toContain('HDLC');
});

test('where a number is meant only that meter counts', async () => {
  expect((await read(meter(lockedFlat), { address: '1 OHU 00 10020047' })).readout).toMatchObject({ errorCode: 0 });
  const other = await read(meter(lockedFlat), { address: '1OHU0010020030' });
  expect(other.readout).toMatchObject({ errorCode: 4390919, data: '' });
  expect(other.readout.circumstances?.message).toContain('1OHU0010020047');
});

test('hears without end: every whole one once, the damaged ones counted, the locked one called so', async () => {
  const askew = await listen(meter(oldCellar), 62_500);
  expect(askew.telegrams).toHaveLength(10);
  expect(new Set(askew.telegrams.map(({ readout }) => readout.data)).size).toBe(10);
  expect(askew.dropped).toHaveLength(5);
  expect(askew.steps.at(-1)).toBe('listening at 9600 Bd: 10 good, 5 damaged, 4 missing');
  expect(askew.telegrams[0]?.from).toEqual(['1OHU0010020051']);
  const locked = await listen(meter(lockedFlat), 5000);
  expect(locked.telegrams[0]?.readout.circumstances?.notes?.[0]).toContain('locked');
});

test('says what it hears where that is no SML, or nothing', async () => {
  const silent = await listen(meter(solarHouse), 30_000, ['silent']);
  expect(silent.steps.at(-1)).toContain('silent at 9600 Bd');
  const text = await listen(speaker(fromLatin1('/ESY5Q3DA1004\r\n\r\n1-0:1.8.0*255(1.5*kWh)\r\n!\r\n')), 30_000);
  expect(text.steps.at(-1)).toContain('choose that protocol with mode D');
  expect(toHex(Uint8Array.of(1))).toBe('01');
});

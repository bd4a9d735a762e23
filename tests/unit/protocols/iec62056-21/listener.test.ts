import { describe, expect, it } from 'vitest';
import { concatBytes, fromLatin1 } from '../../../../src/common/bytes.ts';
import type { Values } from '../../../../src/common/form.ts';
import { openLine } from '../../../../src/line/open-line.ts';
import { PortError, type Port } from '../../../../src/line/port.ts';
import { iecDialogue } from '../../../../src/protocols/iec62056-21/ask.ts';
import { dsmrCrc } from '../../../../src/protocols/iec62056-21/block-check.ts';
import { iecListener } from '../../../../src/protocols/iec62056-21/listener.ts';
import { defaultIecSettings } from '../../../../src/protocols/iec62056-21/settings.ts';
import { isVouchedFor } from '../../../../src/protocols/iec62056-21/trust.ts';
import type { Telegram } from '../../../../src/protocols/protocol.ts';
import type { Device } from '../../../../src/simulator/device.ts';
import { deviceAt } from '../../../../src/simulator/far-end.ts';
import { iecSimulated } from '../../../../src/protocols/iec62056-21/simulated/index.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import { simulatedPort } from '../../../../src/simulator/simulated-port.ts';
import { virtualClock, type VirtualClock } from '../../../../src/simulator/virtual-clock.ts';
import { portTo } from '../../simulator/host.ts';
import { damaging, pusher, type Pushing } from './bench.ts';
import { simulatedMeter } from './simulated/host.ts';

const EBZ: Pushing = { baudRate: 9600, parity: 'even', everyMs: 1000 };
const P1: Pushing = { baudRate: 115_200, parity: 'none', everyMs: 1000 };

const telegram = (reading: string, number = '1EBZ0100000001') =>
  `/EBZ5DD3BENCH\r\n\r\n1-0:0.0.0*255(${number})\r\n1-0:1.8.0*255(${reading}*kWh)\r\n!\r\n`;
const readings = (n: number) => Array.from({ length: n }, (_, i) => telegram(`000422.2019${6500 + i}`));

const dsmr = (value: string, change: (body: string) => string = (same) => same) => {
  const body = `/XMX5LGFBENCH\r\n\r\n1-3:0.2.8(50)\r\n1-0:1.8.1(${value}*kWh)\r\n0-0:96.1.1(4530303035)\r\n!`;
  const crc = dsmrCrc(fromLatin1(body)).toString(16).toUpperCase().padStart(4, '0');
  return `${change(body)}${crc}\r\n`;
};
const spoilt = dsmr('000095.052', (body) => body.replace('095.052', '095.062'));

interface Heard {
  readonly telegrams: readonly Telegram[];
  readonly dropped: readonly string[];
  readonly steps: readonly string[];
  readonly failure?: unknown;
}

interface How {
  readonly forMs: number;
  readonly settings?: Values;
  readonly faults?: readonly Fault[];
  /** One of the simulator's, in place of a device. */
  readonly meter?: string;
  readonly wrap?: (port: Port, clock: VirtualClock) => Port;
}

/** Listens for so long, and is stopped then. */
async function hear(
  device: Device | undefined,
  { forMs, settings = {}, faults = [], wrap = (same) => same, meter = '' }: How,
): Promise<Heard> {
  const clock = virtualClock();
  const active = () => new Set(faults);
  const bench = device
    ? portTo(
        deviceAt(() => device),
        clock,
        active,
      )
    : simulatedPort(simulatedMeter(meter), clock, active);
  const port = wrap(bench, clock);
  const target = { address: '', settings: { ...defaultIecSettings, mode: 'D', ...settings } };
  const stop = new AbortController();
  const telegrams: Telegram[] = [];
  const dropped: string[] = [];
  const steps: string[] = [];
  const run = async () => {
    const line = await openLine(port, { ...iecDialogue.lineOf(target), clock, signal: stop.signal, isEndless: true });
    void clock.sleep(forMs).then(() => stop.abort());
    const failure: unknown = await iecListener
      .listen(line, target, {
        onTelegram: (one) => telegrams.push(one),
        onDropped: (reason) => dropped.push(reason),
        onStep: (text) => steps.push(text),
      })
      .catch((error: unknown) => error);
    expect(line.trace.entries).toEqual([]);
    await line.close();
    return failure;
  };
  const failure = await clock.run(run(), forMs + 60_000);
  return { telegrams, dropped, steps, ...(failure === undefined ? {} : { failure }) };
}

const valuesOf = ({ telegrams }: Heard) =>
  telegrams.map(({ readout }) => /1\.8\.\d[^(]*\(([\d.]+)/.exec(readout.data)?.[1]);

describe('a listener', () => {
  it('tells each telegram that is vouched for, and who spoke, until it is stopped', async () => {
    const heard = await hear(pusher(readings(100), EBZ), { forMs: 20_500, settings: { baudRate: 9600 } });
    expect(heard.failure).toBeUndefined();
    expect(heard.dropped).toEqual([]);
    // The first has nothing before it that bears it out.
    expect(heard.telegrams.length).toBeGreaterThanOrEqual(17);
    expect(new Set(valuesOf(heard)).size).toBe(heard.telegrams.length);
    for (const { readout, from } of heard.telegrams) {
      expect(readout).toMatchObject({ errorCode: 0, identification: 'DD3BENCH', circumstances: { mode: 'D' } });
      expect(from).toEqual(['1EBZ0100000001']);
      expect(readout.circumstances).not.toHaveProperty('attempts');
      expect(isVouchedFor(readout)).toBe(true);
    }
    expect(heard.steps).toContain("listening at 9600 Bd for the meter's next push");
  });

  it('finds the rate by itself', async () => {
    const heard = await hear(pusher([dsmr('000095.052')], P1), { forMs: 30_000 });
    expect(heard.telegrams.length).toBeGreaterThan(10);
    expect(heard.telegrams.at(-1)?.readout.circumstances).toMatchObject({ baudRate: 115_200, blockCheck: 'ok' });
  });

  it('drops what has a wrong check sum, says why, and awaits the next', async () => {
    const texts = [dsmr('000095.052'), dsmr('000095.053'), spoilt, dsmr('000095.054')];
    const heard = await hear(pusher(texts, P1), { forMs: 10_000, settings: { baudRate: 115_200 } });
    expect(valuesOf(heard)).not.toContain('000095.062');
    expect(valuesOf(heard)).toContain('000095.054');
    expect(heard.dropped).toEqual(['The block check character does not match the data.']);
  });

  it('drops a torn one, wherever the hole lies', async () => {
    const whole = readings(8);
    for (let from = 20; from < 90; from += 7) {
      const torn = (whole[2] ?? '') + (whole[3] ?? '');
      const texts = [...whole.slice(0, 2), torn.slice(0, from) + torn.slice(from + 60), ...whole.slice(4)];
      const heard = await hear(pusher(texts, EBZ), { forMs: 9000, settings: { baudRate: 9600 } });
      const good = new Set(whole.map((text) => /\(([\d.]+)\*kWh/.exec(text)?.[1]));
      for (const value of valuesOf(heard)) expect(good).toContain(value);
      expect(valuesOf(heard)).toContain('000422.20196507');
      expect(heard.dropped.length).toBeGreaterThanOrEqual(1);
    }
  });

  it('tells one that nothing vouches for as unchecked, once no next one came in time', async () => {
    const heard = await hear(pusher([telegram('000422.20196512'), ''], { ...EBZ, everyMs: 3_600_000 }), {
      forMs: 60_000,
      settings: { baudRate: 9600 },
    });
    expect(heard.telegrams).toHaveLength(1);
    const [{ readout } = { readout: undefined }] = heard.telegrams;
    expect(readout?.circumstances?.borneOut).toBe(false);
    expect(readout?.circumstances?.notes?.join()).toContain('nothing vouches for this telegram');
  });

  it('tells it too when it is stopped before the next one', async () => {
    const slow = { ...EBZ, everyMs: 60_000 };
    const heard = await hear(pusher([telegram('000422.20196512')], slow), {
      forMs: 2000,
      settings: { baudRate: 9600 },
    });
    expect(heard.telegrams.map(({ readout }) => readout.circumstances?.borneOut)).toEqual([false]);
  });

  it('tells two meters on one line apart', async () => {
    const texts = Array.from({ length: 20 }, (_, i) =>
      telegram(`000${i % 2 === 0 ? 422 : 917}.2019${6500 + i}`, `1EBZ010000000${(i % 2) + 1}`),
    );
    const heard = await hear(pusher(texts, EBZ), { forMs: 18_000, settings: { baudRate: 9600 } });
    expect(heard.dropped).toEqual([]);
    expect(new Set(heard.telegrams.flatMap(({ from }) => from)).size).toBe(2);
    expect(heard.telegrams.every(({ readout }) => isVouchedFor(readout))).toBe(true);
  });

  it('says of an encrypted one what it is, and goes on', async () => {
    const random = Uint8Array.from({ length: 400 }, (_, i) => (i * 73 + ((i * i) % 251)) & 0xff);
    const cipher = concatBytes(fromLatin1('/EGM5G15\r\n\r\n\x00\x82\x0200'), random);
    const heard = await hear(pusher([cipher], P1), { forMs: 10_000, settings: { baudRate: 115_200 } });
    expect(heard.failure).toBeUndefined();
    expect(heard.telegrams).toEqual([]);
    expect(heard.dropped.length).toBeGreaterThan(1);
    expect(heard.dropped.join()).toContain('encrypted');
  });

  it('finds a meter of another rate and without check sum when the head is moved to it', async () => {
    const two: Device = (wire) => {
      const one = pusher([dsmr('000095.052')], P1);
      const other = pusher(readings(1000), EBZ);
      let isMoved = false;
      void wire.clock.sleep(10_000).then(() => (isMoved = true));
      const through = (moved: boolean) => ({
        ...wire,
        send: ((...args: Parameters<typeof wire.send>) =>
          isMoved === moved ? wire.send(...args) : args[2]) as typeof wire.send,
      });
      const devices = [one(through(false)), other(through(true))];
      return {
        received: () => undefined,
        hostListens: (listens) => devices.forEach((device) => device.hostListens?.(listens)),
      };
    };
    const heard = await hear(two, { forMs: 180_000, settings: { baudRate: 115_200 } });
    expect(heard.telegrams.some(({ readout }) => readout.identification === 'LGFBENCH')).toBe(true);
    expect(heard.telegrams.some(({ readout }) => readout.identification === 'DD3BENCH')).toBe(true);
  });

  it('rejects for a port that is lost', async () => {
    const wrap = (port: Port, clock: VirtualClock): Port => ({
      ...port,
      listen(listener) {
        port.listen(listener);
        void clock.sleep(3000).then(() => listener({ kind: 'lost', reason: 'unplugged' }));
      },
    });
    const { failure } = await hear(pusher(readings(100), EBZ), { forMs: 30_000, wrap });
    expect(failure).toBeInstanceOf(PortError);
  });

  const pushing = iecSimulated.filter(({ settings }) => settings?.['mode'] === 'D');

  it.each(pushing.map((meter) => [meter.id, meter] as const))('hears %s, whole and with noise', async (_id, meter) => {
    for (const fault of [undefined, 'noise', 'long-gap', 'stops-in-mid-readout', 'no-parity'] as const) {
      const faults: readonly Fault[] = fault ? [fault] : [];
      const heard = await hear(undefined, { forMs: 60_000, settings: meter.settings ?? {}, faults, meter: meter.id });
      expect(heard.failure).toBeUndefined();
      if (!fault) expect(heard.telegrams.length).toBeGreaterThanOrEqual(4);
      for (const { readout } of heard.telegrams) expect(readout.errorCode).toBe(0);
    }
  });

  it('survives a line on which anything comes', async () => {
    let random = 1;
    const wrap = damaging((byte) => ((random = (random * 48_271) % 2_147_483_647) % 40 === 0 ? random & 0xff : byte));
    const heard = await hear(pusher(readings(1000), EBZ), { forMs: 120_000, wrap, settings: { baudRate: 9600 } });
    expect(heard.failure).toBeUndefined();
    expect(heard.dropped.length).toBeGreaterThan(10);
  });
});

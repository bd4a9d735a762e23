import { describe, expect, it } from 'vitest';
import { PortError } from '../../../src/line/port.ts';
import { portOver, type Driver } from '../../../src/line/port-over.ts';
import { virtualClock, type VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { scriptedPort } from './scripted-port.ts';

const SETTINGS = { baudRate: 300, dataBits: 8, stopBits: 1, parity: 'none' } as const;

describe('a port over a driver', () => {
  it('undoes an opening that comes about too late, and can be opened then', async () => {
    const clock = virtualClock(undefined, 0);
    const log: string[] = [];
    const delays = [25_000, 0];
    const port = scriptedPort(clock, {
      open: async () => {
        await clock.sleep(delays.shift() ?? 0);
        log.push(`open ${clock.monotonic()}`);
      },
      close: async () => {
        log.push(`close ${clock.monotonic()}`);
      },
    });
    await expect(clock.run(port.open(SETTINGS))).rejects.toMatchObject({ failure: 'timeout' });
    expect(clock.monotonic()).toBe(20_000);
    await clock.run(port.open(SETTINGS));
    expect(log).toEqual(['open 25000', 'close 25000', 'open 25000']);
  });

  it('can be opened again after a closing that the driver refused', async () => {
    const clock = virtualClock(undefined, 0);
    let refusals = 1;
    const port = scriptedPort(clock, {
      close: async () => {
        if (refusals-- > 0) throw new Error('not now');
      },
    });
    await port.open(SETTINGS);
    await expect(port.close()).rejects.toMatchObject({ failure: 'stuck', cause: { message: 'not now' } });
    await port.open(SETTINGS);
    await port.close();
  });
});

describe('a driver that is loaded with the first opening', () => {
  const log: string[] = [];
  const driver: Driver = {
    open: async () => void log.push('open'),
    close: async () => void log.push('close'),
    write: () => Promise.resolve(),
  };

  function late(load: (clock: VirtualClock) => Promise<void>) {
    log.length = 0;
    const clock = virtualClock(undefined, 0);
    const loaded = async () => {
      log.push('load');
      await load(clock);
      return driver;
    };
    const info = { id: 'test:late', label: 'Late', transport: 'test' };
    const port = portOver(loaded, {
      info,
      capabilities: { reconfigure: 'reopen', signals: false, lineErrors: true },
      clock,
    });
    return { clock, port };
  }

  it('takes what time the network needs, and is loaded once', async () => {
    const { clock, port } = late((own) => own.sleep(60_000));
    await clock.run(port.open(SETTINGS));
    expect(clock.monotonic()).toBe(60_000);
    await port.close();
    await port.open(SETTINGS);
    expect(log).toEqual(['load', 'open', 'close', 'open']);
  });

  it('is given up at once by closing, opens nothing when it comes, and can be opened then', async () => {
    const { clock, port } = late((own) => own.sleep(60_000));
    const opening = port.open(SETTINGS);
    await port.close();
    await expect(opening).rejects.toMatchObject({ failure: 'failed' });
    expect(clock.monotonic()).toBe(0);
    await clock.run(clock.sleep(70_000));
    expect(log).toEqual(['load']);
    await clock.run(port.open(SETTINGS));
    expect(log.at(-1)).toBe('open');
  });

  it('is loaded anew where that failed, and says so in its own words', async () => {
    let failures = 1;
    const { port } = late(async () => {
      if (failures-- > 0) throw new PortError('failed', 'There is no network.');
    });
    await expect(port.open(SETTINGS)).rejects.toThrow('There is no network.');
    await expect(port.write(Uint8Array.of(1))).rejects.toMatchObject({ failure: 'failed' });
    await port.open(SETTINGS);
    expect(log).toEqual(['load', 'load', 'open']);
  });
});

import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
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

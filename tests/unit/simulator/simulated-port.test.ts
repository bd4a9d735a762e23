import { describe, expect, it } from 'vitest';
import { portSettings } from '../../../src/line/framing.ts';
import { eightBits, type Device } from '../../../src/simulator/device.ts';
import { deviceAt } from '../../../src/simulator/far-end.ts';
import type { PortTraits } from '../../../src/simulator/simulated-driver.ts';
import { hostOf, portTo } from './host.ts';

/** Answers every character with two, 100 ms later. */
const answering: Device = (wire) => {
  wire.listen(eightBits(300));
  return { received: (byte, end) => void wire.send(Uint8Array.of(byte, 0x55), eightBits(300), end + 100) };
};

function host(traits: PortTraits = {}, device = answering) {
  const farEnd = deviceAt(() => device);
  return hostOf((clock, faults) => portTo(farEnd, clock, faults, traits));
}

describe('simulatedPort', () => {
  it('takes 8 ms to open and as long to reopen', async () => {
    const { clock, open, reopen } = host();
    await open();
    expect(clock.monotonic()).toBe(8);
    await reopen(9600);
    expect(clock.monotonic()).toBe(16);
  });

  it('hands bytes over at once, and the device gets them when they have left', async () => {
    const { clock, port, open, wait, raw, chunks } = host();
    await open();
    await clock.run(port.write(Uint8Array.of(0x33)));
    expect(clock.monotonic()).toBe(8);
    await wait(300);
    expect(raw()).toEqual([0x33, 0x55]);
    expect(chunks[0]?.at).toBeCloseTo(8 + 2 * (10_000 / 300) + 100 + 4, 3);
  });

  it('loses what has not left when it is closed or reopened', async () => {
    for (const end of ['close', 'reconfigure'] as const) {
      const { clock, port, open, wait, raw } = host();
      await open();
      await clock.run(port.write(Uint8Array.of(0x33, 0x34)));
      await wait(36);
      await clock.run(end === 'close' ? port.close() : port.reconfigure(portSettings('8N1', 300)));
      if (end === 'close') await clock.run(port.open(portSettings('8N1', 300)));
      await wait(400);
      // The second character was cut in its start bit: the device made 0xff of the idle line.
      expect(raw()).toEqual([0x33, 0x55, 0xff, 0x55]);
    }
  });

  it('drops what it holds when it reopens, and not when it is changed in place', async () => {
    const reopened = host();
    const changed = host({ reconfigure: 'in-place' });
    for (const { clock, port, open, wait, reopen } of [reopened, changed]) {
      await open();
      await clock.run(port.write(Uint8Array.of(0x33)));
      // The first character of the answer has ended 166.7 ms after the write and waits in the adapter; the second has begun.
      await wait(167.5);
      await reopen(300);
      await wait(200);
    }
    expect(changed.raw()).toEqual([0x33]);
    expect(reopened.raw()).toEqual([]);
  });

  it('reports wrong parity where the chip checks it, and removes the byte', async () => {
    const speaking: Device = (wire) => ({
      received: () => undefined,
      hostListens: (listens) => {
        if (listens) wire.send(Uint8Array.of(0x41, 0xc1, 0x42), eightBits(300), wire.clock.monotonic());
      },
    });
    const { clock, port, wait, events } = host({}, speaking);
    await clock.run(port.open(portSettings('7E1 hardware', 300)));
    await wait(200);
    expect(events).toEqual([
      { kind: 'ready' },
      { kind: 'data', bytes: Uint8Array.of(0x41) },
      { kind: 'line-error', error: 'parity' },
      { kind: 'data', bytes: Uint8Array.of(0x42) },
    ]);
  });

  it('refuses what a port refuses', async () => {
    const { clock, port, open } = host();
    await expect(port.write(Uint8Array.of(1))).rejects.toMatchObject({ name: 'PortError', failure: 'failed' });
    await expect(port.reconfigure(portSettings('8N1', 300))).rejects.toMatchObject({ failure: 'failed' });
    await open();
    await expect(port.open(portSettings('8N1', 300))).rejects.toMatchObject({ failure: 'failed' });
    await port.close();
    await port.close();
    const overtaken = port.open(portSettings('8N1', 300));
    await port.close();
    await expect(clock.run(overtaken)).rejects.toMatchObject({ failure: 'failed' });
  });
});

import { describe, expect, it } from 'vitest';
import { faults, isFault, type Fault } from '../../../../../src/simulator/faults.ts';
import { withEvenParity, type Host } from '../../../simulator/host.ts';
import { checked, hostOfMeter } from './host.ts';

const REQUEST = '/?!\r\n';
const IDENT = '/ZPA5ZE3SIM.01\r\n';

async function signedOn(fault?: Fault, id = 'three-phase'): Promise<Host> {
  const host = hostOfMeter(id);
  if (fault) host.faults.add(fault);
  await host.open();
  await host.send(REQUEST);
  await host.wait(1000);
  return host;
}

async function data(host: Host): Promise<string> {
  host.take();
  await host.send('\x06050\r\n');
  await host.reopen(9600);
  await host.wait(1200);
  return host.take();
}

const isWhole = (message: string) => {
  const { bcc, xor, content } = checked(message);
  return content.includes('!') && bcc === xor;
};

describe('faults', () => {
  it('silent', async () => {
    const host = await signedOn('silent');
    expect(host.take()).toBe('');
    host.faults.delete('silent');
    await host.send(REQUEST);
    await host.wait(1000);
    expect(host.take()).toBe(IDENT);
  });

  it('echo: what is sent comes back as it is sent, before the answer', async () => {
    const host = await signedOn('echo');
    const raw = host.raw();
    expect(raw.slice(0, 5)).toEqual([...withEvenParity(REQUEST)]);
    expect(host.chunks[0]?.at).toBeCloseTo(8 + 10_000 / 300 + 4, 3);
    expect(String.fromCharCode(...raw.slice(5).map((byte) => byte & 0x7f))).toBe(IDENT);
  });

  it('the echoing head of the catalog does the same', async () => {
    const host = await signedOn(undefined, 'echo');
    expect(host.take()).toBe(`${REQUEST}/ZPA5ZE3SIM.02\r\n`);
    expect(isWhole((await data(host)).replace(/^[^\x02]*/, ''))).toBe(true);
  });

  it('wrong-bcc-once: right when repeated, and wrong again in the next session', async () => {
    const host = await signedOn('wrong-bcc-once');
    expect(isWhole(await data(host))).toBe(false);
    await host.send('\x15');
    await host.wait(1200);
    expect(isWhole(host.take())).toBe(true);
    await host.wait(2000);
    await host.reopen(300);
    await host.send(REQUEST);
    await host.wait(1000);
    expect(isWhole(await data(host))).toBe(false);
  });

  it('wrong-bcc: every time', async () => {
    const host = await signedOn('wrong-bcc');
    expect(isWhole(await data(host))).toBe(false);
    await host.send('\x15');
    await host.wait(1200);
    expect(isWhole(host.take())).toBe(false);
  });

  it.each<['stays-at-first-rate' | undefined, string]>([
    ['stays-at-first-rate', 'three-phase'],
    [undefined, 'stays-slow'],
  ])('stays-at-first-rate: %s of %s', async (fault, id) => {
    const host = await signedOn(fault, id);
    host.take();
    await host.send('\x06050\r\n');
    await host.wait(30_000);
    expect(isWhole(host.take())).toBe(true);
  });

  it('stops-in-mid-readout, and takes a new request afterwards', async () => {
    const host = await signedOn('stops-in-mid-readout');
    const part = await data(host);
    expect(part.startsWith('\x02F.F(')).toBe(true);
    expect(part).not.toContain('!');
    host.faults.clear();
    await host.wait(2000);
    await host.reopen(300);
    await host.send(REQUEST);
    await host.wait(1000);
    expect(host.take()).toBe(IDENT);
  });

  it('port-lost: in the middle of the readout, and back when it is switched off', async () => {
    const host = await signedOn('port-lost');
    expect(host.take()).toBe(IDENT);
    await host.send('\x06050\r\n');
    await host.reopen(9600);
    await host.wait(1200);
    expect(host.events.at(-1)).toEqual({ kind: 'lost', reason: 'The device has been lost.' });
    expect(host.take().length).toBe(49 - IDENT.length);
    await expect(host.port.write(Uint8Array.of(1))).rejects.toMatchObject({ failure: 'lost' });
    await expect(host.open()).rejects.toMatchObject({ failure: 'lost' });
    host.faults.clear();
    await host.wait(60_000);
    await host.open();
    await host.send(REQUEST);
    await host.wait(1000);
    expect(host.take()).toBe(IDENT);
  });

  it('wrong-parity: odd', async () => {
    const host = await signedOn('wrong-parity');
    expect(host.raw()).toEqual([...withEvenParity(IDENT)].map((byte) => byte ^ 0x80));
  });

  it('no-parity: bit 7 is zero, and the meter does not look at it', async () => {
    const host = hostOfMeter('three-phase');
    host.faults.add('no-parity');
    await host.open();
    await host.clock.run(host.port.write(new TextEncoder().encode(REQUEST)));
    await host.wait(1500);
    expect(host.raw()).toEqual([...new TextEncoder().encode(IDENT)]);
  });

  it('garbage-before-answer', async () => {
    const host = await signedOn('garbage-before-answer');
    expect(host.raw()).toEqual([0x7f, 0x7f, 0xff, 0x00, ...withEvenParity(IDENT)]);
  });

  it('slow-reaction: 1400 ms', async () => {
    const host = await signedOn('slow-reaction');
    expect(host.take()).toBe('');
    await host.wait(1400);
    expect(host.take()).toBe(IDENT);
    const requestEnds = 8 + 50_000 / 300;
    expect(host.chunks[0]?.at).toBeCloseTo(requestEnds + 1400 + 10_000 / 300 + 4, 3);
    expect(isWhole(await data(host))).toBe(false);
    await host.wait(2000);
    expect(host.take()).toContain('!');
  });

  it('ignores-acknowledge: the readout comes at 300 Bd', async () => {
    const host = await signedOn('ignores-acknowledge');
    host.take();
    await host.send('\x06050\r\n');
    await host.wait(30_000);
    expect(isWhole(host.take())).toBe(true);
  });

  it('long-gap: 2 s in the middle, then the rest', async () => {
    const host = await signedOn('long-gap');
    const part = await data(host);
    await host.wait(2500);
    const rest = host.take();
    expect(isWhole(part)).toBe(false);
    expect(isWhole(part + rest)).toBe(true);
    const times = host.chunks.map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.max(...gaps)).toBeGreaterThan(1900);
  });

  it('noise: a wrong bit now and then', async () => {
    const host = await signedOn();
    const clean = await data(host);
    host.faults.add('noise');
    let differing = 0;
    for (let index = 0; index < 8; index++) {
      await host.send('\x15');
      await host.wait(1200);
      const noisy = host.take();
      expect(noisy.length).toBe(clean.length);
      if (noisy !== clean) differing++;
    }
    expect(differing).toBeGreaterThan(2);
  });

  it('the noisy meter of the catalog fails about every other time', async () => {
    const host = await signedOn(undefined, 'noisy');
    await data(host);
    let bad = 0;
    for (let index = 0; index < 60; index++) {
      await host.send('\x15');
      await host.wait(1200);
      if (!isWhole(host.take())) bad++;
    }
    expect(bad).toBeGreaterThan(15);
    expect(bad).toBeLessThan(45);
  });

  it('are told from other texts', () => {
    expect(faults).toHaveLength(16);
    expect(isFault('echo')).toBe(true);
    expect(isFault('toString')).toBe(false);
  });
});

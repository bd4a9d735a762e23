import { describe, expect, it } from 'vitest';
import { checked, hostOfMeter } from './host.ts';
import type { Host } from '../../../simulator/host.ts';

const REQUEST = '/?!\r\n';
const IDENT = '/ZPA5ZE3SIM.01\r\n';
const ACK_9600 = '\x06050\r\n';
const NAK = '\x15';
const at300 = (characters: number) => (characters * 10_000) / 300;

function expectWhole(message: string): void {
  const { bcc, xor, content } = checked(message);
  expect(message.startsWith('\x02')).toBe(true);
  expect(content.endsWith('!\r\n')).toBe(true);
  expect(bcc).toBe(xor);
}

/** Request and identification of a mode C meter. */
async function signOn(host: Host, request = REQUEST): Promise<string> {
  await host.open();
  await host.send(request);
  await host.wait(1200);
  return host.take();
}

async function readAt9600(host: Host): Promise<string> {
  await signOn(host);
  await host.send(ACK_9600);
  await host.reopen(9600);
  await host.wait(2000);
  return host.take();
}

describe('mode C', () => {
  it('identifies itself 200 ms after the request, to the millisecond', async () => {
    const host = hostOfMeter('three-phase');
    await host.open();
    const began = host.clock.monotonic();
    await host.send(REQUEST);
    await host.wait(1200);
    expect(host.take()).toBe(IDENT);
    // Five characters, 200 ms, one character, and the 4 ms the adapter waits for more.
    expect(host.chunks[0]?.at).toBeCloseTo(began + at300(5) + 200 + at300(1) + 4, 3);
    expect(host.chunks.at(-1)?.at).toBeCloseTo(began + at300(5) + 200 + at300(IDENT.length) + 4, 3);
    expect(host.chunks.length).toBe(IDENT.length);
  });

  it('reads out at the acknowledged rate', async () => {
    const host = hostOfMeter('three-phase');
    const message = await readAt9600(host);
    expectWhole(message);
    expect(message).toContain('\r\n1.8.0(0');
  });

  it('begins the readout 20 ms after the acknowledge when its third letter is lower-case', async () => {
    const host = hostOfMeter('fast-reaction');
    expect(await signOn(host)).toBe('/ISk5MTSIM-0001\r\n');
    await host.send(ACK_9600);
    const ended = host.clock.monotonic();
    await host.reopen(9600);
    await host.wait(2000);
    expectWhole(host.take());
    const first = host.chunks.find(({ at }) => at > ended);
    expect(first?.at).toBeCloseTo(ended + 20 + 10_000 / 9600 + 4, 3);
  });

  it('loses its first characters to a reader that reopens too late', async () => {
    const host = hostOfMeter('fast-reaction');
    await signOn(host);
    await host.send(ACK_9600);
    await host.wait(40);
    await host.reopen(9600);
    await host.wait(2000);
    const message = host.take();
    expect(message).not.toContain('\x02');
    expect(message).toContain('!\r\n\x03');
  });

  it('does not get an acknowledge that was cut by reopening, and falls back to 300 Bd', async () => {
    const host = hostOfMeter('three-phase');
    await signOn(host);
    const identified = host.chunks.at(-1)?.at ?? 0;
    await host.clock.run(host.port.write(new TextEncoder().encode(ACK_9600)));
    await host.reopen(9600);
    await host.wait(1000);
    expect(host.take()).toBe('');
    await host.reopen(300);
    await host.wait(30_000);
    expectWhole(host.take());
    const first = host.chunks.find(({ at }) => at > identified);
    expect((first?.at ?? 0) - identified).toBeCloseTo(1800 + at300(1), 3);
  });

  it.each([
    ['000', 'refuses the higher rate'],
    ['040', 'a rate it did not announce'],
  ])('stays at 300 Bd after ACK %s (%s)', async (option) => {
    const host = hostOfMeter('three-phase');
    await signOn(host);
    await host.send(`\x06${option}\r\n`);
    const ended = host.clock.monotonic();
    await host.wait(30_000);
    expectWhole(host.take());
    const first = host.chunks.find(({ at }) => at > ended);
    expect(first?.at).toBeCloseTo(ended + 200 + at300(1) + 4, 3);
  });

  it.each([
    ['\x06051\r\n', 'programming mode'],
    ['\x06252\r\n', 'mode E'],
    ['\x06\x7f50\r', 'garbled'],
    ['', 'missing'],
  ])('falls back to a readout at 300 Bd when the acknowledge is %j (%s)', async (acknowledge) => {
    const host = hostOfMeter('three-phase');
    await signOn(host);
    const identified = host.chunks.at(-1)?.at ?? 0;
    if (acknowledge !== '') await host.send(acknowledge);
    await host.wait(30_000);
    expectWhole(host.take());
    const first = host.chunks.find(({ at }) => at > identified);
    expect((first?.at ?? 0) - identified).toBeCloseTo(1800 + at300(1), 3);
  });

  it('gives garbage to a reader at the wrong rate', async () => {
    const host = hostOfMeter('three-phase');
    await signOn(host);
    await host.send(ACK_9600);
    await host.wait(2000);
    const garbage = host.take();
    expect(garbage.length).toBeGreaterThan(0);
    expect(garbage.length).toBeLessThan(60);
    expect(garbage).not.toContain('1.8.0');
  });

  it('repeats the identification and the readout on NAK, the readout with the same figures', async () => {
    const host = hostOfMeter('three-phase');
    expect(await signOn(host)).toBe(IDENT);
    await host.send(NAK);
    await host.wait(1200);
    expect(host.take()).toBe(IDENT);
    await host.send(ACK_9600);
    await host.reopen(9600);
    await host.wait(1200);
    const first = host.take();
    await host.send(NAK);
    await host.wait(1500);
    expectWhole(first);
    expect(host.take()).toBe(first);
  });

  it('takes a new sign-on request at 300 Bd once the time for a NAK is over', async () => {
    const host = hostOfMeter('three-phase');
    await readAt9600(host);
    await host.reopen(300);
    await host.send(REQUEST);
    await host.wait(1200);
    expect(host.take()).toBe('');
    await host.send(REQUEST);
    await host.wait(1200);
    expect(host.take()).toBe(IDENT);
  });

  it('ignores characters with wrong parity', async () => {
    const host = hostOfMeter('three-phase');
    await host.open();
    await host.clock.run(host.port.write(new TextEncoder().encode(REQUEST)));
    await host.wait(2000);
    expect(host.take()).toBe('');
  });
});

describe('address', () => {
  it.each([
    ['three-phase', '', true],
    ['three-phase', '04710815', true],
    ['three-phase', '00004710815', true],
    ['three-phase', '4710816', false],
    ['by-number', '', false],
    ['by-number', '421337', true],
    ['by-number', '0000421337', true],
    ['by-number', '421338', false],
  ])('%s asked with %j answers: %s', async (id, address, answers) => {
    const host = hostOfMeter(id);
    expect((await signOn(host, `/?${address}!\r\n`)) !== '').toBe(answers);
  });
});

describe('session', () => {
  it('stays at 9600 Bd until a break or a minute is over, where the meter keeps it', async () => {
    const host = hostOfMeter('keeps-session');
    const ident = await signOn(host);
    await host.send(ACK_9600);
    await host.reopen(9600);
    await host.wait(4000);
    expectWhole(host.take());
    await host.reopen(300);
    await host.send(REQUEST);
    await host.wait(1500);
    expect(host.take()).toBe('');
    await host.reopen(9600);
    await host.send('\x01B0\x03q');
    await host.reopen(300);
    await host.send(REQUEST);
    await host.wait(1500);
    expect(host.take()).toBe(ident);

    await host.send(ACK_9600);
    await host.reopen(9600);
    await host.wait(61_000);
    host.take();
    await host.reopen(300);
    await host.send(REQUEST);
    await host.wait(1500);
    expect(host.take()).toBe(ident);
  });
});

describe('mode A', () => {
  it('sends everything at 300 Bd after the request', async () => {
    const host = hostOfMeter('gas');
    await host.open();
    await host.send(REQUEST);
    await host.wait(10_000);
    const [ident = '', message = ''] = host.take().split(/(?=\x02)/);
    expect(ident).toBe('/ELS GASSIM V1.0\r\n');
    expectWhole(message);
    expect(message).toMatch(/\(\d{6},\d\d\*m3\)/);
    expect(message).toContain(')!\r\n\x03');
  });
});

describe('mode B', () => {
  it('changes the rate by itself after the identification', async () => {
    const ident = '/SIEC2HSIM1\r\n';
    const host = hostOfMeter('heat');
    await host.open();
    await host.send(REQUEST);
    await host.wait(200 + at300(ident.length) + 10);
    expect(host.take()).toBe(ident);
    const identified = host.chunks.at(-1)?.at ?? 0;
    await host.reopen(2400);
    await host.wait(5000);
    expectWhole(host.take());
    const first = host.chunks.find(({ at }) => at > identified);
    expect(first?.at).toBeCloseTo(identified + 200 + 10_000 / 2400, 3);
  });
});

describe('mode D', () => {
  it.each([
    ['push-2400', 2400, 5000],
    ['push-9600', 9600, 2000],
    ['push-8n1', 9600, 2000],
  ])('%s speaks unasked at %d Bd every %d ms', async (id, rate, every) => {
    const host = hostOfMeter(id);
    await host.open(rate);
    await host.wait(2 * every - 100);
    // The port was opened after the first push had begun: its first characters are lost.
    const [, whole = ''] = host.take().split(/(?=\/[A-Z]{3})/);
    expect(whole).toMatch(/^\/[A-Z]{3}[35]\S.*\r\n\r\n1-0:/);
    expect(whole.endsWith('!\r\n')).toBe(true);
    const second = host.chunks.find(({ at }) => at >= every);
    expect(second?.at).toBeCloseTo(every + 10_000 / rate + 4, 3);
  });

  it('sends no parity where the meter has none', async () => {
    const host = hostOfMeter('push-8n1');
    await host.open(9600);
    await host.wait(4000);
    expect(host.raw().every((byte) => byte < 0x80)).toBe(true);
  });

  it('does not tick while nobody listens', async () => {
    const host = hostOfMeter('push-9600');
    await host.open(9600);
    await host.clock.run(host.port.close());
    await expect(host.clock.run(new Promise(() => undefined))).rejects.toThrow(/Deadlock/);
  });
});

describe('wake-up', () => {
  const nuls = (count: number) => '\0'.repeat(count);

  async function wake(id: string, count: number, pause: number): Promise<string> {
    const host = hostOfMeter(id);
    await host.open();
    if (pause === 0) {
      await host.send(nuls(count) + REQUEST);
    } else {
      await host.send(nuls(count));
      await host.wait(pause);
      await host.send(REQUEST);
    }
    await host.wait(700);
    return host.take();
  }

  it.each([
    ['water-battery', 65, 1600, true, 'the standard'],
    ['water-battery', 63, 1500, true, 'the least the standard allows'],
    ['water-battery', 69, 1700, true, 'the most the standard allows'],
    ['water-battery', 40, 1600, false, 'too few NULs'],
    ['water-battery', 65, 0, false, 'no pause'],
    ['water-battery', 65, 1000, false, 'too short a pause'],
    ['water-battery', 65, 2500, false, 'too long a pause'],
    ['water-battery', 0, 0, false, 'no wake-up'],
    ['heat-battery', 40, 0, true, 'forty NULs and the request'],
    ['heat-battery', 30, 0, false, 'too few NULs'],
    ['heat-battery', 40, 1600, false, 'a pause'],
    ['heat-battery', 0, 0, false, 'no wake-up'],
  ])('%s with %d NULs and %d ms answers: %s (%s)', async (id, count, pause, answers) => {
    expect((await wake(id, count, pause)).startsWith('/')).toBe(answers);
  });

  it('does not count NULs with gaps', async () => {
    const host = hostOfMeter('heat-battery');
    await host.open();
    for (let index = 0; index < 40; index++) {
      await host.send('\0');
      await host.wait(10);
    }
    await host.send(REQUEST);
    await host.wait(1000);
    expect(host.take()).toBe('');
  });

  it('sleeps again after the readout', async () => {
    const host = hostOfMeter('heat-battery');
    await host.open();
    await host.send(nuls(40) + REQUEST);
    await host.wait(10_000);
    host.take();
    await host.send(REQUEST);
    await host.wait(1500);
    expect(host.take()).toBe('');
  });
});

describe('performance', () => {
  it('runs a readout of minutes at 300 Bd, which nobody waits for', async () => {
    const host = hostOfMeter('billing');
    await signOn(host);
    await host.send('\x06000\r\n');
    await host.wait(240_000);
    const message = host.take();
    expectWhole(message);
    expect(message.length).toBeGreaterThan(2000);
  });
});

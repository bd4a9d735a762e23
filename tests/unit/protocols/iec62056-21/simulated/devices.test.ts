import { describe, expect, it } from 'vitest';
import { iecSettings } from '../../../../../src/protocols/iec62056-21/settings.ts';
import {
  announcedMode,
  announcedRate,
  blockCheckOf,
  sameAddress,
} from '../../../../../src/protocols/iec62056-21/simulated/messages.ts';
import { iecSimulated } from '../../../../../src/protocols/iec62056-21/simulated/index.ts';
import { checked, hostOfMeter, simulatedMeter } from './host.ts';

/** Request, acknowledge `000`: every polled meter can be read whole at its first rate but mode B ones. */
async function readoutOf(id: string, start = 0): Promise<string> {
  const { settings: values = {}, address = '' } = simulatedMeter(id);
  const settings = iecSettings(values);
  const host = hostOfMeter(id);
  if (start > 0) await host.wait(start);
  const request = `/?${address}!\r\n`;
  await host.open(settings.mode === 'D' ? settings.baudRate : 300);
  if (settings.mode === 'D') {
    await host.wait(settings.listenMs);
    return host.take().split(/(?=\/[A-Z]{3})/)[1] ?? '';
  }
  if (settings.wakeUp === 'immediate') {
    await host.send('\0'.repeat(settings.wakeUpNuls ?? 40) + request);
  } else if (settings.wakeUp === 'standard') {
    await host.send('\0'.repeat(66));
    await host.wait(1600);
    await host.send(request);
  } else {
    await host.send(request);
  }
  let ident = '';
  while (!ident.endsWith('\r\n')) {
    await host.wait(5);
    ident += host.take();
  }
  const character = /\/[A-Z]{2}[A-Za-z](.)[^/]*$/.exec(ident)?.[1] ?? '';
  if (announcedMode(character) === 'C') await host.send(`\x06000\r\n`);
  if (announcedMode(character) === 'B') await host.reopen(announcedRate(character, 300));
  await host.wait(200_000);
  return host.take().replace(/^[^\x02]*/, '');
}

const pushing = iecSimulated.filter(({ settings }) => settings?.['mode'] === 'D').map(({ id }) => id);
const polled = iecSimulated.map(({ id }) => id).filter((id) => !pushing.includes(id) && id !== 'noisy');

describe('catalog', () => {
  it.each(polled)('%s: a whole readout with the right block check, in the grammar of data sets', async (id) => {
    const { content, bcc, xor, sum } = checked(await readoutOf(id));
    expect(bcc).toBe(id === 'sum-check' ? sum : xor);
    expect(content).toMatch(/^(?:(?:[^()/!\r\n]{0,16}(?:\([^()/!]*(?:\/[a-zA-Z]+)?\))+)+(?:\r\n)?)+!\r\n$/);
    for (const line of content.split('\r\n')) expect(line.length).toBeLessThanOrEqual(78);
  });

  it.each(pushing)('%s: a whole message', async (id) => {
    expect(await readoutOf(id)).toMatch(/^\/[A-Z]{3}\d.*\r\n\r\n(?:\d-\d:[\d.]+\*255\([^()]+\)\r\n)+!\r\n$/);
  });

  it('reads more an hour later', async () => {
    const reading = async (start: number) =>
      Number(/1\.8\.0\((\d+\.\d+)\*kWh/.exec(await readoutOf('three-phase', start))?.[1]);
    const first = await reading(0);
    const later = await reading(3_600_000);
    expect(later - first).toBeGreaterThan(0.1);
    expect(later - first).toBeLessThan(5);
  });

  it('has the history of the billing meter agree with its present', async () => {
    const message = await readoutOf('billing');
    const stored = [...message.matchAll(/\n1\.8\.0\*\d\d\((\d+\.\d+)\)/g)].map((match) => Number(match[1]));
    expect(stored).toHaveLength(15);
    expect(stored).toEqual([...stored].sort((a, b) => b - a));
    expect(Number(/\n1\.8\.0\((\d+\.\d+)\*/.exec(message)?.[1])).toBeGreaterThan(stored[0] ?? Infinity);
  });
});

describe('messages', () => {
  it('computes the block checks of the standard and of Energomera', () => {
    expect(blockCheckOf('P0\x02()\x03', 'xor')).toBe('\x60');
    expect(blockCheckOf('R1\x021.8.0()\x03', 'xor')).toBe('\x5a');
    expect(blockCheckOf('B0\x03', 'xor')).toBe('q');
    expect(blockCheckOf('P0\x02(83BC249)\x03', 'sum7')).toBe('\x65');
  });

  it('compares addresses without their leading zeros', () => {
    expect(sameAddress('0012', '12')).toBe(true);
    expect(sameAddress('000', '0')).toBe(true);
    expect(sameAddress('120', '12')).toBe(false);
  });
});

import { expect, test } from 'vitest';
import { portSettings } from '../../../src/line/framing.ts';
import { simulatedPorts } from '../../../src/engine/simulated-ports.ts';
import { protocols } from '../../../src/protocols/registry.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { withEvenParity } from '../simulator/host.ts';
import './loaded.ts';

test('a port of every simulated meter, with faults that take hold at once and unknown names passed over', async () => {
  const clock = virtualClock();
  let active: readonly string[] = ['silent', 'no such fault'];
  const ports = await simulatedPorts(protocols.all, clock, () => ({ faults: { 'three-phase': active } }));
  const lists = await Promise.all(protocols.all.map(async ({ parts }) => (await parts.simulated?.()) ?? []));
  expect(ports.map(({ port }) => port.info.id)).toEqual(lists.flat().map(({ id }) => `simulated:${id}`));
  const port = ports.find(({ port: { info } }) => info.id === 'simulated:three-phase')?.port;
  if (!port) throw new Error('No such port');
  const received: number[] = [];
  port.listen((event) => {
    if (event.kind === 'data') received.push(...event.bytes);
  });
  await clock.run(port.open(portSettings('8N1', 300)));
  const ask = async () => {
    await clock.run(port.write(withEvenParity('/?!\r\n')));
    await clock.run(clock.sleep(1500));
    return String.fromCharCode(...received.splice(0).map((byte) => byte & 0x7f));
  };
  expect(await ask()).toBe('');
  active = [];
  expect(await ask()).toBe('/ZPA5ZE3SIM.01\r\n');
});

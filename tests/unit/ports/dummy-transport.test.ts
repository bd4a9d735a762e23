import { expect, test } from 'vitest';
import { openLine } from '../../../src/line/open-line.ts';
import { watchPorts } from '../../../src/ports/watch-ports.ts';
import { settingsOf } from '../../../src/common/form.ts';
import { virtualClock } from '../../../src/simulator/virtual-clock.ts';
import { dummy } from '../protocols/dummy/index.ts';
import { dummyTransport } from './dummy-transport.ts';

test('a transport that was added gives its port when the user has chosen it, and takes it back', async () => {
  const clock = virtualClock();
  let changes = 0;
  const ports = watchPorts([dummyTransport], clock, () => changes++);
  await ports.refresh();
  expect(ports.present).toEqual([]);
  const isChosen = await dummyTransport.connect();
  const [port] = ports.present;
  if (!port) throw new Error('There is no port.');
  expect(isChosen?.(port.info)).toBe(true);
  expect(changes).toBe(1);

  const { lineOf, read } = await dummy.parts.dialogue();
  const target = { address: 'EF', settings: settingsOf(dummy.settings, {}) };
  const reading = (async () => {
    const line = await openLine(port, { ...lineOf(target), clock, signal: new AbortController().signal });
    const readout = await read(line, target, {});
    await line.close();
    return readout;
  })();
  expect(await clock.run(reading)).toMatchObject({ errorCode: 0, data: 'EF=42' });
  await dummyTransport.forget(port.info);
  expect(ports.present).toEqual([]);
});

import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { fromLatin1 } from '../../../src/common/bytes.ts';
import type { Clock } from '../../../src/common/clock.ts';
import { settingsOf } from '../../../src/common/form.ts';
import { Secret } from '../../../src/common/secret.ts';
import { openLine } from '../../../src/line/open-line.ts';
import type { KeptCounter } from '../../../src/common/kept-counter.ts';
import { dlms } from '../../../src/protocols/dlms/index.ts';
import { AUTHENTICATION_KEY, ENCRYPTION_KEY, PASSWORD } from '../../../src/protocols/dlms/secrets.ts';
import { dlmsSimulated } from '../../../src/protocols/dlms/simulated/index.ts';
import { inmat } from '../../../src/protocols/inmat/index.ts';
import { inmatSimulated } from '../../../src/protocols/inmat/simulated/index.ts';
import { mbus } from '../../../src/protocols/mbus/index.ts';
import { mbusSimulated } from '../../../src/protocols/mbus/simulated/index.ts';
import type { Protocol } from '../../../src/protocols/protocol.ts';
import { modbus } from '../../../src/protocols/modbus/index.ts';
import { modbusSimulated } from '../../../src/protocols/modbus/simulated/index.ts';
import { sml } from '../../../src/protocols/sml/index.ts';
import { smlSimulated } from '../../../src/protocols/sml/simulated/index.ts';
import type { SimulatedMeter } from '../../../src/protocols/simulated-meter.ts';
import { virtualClock, type VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import '../engine/loaded.ts';
import { portTo } from './host.ts';

/** Longer than these meters think before they answer, and than a whole short answer takes. */
const LATE_MS = 60;

const quick: readonly (readonly [Protocol, readonly SimulatedMeter[]])[] = [
  [dlms, dlmsSimulated],
  [inmat, inmatSimulated],
  [modbus, modbusSimulated],
  [mbus, mbusSimulated],
  [sml, smlSimulated],
];

const meters = quick.flatMap(([protocol, all]) =>
  // One that pushes has a rhythm of its own and answers nobody.
  all.flatMap((meter) => (meter.settings?.['opening'] === 'push' ? [] : [[meter.id, protocol, meter] as const])),
);

/** For those that want one. */
const secrets: Readonly<Record<string, string>> = {
  [PASSWORD]: '12345678',
  [ENCRYPTION_KEY]: 'OpenHHU-demo-EK1',
  [AUTHENTICATION_KEY]: 'OpenHHU-demo-AK1',
};

/** Numbers of messages, and a disk that takes them at once. */
function countedFrom(start: number): KeptCounter {
  let last = start;
  return {
    title: fromLatin1('OHUTEST1'),
    get last() {
      return last;
    },
    next: (after) => Promise.resolve((last = Math.max(last, after) + 1)),
    renew: (from) => Promise.resolve(countedFrom(from)),
  };
}

async function readBy(machine: Clock, clock: VirtualClock, protocol: Protocol, meter: SimulatedMeter) {
  const settings = settingsOf(protocol.settings, { suggested: meter.settings });
  const target = { address: meter.address ?? '', settings };
  const { lineOf, read } = await protocol.parts.dialogue();
  const port = portTo(await meter.farEnd(), machine, () => new Set());
  const run = async () => {
    const line = await openLine(port, { ...lineOf(target), clock, signal: new AbortController().signal });
    const secret = (name: string) => {
      const text = secrets[name];
      return Promise.resolve(text === undefined ? undefined : new Secret(fromLatin1(text)));
    };
    const readout = await read(line, target, { secret, counter: () => Promise.resolve(countedFrom(0)) });
    await line.close();
    return readout;
  };
  return await clock.run(run());
}

const atOnce = { errorCode: 0, circumstances: { attempts: 1 } };

test.each(meters)('on a machine that is late %s answers late, and nothing is lost', async (_id, protocol, meter) => {
  const clock = virtualClock();
  const late: Clock = { ...clock, sleep: (ms, signal) => clock.sleep(ms + LATE_MS, signal) };
  expect(await readBy(late, clock, protocol, meter)).toMatchObject(atOnce);
});

test.each(meters)('on a machine that is slow %s loses nothing of what is sent now', async (_id, protocol, meter) => {
  const clock = virtualClock();
  let spent = 0;
  // Every look at the clock takes time, as the first run of a function does.
  const slow: Clock = { ...clock, monotonic: () => clock.monotonic() + (spent += 0.0001) };
  expect(await readBy(slow, clock, protocol, meter)).toMatchObject(atOnce);
});

import { describe, expect, it } from 'vitest';
import { withParity } from '../../../../src/line/framing.ts';
import type { Port } from '../../../../src/line/port.ts';
import { fromLatin1 } from '../../../../src/common/bytes.ts';
import { iecMeter } from '../../../../src/protocols/iec62056-21/simulated/meter.ts';
import type { VirtualClock } from '../../../../src/simulator/virtual-clock.ts';
import { benchOf, BLOCK, spec, type BenchRead } from './bench.ts';

const BANNER = 'IR head 1.4 (imp/kWh), ready at 300 Bd\r\n';

/** A head that says who it is whenever its port is opened: the control lines reset its controller. */
function bannerAfter(ms: number, clock: () => VirtualClock): (port: Port) => Port {
  return (port) => ({
    ...port,
    listen: (listener) =>
      port.listen((event) => {
        listener(event);
        if (event.kind !== 'ready') return;
        const tell = () => listener({ kind: 'data', bytes: withParity(fromLatin1(BANNER), 'even') });
        void clock().sleep(ms).then(tell);
      }),
  });
}

const readWithBanner = (ms: number, how: BenchRead, faults: BenchRead['faults'] = []) => {
  const device = iecMeter(spec, () => new Set(faults));
  const bench = benchOf(device, { ...how, faults, wrap: bannerAfter(ms, () => bench.clock) });
  return bench.read(how);
};

describe('a head that prints a text when it is opened', () => {
  it.each([
    [0, 'in-place'],
    [60, 'in-place'],
    [150, 'in-place'],
    [0, 'reopen'],
    [60, 'reopen'],
    [150, 'reopen'],
  ] as const)('is read at the first try where the text comes after %i ms: %s', async (ms, reconfigure) => {
    const { readout } = await readWithBanner(ms, { port: { reconfigure } });
    expect(readout).toMatchObject({ errorCode: 0, identification: 'ZE3BENCH', data: BLOCK });
    expect(readout.circumstances?.attempts).toBe(1);
  });

  it.each([200, 400, 900, 2000])('is read at last where it comes into the answer, after %i ms', async (ms) => {
    const { readout } = await readWithBanner(ms, { port: { reconfigure: 'in-place' } });
    expect(readout).toMatchObject({ errorCode: 0, identification: 'ZE3BENCH', data: BLOCK });
  });

  it('is told from an answer in words', async () => {
    const { readout } = await readWithBanner(60, {}, ['silent']);
    expect(readout.errorCode).toBe(65541);
    expect(readout.circumstances?.message).toBe(
      `The head sent the request (5 bytes at 300 Bd) and nothing came back in 2.5 s; ${BANNER.length} characters had come before it had left.`,
    );
  });
});

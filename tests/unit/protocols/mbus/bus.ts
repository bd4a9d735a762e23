import type { Framing } from '../../../../src/line/framing.ts';
import type { Line } from '../../../../src/line/line.ts';
import { openLine } from '../../../../src/line/open-line.ts';
import type { Port } from '../../../../src/line/port.ts';
import { bcdRecord, textRecord } from '../../../../src/protocols/mbus/simulated/records.ts';
import { mbusBus } from '../../../../src/protocols/mbus/simulated/bus.ts';
import type { MbusMeterSpec } from '../../../../src/protocols/mbus/simulated/slave.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import { virtualClock } from '../../../../src/simulator/virtual-clock.ts';
import type { VirtualClock } from '../../../../src/simulator/virtual-clock.ts';
import { portTo } from '../../simulator/host.ts';

/** A meter whose telegrams are 120 characters long, as a usual heat meter's are. */
export function meter(identification: string, traits: Partial<MbusMeterSpec> = {}): MbusMeterSpec {
  const filler = textRecord([0xfd, 0x11], 'x'.repeat(85));
  return {
    identification,
    manufacturer: 'OHU',
    version: 1,
    medium: 0x07,
    primaryAddress: 0,
    telegrams: () => [Uint8Array.of(...bcdRecord([0x13], Number(identification) % 1000), ...filler)],
    ...traits,
  };
}

export interface OnBus {
  readonly line: Line;
  readonly port: Port;
  readonly clock: VirtualClock;
  readonly faults: Set<Fault>;
  /** Ends the turn on the line. */
  stop(): void;
  /** Upper-case hex of every frame that was sent. */
  sent(): readonly string[];
}

/** Runs a dialogue on a bus in virtual time and gives its result. */
export async function onBus<T>(
  meters: readonly MbusMeterSpec[],
  dialogue: (bus: OnBus) => Promise<T>,
  options: {
    readonly faults?: readonly Fault[];
    readonly baudRate?: number;
    readonly framing?: Framing;
    readonly reconfigure?: 'in-place' | 'reopen';
    readonly limitMs?: number;
  } = {},
): Promise<T> {
  const clock = virtualClock();
  const faults = new Set(options.faults);
  const stop = new AbortController();
  const { reconfigure = 'in-place' } = options;
  const port = portTo(mbusBus(meters), clock, () => faults, { reconfigure });
  const run = async () => {
    const line = await openLine(port, {
      clock,
      baudRate: options.baudRate ?? 2400,
      framing: options.framing ?? '8E1',
      signal: stop.signal,
    });
    const sent = () =>
      line.trace.entries
        .filter(({ direction }) => direction === 'sent')
        .map(({ bytes }) => Buffer.from(bytes).toString('hex').toUpperCase());
    try {
      return await dialogue({ line, port, clock, faults, sent, stop: () => stop.abort() });
    } finally {
      await line.close();
    }
  };
  return await clock.run(run(), options.limitMs);
}

import { portSettings, type Framing } from '../../../../src/line/framing.ts';
import type { PortSettings } from '../../../../src/line/port.ts';
import type { Line } from '../../../../src/line/line.ts';
import { openLine } from '../../../../src/line/open-line.ts';
import { deviceAt, type FarEnd } from '../../../../src/simulator/far-end.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import '../../../../src/simulator/simulated-driver.ts';
import { virtualClock, type VirtualClock } from '../../../../src/simulator/virtual-clock.ts';
import { portTo } from '../../simulator/host.ts';
import { busOf, type Bus, type Mishap, type UnitSpec } from './independent-slave.ts';

export interface OnBus extends Pick<Bus, 'requests' | 'dropped'> {
  readonly line: Line;
  readonly clock: VirtualClock;
  /** Ends the turn on the line. */
  stop(): void;
  /** Closes the port, waits so long, and opens it anew. */
  reopened(afterMs: number): Promise<Line>;
}

export interface BusOptions {
  readonly baudRate?: number;
  readonly framing?: Framing;
  /** What the units have, where it is not what the line is opened with. */
  readonly their?: { readonly baudRate: number; readonly framing: Framing };
  readonly faults?: readonly Fault[];
  readonly mishaps?: Readonly<Record<number, Mishap>>;
  readonly latencyMs?: number;
  /** What is on the wire instead of the units. */
  readonly farEnd?: FarEnd;
  /** What comes beside the answers. */
  readonly noise?: readonly Noise[];
}

/** Bytes that no unit sends, so long after the n-th request has begun to leave, counted from 1. */
export interface Noise {
  readonly request: number;
  readonly afterMs: number;
  readonly bytes: readonly number[];
}

/** The noise is a sender of its own: what it meets on the wire it spoils. */
function noisy(farEnd: FarEnd, noise: readonly Noise[], line: PortSettings): FarEnd {
  return (toHost, clock, faults) => {
    const side = farEnd(toHost, clock, faults);
    let requests = 0;
    return {
      ...side,
      send(bytes, settings) {
        requests++;
        for (const { request, afterMs, bytes: stray } of noise)
          if (request === requests) toHost.sender().send(Uint8Array.from(stray), line, clock.monotonic() + afterMs);
        side.send(bytes, settings);
      },
    };
  };
}

/** Runs a dialogue on a bus in virtual time and gives its result. */
export async function onBus<T>(
  units: readonly UnitSpec[],
  dialogue: (bus: OnBus) => Promise<T>,
  options: BusOptions = {},
): Promise<T> {
  const { baudRate = 9600, framing = '8N1', faults = [], mishaps = {}, noise = [], latencyMs = 4 } = options;
  const their = options.their ?? { baudRate, framing };
  const clock = virtualClock();
  const theirs = portSettings(their.framing, their.baudRate);
  const bus = busOf(units, theirs, mishaps);
  let stop = new AbortController();
  const farEnd = noisy(options.farEnd ?? deviceAt(() => bus.device), noise, theirs);
  const port = portTo(farEnd, clock, () => new Set(faults), { reconfigure: 'in-place', latencyMs });
  const run = async () => {
    const open = () => {
      stop = new AbortController();
      return openLine(port, { clock, baudRate, framing, signal: stop.signal });
    };
    let line = await open();
    const reopened = async (afterMs: number) => {
      await line.close();
      await clock.sleep(afterMs);
      return (line = await open());
    };
    try {
      return await dialogue({ line, clock, stop: () => stop.abort(new Error('stop')), reopened, ...bus });
    } finally {
      await line.close();
    }
  };
  return await clock.run(run());
}

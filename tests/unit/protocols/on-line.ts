import type { Framing } from '../../../src/line/framing.ts';
import type { Line } from '../../../src/line/line.ts';
import { openLine } from '../../../src/line/open-line.ts';
import type { FarEnd } from '../../../src/simulator/far-end.ts';
import type { Fault } from '../../../src/simulator/faults.ts';
import { virtualClock, type VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { portTo } from '../simulator/host.ts';

export interface OnLine {
  readonly line: Line;
  readonly clock: VirtualClock;
  /** Ends the turn on the line. */
  stop(): void;
}

export interface LineOptions {
  readonly baudRate?: number;
  readonly framing?: Framing;
  readonly faults?: readonly Fault[];
  readonly latencyMs?: number;
  /** How likely a bit is wrong. */
  readonly noise?: number;
}

/** Runs a dialogue with what is at the far end in virtual time, and gives its result. */
export async function onLine<T>(
  farEnd: FarEnd,
  dialogue: (on: OnLine) => Promise<T>,
  { baudRate = 9600, framing = '8N1', faults = [], latencyMs = 4, noise = 0 }: LineOptions = {},
): Promise<T> {
  const clock = virtualClock();
  const stop = new AbortController();
  const port = portTo(farEnd, clock, () => new Set(faults), { reconfigure: 'in-place', latencyMs, noise });
  const run = async () => {
    const line = await openLine(port, { clock, baudRate, framing, signal: stop.signal });
    try {
      return await dialogue({ line, clock, stop: () => stop.abort(new Error('stop')) });
    } finally {
      await line.close();
    }
  };
  return await clock.run(run());
}

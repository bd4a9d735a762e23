import type { Line } from '../line/line.ts';
import { openLine, type LineOptions } from '../line/open-line.ts';
import type { PortSeat } from './port-registry.ts';

/** A line that is opened in somebody's turn. */
export interface LendableLine {
  readonly line: Line;
  /**
   * Closes it, lets all who wait have the port, and opens it anew as it was: what was true of the line before is not any
   * more. Where it rejects the line is closed for good.
   */
  lend(): Promise<Line>;
  /** Closes the one that is open, if any. */
  close(): Promise<void>;
}

/** The line is bound to the seat's signal where none is given. */
type Settings = Omit<LineOptions, 'clock'>;

/** Rejects with a PortError. */
export async function openLendable(seat: PortSeat, settings: Settings): Promise<LendableLine> {
  let line: Line | undefined;
  // The port behind the seat may be another object after it was lent.
  const open = async (options: Settings) =>
    (line = await openLine(seat.port, { signal: seat.signal, ...options, clock: seat.clock }));
  const close = async () => {
    const last = line;
    line = undefined;
    if (last) await seat.close(() => last.close());
  };
  return {
    line: await open(settings),
    async lend() {
      const { baudRate, framing } = line ?? settings;
      await close();
      await seat.rest();
      return await open({ ...settings, baudRate, framing });
    },
    close,
  };
}

/** Opens the port for a job and closes it after it. */
export async function withLine<T>(
  seat: PortSeat,
  settings: Settings,
  job: (line: Line, lend: LendableLine['lend']) => Promise<T>,
): Promise<T> {
  const { line, lend, close } = await openLendable(seat, settings);
  try {
    return await job(line, lend);
  } finally {
    await close();
  }
}

import type { PortId } from '../common/kinds.ts';
import { AD_INPUT_PORT } from '../ams/meter.ts';
import type { PortEntry } from '../ams/ports-table.ts';
import { PortError } from '../line/port.ts';
import type { EnginePort, PortRegistry, PortSeat } from './port-registry.ts';
import type { Turn } from './seat.ts';

export interface PortTurnsParts {
  portEntry(number: number): PortEntry | undefined;
  /** The port bound to a number, while it is plugged in. */
  enginePort(number: number): EnginePort | undefined;
  /** A turn at a port. */
  use: PortRegistry['use'];
}

/**
 * Runs the job in one turn at whatever port is behind the number when the turn comes: both may change while it waits.
 * Where there is none, or it can't be had, the job gets the reason instead.
 */
export type TurnAt = <T>(
  number: () => number,
  turn: Turn,
  job: (seat: PortSeat | PortError) => Promise<T>,
) => Promise<T>;

/** Turns at ports by their numbers, through the ports table. */
export function createPortTurns({ portEntry, enginePort, use }: PortTurnsParts): TurnAt {
  /** The port behind a number; or why nothing can be read there. */
  function portAt(number: number): { readonly portId: PortId } | PortError {
    const entry = portEntry(number);
    if (!entry) return new PortError('unsupported', `There is no port ${number}.`);
    if (entry.portId === undefined) return new PortError('lost', `Port ${number} is bound to no adapter.`);
    if (!enginePort(number)) return new PortError('lost', `The adapter of port ${number} is not plugged in.`);
    return { portId: entry.portId };
  }

  return async (number, turn, job) => {
    for (;;) {
      if (number() === AD_INPUT_PORT) return await job(withoutWire(turn.signal));
      const at = portAt(number());
      if (at instanceof PortError) return await job(at);
      let hasBegun = false;
      try {
        const outcome = await use(at.portId, turn, async (seat) => {
          hasBegun = true;
          const now = portAt(number());
          return 'portId' in now && now.portId === at.portId ? { value: await job(seat) } : undefined;
        });
        if (outcome) return outcome.value;
      } catch (error) {
        if (hasBegun || !(error instanceof PortError)) throw error;
        return await job(error);
      }
    }
  };
}

/** The inputs are no wire: nobody waits for them, and they are never lent. */
const withoutWire = (signal: AbortSignal): PortSeat => ({
  signal,
  say: () => undefined,
  isWanted: () => false,
  wanted: () => new Promise(() => undefined),
  rest: () => Promise.resolve(false),
  close: (close) => close(),
  get port(): never {
    throw noLine();
  },
  get clock(): never {
    throw noLine();
  },
});

const noLine = () => new PortError('unsupported', `Port ${AD_INPUT_PORT} has no line.`);

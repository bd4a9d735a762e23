import type { Clock } from '../common/clock.ts';
import type { Seat, Turn, WireState } from './seat.ts';
import { createWire, type Wire } from './wire.ts';

/**
 * One desk for each wire: people before the schedule before a listener, and one at a time. A wire is named by its port's
 * id; what has no line, as A/D inputs, may have a wire of its own name.
 */
export interface PortDesk {
  /**
   * Runs the job when the wire is free. Rejects with the signal's reason at once while it waits, and within `ANSWER_MS`
   * while it runs. Rejects with a PortError 'busy' where the port is stuck, or held for good.
   */
  use<T>(wire: string, turn: Turn, job: (seat: Seat) => Promise<T>): Promise<T>;
  /**
   * Hears the wire whenever nobody else wants it: the job is run again after each guest and each time the port comes back.
   * Resolves when the signal has aborted; rejects when the job fails for another reason than a lost port. One a wire.
   */
  listen(wire: string, text: string, signal: AbortSignal, job: (seat: Seat) => Promise<void>): Promise<void>;
  /** Undefined for a wire on which nothing goes on. */
  state(wire: string): WireState | undefined;
  /**
   * To be called when ports came or went: a listener begins again, a new port object is no longer stuck, and what still
   * holds one that is gone has only until the farewell.
   */
  portsChanged(): void;
}

export interface DeskParts {
  readonly clock: Clock;
  /** The object behind a wire while it is plugged in: another object is another chance. */
  portOf(wire: string): unknown;
  onChange(): void;
}

export function createDesk({ clock, portOf, onChange }: DeskParts): PortDesk {
  const wires = new Map<string, Wire>();

  function wireOf(name: string): Wire {
    let wire = wires.get(name);
    if (!wire) {
      const created = createWire({
        clock,
        port: () => portOf(name),
        onChange() {
          if (created.isForgotten()) wires.delete(name);
          onChange();
        },
      });
      wires.set(name, (wire = created));
    }
    return wire;
  }

  return {
    async use(name, turn, job) {
      turn.signal.throwIfAborted();
      return await wireOf(name).use(turn, job);
    },
    async listen(name, text, signal, job) {
      signal.throwIfAborted();
      await wireOf(name).listen(text, signal, job);
    },
    state: (name) => wires.get(name)?.state(),
    portsChanged() {
      for (const wire of [...wires.values()]) wire.portChanged();
    },
  };
}

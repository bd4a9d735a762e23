import type { PortId } from '../common/kinds.ts';
import { PortError, type Port, type PortInfo } from '../line/port.ts';
import type { Clock } from '../common/clock.ts';
import type { PortState } from './api.ts';
import { createDesk } from './desk.ts';
import type { Seat, Turn, WireState } from './seat.ts';

/** A port the engine may use, with the clock its time runs by (a simulated one can run faster). */
export interface EnginePort {
  readonly port: Port;
  readonly clock: Clock;
  readonly description?: string;
  readonly suggested?: PortState['suggested'];
}

/** A turn at a port that is plugged in; after a rest it may be another object. Asking for one that is gone throws. */
export interface PortSeat extends Seat, Pick<EnginePort, 'port' | 'clock'> {}

export interface PortRegistry {
  states(): readonly PortState[];
  find(portId: PortId): EnginePort | undefined;
  /**
   * Runs the job when the port is free. Rejects with a PortError where the port is held, stuck or not there when the turn
   * comes, and with the signal's reason as the desk has it.
   */
  use<T>(portId: PortId, turn: Turn, job: (seat: PortSeat) => Promise<T>): Promise<T>;
  /** Hears the port whenever nobody else needs it, as the desk has it; one that is not there is awaited. */
  listen(portId: PortId, signal: AbortSignal, job: (seat: PortSeat) => Promise<void>): Promise<void>;
  /** What goes on at a port; undefined while it is free. */
  wireState(portId: PortId): WireState | undefined;
  /** A reading, search or the like that goes on now, if any. */
  readonly running: { readonly portId: PortId; readonly text: string } | undefined;
  /** Ports came or went. */
  portsChanged(): void;
  noteEcho(portId: PortId, echo: 'echoes' | 'silent'): void;
}

export interface PortRegistryParts {
  /** Of the page, whatever clocks the ports run by: who stops something waits in real time. */
  readonly clock: Clock;
  present(): readonly EnginePort[];
  lost(): readonly PortInfo[];
  onChange(): void;
}

/** What is known of every port, and a desk for each. */
export function createPortRegistry({ clock, present, lost, onChange }: PortRegistryParts): PortRegistry {
  const echoes = new Map<string, PortState['echo']>();
  const find = (portId: PortId) => present().find(({ port }) => port.info.id === portId);
  const desk = createDesk({ clock, portOf: (portId) => find(portId)?.port, onChange });

  const describe = (info: PortInfo, state: PortState['state'], text: string): PortState => ({
    info,
    state,
    text,
    echo: echoes.get(info.id) ?? 'unknown',
  });

  function describePresent({ port: { info }, description, suggested }: EnginePort): PortState {
    const wire = desk.state(info.id);
    // A listener steps back for whoever comes.
    const isFree = !wire || wire.kind === 'listening';
    const state = isFree ? 'ready' : wire.kind === 'stuck' ? 'stuck' : 'busy';
    return {
      ...describe(info, state, wire ? wireWords(wire) : 'ready'),
      ...(description === undefined ? {} : { description }),
      ...(suggested ? { suggested } : {}),
    };
  }

  function seatAt(portId: PortId, seat: Seat): PortSeat {
    const here = () => {
      const found = find(portId);
      if (found) return found;
      throw new PortError('lost', `The port ${portId} is not plugged in.`, ['Plug the head or adapter in.']);
    };
    here();
    return {
      ...seat,
      get port() {
        return here().port;
      },
      get clock() {
        return here().clock;
      },
    };
  }

  return {
    find,
    get running() {
      for (const { port } of present()) {
        const { id } = port.info;
        const wire = desk.state(id);
        if (wire?.kind === 'busy' || wire?.kind === 'signing off') return { portId: id, text: wireWords(wire) };
      }
      return undefined;
    },
    states: () => [...present().map(describePresent), ...lost().map((info) => describe(info, 'lost', 'unplugged'))],
    use: (portId, turn, job) => desk.use(portId, turn, async (seat) => await job(seatAt(portId, seat))),
    listen: (portId, signal, job) =>
      desk.listen(portId, 'listening', signal, async (seat) => await job(seatAt(portId, seat))),
    wireState: desk.state,
    portsChanged: desk.portsChanged,
    noteEcho(portId, echo) {
      if (echoes.get(portId) === echo) return;
      echoes.set(portId, echo);
      onChange();
    },
  };
}

function wireWords({ kind, text }: WireState): string {
  if (kind === 'stuck') return 'stuck: unplug it and plug it in again';
  return kind === 'signing off' ? 'signing off' : text;
}

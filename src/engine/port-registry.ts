import { PortError, type Port, type PortInfo } from '../line/port.ts';
import type { Clock } from '../common/clock.ts';
import type { PortState } from './api.ts';

/** A port the engine may use, with the clock its time runs by (a simulated one can run faster). */
export interface EnginePort {
  readonly port: Port;
  readonly clock: Clock;
  readonly description?: string;
  readonly suggested?: PortState['suggested'];
}

export interface PortRegistry {
  states(): readonly PortState[];
  find(portId: string): EnginePort | undefined;
  /** Runs the job when the port is free: two reads on one port wait for each other. */
  withPort<T>(portId: string, text: string, job: PortJob<T>, signal: AbortSignal): Promise<T>;
  /** The same for a job that goes on until it is told to end: others are refused meanwhile, with a PortError 'busy'. */
  holdPort<T>(portId: string, text: string, job: PortJob<T>, signal: AbortSignal): Promise<T>;
  /** What runs now, on the port that became busy first. */
  readonly running: { readonly portId: string; readonly text: string } | undefined;
  noteEcho(portId: string, echo: PortState['echo']): void;
}

/** Work on a port; `tell` says in words what it is doing now. */
export type PortJob<T> = (port: EnginePort, tell: (text: string) => void) => Promise<T>;

/** What is known of every port, and one queue for each. */
export function createPortRegistry(
  present: () => readonly EnginePort[],
  lost: () => readonly PortInfo[],
  onChange: () => void,
): PortRegistry {
  const queues = new Map<string, Promise<unknown>>();
  const busy = new Map<string, string>();
  /** Ports of jobs that have no end of their own. */
  const held = new Set<string>();
  const echoes = new Map<string, PortState['echo']>();

  const find = (portId: string) => present().find(({ port }) => port.info.id === portId);

  async function withPort<T>(portId: string, text: string, job: PortJob<T>, signal: AbortSignal): Promise<T> {
    if (held.has(portId)) {
      throw new PortError('busy', `This port is ${busy.get(portId) ?? 'in use'}.`, [
        'Stop that in the settings, or use another port.',
      ]);
    }
    const before = queues.get(portId) ?? Promise.resolve();
    const run = async () => {
      signal.throwIfAborted();
      const port = find(portId);
      if (!port) throw new Error(`The port ${portId} is not plugged in.`);
      busy.set(portId, text);
      onChange();
      try {
        return await job(port, (now) => {
          busy.set(portId, now);
          onChange();
        });
      } finally {
        busy.delete(portId);
        onChange();
      }
    };
    const mine = before.then(run);
    // The queue goes on whatever becomes of one job; its caller gets the failure.
    queues.set(
      portId,
      mine.catch(() => undefined),
    );
    return await mine;
  }

  return {
    find,
    get running() {
      const [first] = busy;
      return first && { portId: first[0], text: first[1] };
    },
    states() {
      const describe = (info: PortInfo, state: PortState['state'], text: string): PortState => ({
        info,
        state,
        text,
        echo: echoes.get(info.id) ?? 'unknown',
      });
      return [
        ...present().map(({ port: { info }, description, suggested }) => {
          const job = busy.get(info.id);
          return {
            ...describe(info, job === undefined ? 'ready' : 'busy', job ?? 'ready'),
            ...(description === undefined ? {} : { description }),
            ...(suggested ? { suggested } : {}),
          };
        }),
        ...lost().map((info) => describe(info, 'lost', 'unplugged')),
      ];
    },
    withPort,
    holdPort: (portId, text, job, signal) =>
      withPort(
        portId,
        text,
        async (port, tell) => {
          held.add(portId);
          try {
            return await job(port, tell);
          } finally {
            held.delete(portId);
          }
        },
        signal,
      ),
    noteEcho(portId, echo) {
      if (echo === 'unknown' || echoes.get(portId) === echo) return;
      echoes.set(portId, echo);
      onChange();
    },
  };
}

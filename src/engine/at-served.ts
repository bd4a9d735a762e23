import type { AtHost } from '../at/host.ts';
import type { Clock } from '../common/clock.ts';
import type { PortId } from '../common/kinds.ts';
import { PortError } from '../line/port.ts';
import type { AtPortSettings, AtPortState } from './ams-api.ts';
import { answerOnLine } from './at-on-line.ts';
import type { AtPermission } from './at-permission.ts';
import type { PortRegistry, PortSeat } from './port-registry.ts';

/** A port on which AT commands are answered whenever it can be used, until that ends. */
export interface ServedPort {
  readonly settings: AtPortSettings;
  readonly state: AtPortState;
  /** @param onFirst told how the first attempt ended: with an error, or answering. */
  begin(onFirst: (error?: Error) => void): void;
  /** They could not be stored: it will not go on at the next start. */
  noteUnkept(): void;
  answer(question: number, yes: boolean): void;
  /** Ports or meter list have changed: looks at once whether it has to stop or can go on. */
  look(): void;
  /** Resolves when the port is given back. */
  end(): Promise<void>;
}

export interface ServedPortParts {
  readonly registry: PortRegistry;
  readonly host: AtHost;
  readonly clock: Clock;
  readonly permission: AtPermission;
  /** Why AT commands can't be answered on a port because of what it is used for, in words. */
  obstacle(portId: PortId): string | undefined;
  onError(error: unknown): void;
  onChange(): void;
}

/** How soon a port that could not be opened is tried again. */
const AGAIN_MS = 2000;

export function createServedPort(settings: AtPortSettings, parts: ServedPortParts): ServedPort {
  const { registry, host, clock, permission, onError, onChange } = parts;
  const { portId, baudRate } = settings;
  const stop = new AbortController();
  const { signal } = stop;
  let state: Omit<AtPortState, keyof AtPermission['state']> = {
    ...settings,
    state: 'waiting',
    reason: 'The port is about to be opened.',
    kept: true,
    echoes: false,
  };
  const lookout = keepLookout(signal);
  let ended = Promise.resolve();

  const obstacle = () => parts.obstacle(portId);

  function tell(change: Partial<AtPortState>): void {
    state = { ...state, ...change };
    onChange();
  }

  async function run(onFirst: (error?: Error) => void): Promise<void> {
    while (!signal.aborted) {
      const reason = await answerUntilEnd(onFirst);
      if (signal.aborted) break;
      tell({ state: 'waiting', reason });
      await pause();
    }
    onChange();
  }

  /** @returns why not, or not any longer, in words. */
  async function answerUntilEnd(onFirst: (error?: Error) => void): Promise<string> {
    const reason = obstacle();
    if (reason !== undefined) {
      onFirst(new PortError('busy', reason));
      return reason;
    }
    // Meters may come to be listed on the port.
    const listed = lookout.until(() => obstacle() !== undefined);
    try {
      await registry.use(portId, turn(listed.signal), (seat) => answerOn(seat, onFirst));
      return obstacle() ?? '';
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error('The port failed.', { cause });
      onFirst(error);
      return obstacle() ?? error.message;
    } finally {
      listed.over();
    }
  }

  const turn = (mine: AbortSignal) => ({
    rank: 'person' as const,
    text: 'answering AT commands',
    holds: true,
    signal: mine,
    onWait(forWhat: string | undefined) {
      if (forWhat !== undefined) tell({ reason: `This port is ${forWhat}: its turn comes after that.` });
    },
  });

  const answerOn = (seat: PortSeat, onAnswering: () => void) =>
    answerOnLine(seat, {
      host,
      baudRate,
      permit: permission.permit,
      onEcho() {
        registry.noteEcho(portId, 'echoes');
        tell({ echoes: true });
      },
      onAnswering() {
        tell({ state: 'answering', reason: '', echoes: false });
        onAnswering();
      },
      onEnd: permission.end,
      onError,
    });

  /** Until something has changed, or for a while: another program may have let go of the port. */
  async function pause(): Promise<void> {
    // Not for everything that happens here, or a port that is in use elsewhere would be tried without a rest.
    const isObstructed = obstacle() !== undefined;
    const free = lookout.until(() => isObstructed && obstacle() === undefined);
    await clock.sleep(AGAIN_MS, free.signal).catch(() => undefined);
    free.over();
  }

  return {
    settings,
    get state() {
      return { ...state, ...permission.state };
    },
    begin(onFirst) {
      ended = run(onFirst).catch(onError);
    },
    noteUnkept: () => tell({ kept: false }),
    answer: permission.answer,
    look: lookout.look,
    end() {
      stop.abort(new DOMException('AT commands are no longer answered here.', 'AbortError'));
      return ended;
    },
  };
}

/** What waits for a change, one at a time, is told by a signal when a look finds it; and at the end, for which `signal` stands. */
function keepLookout(signal: AbortSignal) {
  let look: () => void = () => undefined;
  return {
    look: () => look(),
    /** @returns a signal that aborts when a look finds that it `isTime`; `over` has to be called when nobody waits for it. */
    until(isTime: () => boolean) {
      const found = new AbortController();
      const end = () => found.abort(signal.reason);
      signal.addEventListener('abort', end, { once: true });
      look = () => isTime() && found.abort();
      return {
        signal: found.signal,
        over() {
          signal.removeEventListener('abort', end);
          look = () => undefined;
        },
      };
    },
  };
}

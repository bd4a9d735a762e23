import type { PortId } from '../common/kinds.ts';
import type { AtHost } from '../at/host.ts';
import type { AtAsked } from '../at/interpreter.ts';
import { PortError } from '../line/port.ts';
import type { Clock } from '../common/clock.ts';
import type { AtPortSettings, AtPortState } from './ams-api.ts';
import { answerOnLine } from './at-on-line.ts';
import type { PortRegistry, PortSeat } from './port-registry.ts';
import type { Turn } from './seat.ts';

export interface AtPortParts {
  readonly registry: PortRegistry;
  readonly host: AtHost;
  readonly clock: Clock;
  /** Why AT commands can't be answered on a port because of what it is used for, in words. */
  obstacle(portId: PortId): string | undefined;
  /** What is to go on at the next start; undefined: nothing. */
  stored(): Promise<AtPortSettings | undefined>;
  keep(settings: AtPortSettings | undefined): Promise<void>;
  onError(error: unknown): void;
  onChange(): void;
}

/** Answers AT commands on a serial port, so that a program that knows the SmartCOM can talk to this device. */
export interface AtPortService {
  /** Undefined while no port is served. */
  readonly state: AtPortState | undefined;
  /**
   * Starts on a port; undefined: stops. Rejects with a PortError when the port can't be used now. Once started it goes on
   * by itself: after a reload, in the window that takes over, and when the adapter is plugged in again.
   */
  serve(settings: AtPortSettings | undefined): Promise<void>;
  /** Goes on with what was kept, if anything, as soon as the port can be used. */
  resume(): Promise<void>;
  /** What somebody at the page says to the question of that number. */
  answer(question: number, yes: boolean): void;
  /** Ports or meter list have changed: looks at once whether it has to stop or can go on. */
  look(): void;
}

/** How soon a port that could not be opened is tried again. */
const AGAIN_MS = 2000;
/** A question nobody answers is answered with no: the program at the other end waits. */
const ANSWER_WITHIN_MS = 60_000;

interface Served {
  readonly settings: AtPortSettings;
  readonly stop: AbortController;
  state: AtPortState;
  /** Wakes what waits for a change. */
  wake(): void;
  answer(question: number, yes: boolean): void;
  ended: Promise<void>;
}

export function createAtPortService(parts: AtPortParts): AtPortService {
  const { registry, clock, onChange } = parts;
  let served: Served | undefined;
  let questions = 0;

  function tell(mine: Served, change: Partial<AtPortState>): void {
    mine.state = { ...mine.state, ...change };
    onChange();
  }

  async function stop(): Promise<void> {
    const old = served;
    served = undefined;
    old?.stop.abort(new DOMException('AT commands are no longer answered here.', 'AbortError'));
    await old?.ended;
  }

  /** @param onFirst told how the first attempt ended: with an error, or answering. */
  function begin(settings: AtPortSettings, onFirst: (error?: Error) => void): void {
    const mine: Served = {
      settings,
      stop: new AbortController(),
      state: {
        ...settings,
        state: 'waiting',
        reason: 'The port is about to be opened.',
        kept: true,
        echoes: false,
        refused: 0,
      },
      wake: () => undefined,
      answer: () => undefined,
      ended: Promise.resolve(),
    };
    served = mine;
    mine.ended = run(mine, onFirst).catch(parts.onError);
  }

  async function run(mine: Served, onFirst: (error?: Error) => void): Promise<void> {
    const { signal } = mine.stop;
    const { portId } = mine.settings;
    while (!signal.aborted) {
      let reason = parts.obstacle(portId);
      if (reason === undefined) {
        const session = new AbortController();
        const end = () => session.abort(signal.reason);
        signal.addEventListener('abort', end, { once: true });
        // Meters may come to be listed on the port.
        mine.wake = () => parts.obstacle(portId) !== undefined && session.abort();
        try {
          await registry.use(portId, turnFor(mine, session.signal), (seat) => answerOn(mine, seat, onFirst));
          reason = parts.obstacle(portId) ?? '';
        } catch (cause) {
          const error = cause instanceof Error ? cause : new Error('The port failed.', { cause });
          onFirst(error);
          reason = parts.obstacle(portId) ?? error.message;
        } finally {
          signal.removeEventListener('abort', end);
          mine.wake = () => undefined;
        }
      } else onFirst(new PortError('busy', reason));
      if (signal.aborted) break;
      tell(mine, { state: 'waiting', reason });
      await pause(mine);
    }
    onChange();
  }

  const turnFor = (mine: Served, signal: AbortSignal): Turn => ({
    rank: 'person',
    text: 'answering AT commands',
    holds: true,
    signal,
    onWait(forWhat) {
      if (forWhat !== undefined) tell(mine, { reason: `This port is ${forWhat}: its turn comes after that.` });
    },
  });

  /** Until something has changed, or for a while: another program may have let go of the port. */
  async function pause(mine: Served): Promise<void> {
    const woken = new AbortController();
    const wake = () => woken.abort();
    const obstacle = () => parts.obstacle(mine.settings.portId);
    const before = obstacle();
    mine.stop.signal.addEventListener('abort', wake, { once: true });
    // Not for everything that happens here, or a port that is in use elsewhere would be tried without a rest.
    mine.wake = () => before !== undefined && obstacle() === undefined && wake();
    await clock.sleep(AGAIN_MS, woken.signal).catch(() => undefined);
    mine.wake = () => undefined;
    mine.stop.signal.removeEventListener('abort', wake);
  }

  const answerOn = (mine: Served, seat: PortSeat, onAnswering: () => void) =>
    answerOnLine(seat, {
      host: parts.host,
      baudRate: mine.settings.baudRate,
      permit: (asked) => permitted(mine, asked),
      onEcho() {
        registry.noteEcho(seat.port.info.id, 'echoes');
        tell(mine, { echoes: true });
      },
      onAnswering() {
        tell(mine, { state: 'answering', reason: '', echoes: false });
        onAnswering();
      },
      onEnd: () => mine.answer(questions, false),
      onError: parts.onError,
    });

  function permitted(mine: Served, { line, help }: AtAsked): boolean | Promise<boolean> {
    const { mode } = mine.settings;
    if (mode === 'full') return true;
    if (mode === 'read-only') {
      tell(mine, { refused: mine.state.refused + 1, lastRefused: line });
      return false;
    }
    const number = ++questions;
    const waiting = new AbortController();
    return new Promise((resolve) => {
      const settle = (yes: boolean) => {
        waiting.abort();
        mine.answer = () => undefined;
        const { question: _question, ...state } = mine.state;
        mine.state = yes ? state : { ...state, refused: state.refused + 1, lastRefused: line };
        onChange();
        resolve(yes);
      };
      mine.answer = (question, yes) => question === number && settle(yes);
      tell(mine, { question: { number, line, help } });
      clock.sleep(ANSWER_WITHIN_MS, waiting.signal).then(
        () => settle(false),
        () => undefined,
      );
    });
  }

  return {
    get state() {
      return served?.state;
    },
    async serve(settings) {
      const before = served?.settings;
      await stop();
      if (!settings) {
        onChange();
        await parts.keep(undefined);
        return;
      }
      try {
        await new Promise<void>((resolve, reject) => {
          begin(settings, (error) => {
            if (error === undefined) resolve();
            else reject(error);
          });
        });
      } catch (error) {
        await stop();
        if (before) begin(before, () => undefined);
        onChange();
        throw error;
      }
      await parts.keep(settings).catch((error: unknown) => {
        parts.onError(error);
        if (served?.settings === settings) tell(served, { kept: false });
      });
    },
    async resume() {
      const settings = await parts.stored();
      if (settings && !served) begin(settings, () => undefined);
    },
    answer: (question, yes) => served?.answer(question, yes),
    look: () => served?.wake(),
  };
}

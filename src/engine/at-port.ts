import { createEchoGuard } from '../at/echo-guard.ts';
import type { AtHost } from '../at/host.ts';
import { type AtAsked, createAtInterpreter } from '../at/interpreter.ts';
import { PortError, type Port } from '../line/port.ts';
import { untilAborted } from '../line/turn.ts';
import type { Clock } from '../common/clock.ts';
import { fromLatin1, toLatin1 } from '../common/bytes.ts';
import type { AtPortSettings, AtPortState } from './ams-api.ts';
import type { PortRegistry, PortSeat } from './port-registry.ts';
import type { Turn } from './seat.ts';

export interface AtPortParts {
  readonly registry: PortRegistry;
  readonly host: AtHost;
  readonly clock: Clock;
  /** Why AT commands can't be answered on a port because of what it is used for, in words. */
  obstacle(portId: string): string | undefined;
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
/** What an answer may lag behind the echo of its command, beside the time of some characters on the wire. */
const ECHO_LAG_MS = 300;
const CANCEL = /[\x03\x18]/;

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

  /** Until aborted or the port is lost; a loss rejects. Closes the port. */
  async function answerOn(mine: Served, seat: PortSeat, onAnswering: () => void): Promise<void> {
    const { port, clock: portClock, signal } = seat;
    const { baudRate } = mine.settings;
    const wireMs = (characters: number) => (characters * 10_000) / baudRate;
    const echoGuard = createEchoGuard({
      clock: portClock,
      holdMs: ECHO_LAG_MS + wireMs(10),
      onEcho: () => {
        registry.noteEcho(port.info.id, 'echoes');
        tell(mine, { echoes: true });
      },
    });
    const write = (text: string) => {
      // Cut to a byte, some characters would become line ends and carets.
      const bytes = fromLatin1(text.replace(/[^\x00-\xff]/gu, '?'));
      return port.write(bytes);
    };
    const permit = (asked: AtAsked) => permitted(mine, asked);
    const interpreter = createAtInterpreter(parts.host, write, { permit, echoGuard, onError: parts.onError });
    try {
      const lost = listenTo(port, (text) => {
        if (CANCEL.test(text)) interpreter.cancel();
        return interpreter.input(text);
      });
      await untilAborted(port.open({ baudRate, dataBits: 8, stopBits: 1, parity: 'none' }), signal);
      tell(mine, { state: 'answering', reason: '', echoes: false });
      onAnswering();
      await Promise.race([lost, aborted(signal)]);
    } finally {
      mine.answer(questions, false);
      interpreter.cancel();
      await seat.close(() => port.close());
    }
  }

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

/** Hands on what comes in; rejects when the port is lost or what came in could not be answered. */
function listenTo(port: Port, take: (text: string) => Promise<void>): Promise<never> {
  const lost = new Promise<never>((_resolve, reject) => {
    port.listen((event) => {
      if (event.kind === 'data') take(toLatin1(event.bytes)).catch(reject);
      else if (event.kind === 'lost') reject(new PortError('lost', event.reason));
    });
  });
  lost.catch(() => undefined); // the port may fail to open before anybody waits for this
  return lost;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

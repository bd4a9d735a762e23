import { PortError } from '../line/port.ts';
import type { Hold } from './occupy.ts';

export interface ListenerParts {
  readonly text: string;
  readonly signal: AbortSignal;
  take(): Hold;
  /** Runs the job with the wire that was taken, and frees it. */
  occupy(mine: Hold, signal: AbortSignal): Promise<void>;
  /** It listens no more: the signal has aborted, or the job failed for another reason than a lost port. */
  onEnd(failure?: Error): void;
  /** The wire is free, or it has nothing to do with it any more. */
  advance(): void;
}

/** Who listens whenever nobody else wants the wire. */
export interface Listener {
  readonly text: string;
  /** Neither runs nor waits for ports to change. */
  isReady(): boolean;
  /** Listens until somebody wants the wire, the port is gone or the signal aborts. */
  run(): Promise<void>;
  /** Ports have changed. */
  wake(): void;
}

/** Why a listener is asked to stop: a guest has come. */
const GUEST = new DOMException('Somebody else needs the wire.', 'AbortError');

export function createListener({ text, signal, take, occupy, onEnd, advance }: ListenerParts): Listener {
  let isRunning = false;
  /** It has ended because the port is gone; it begins again when ports have changed. */
  let isAsleep = false;

  function finish(failure?: Error): void {
    signal.removeEventListener('abort', stop);
    onEnd(failure);
  }

  async function run(): Promise<void> {
    isRunning = true;
    const mine = take();
    const guest = new AbortController();
    mine.onWanted.push(() => guest.abort(GUEST));
    const both = AbortSignal.any([signal, guest.signal]);
    try {
      await occupy(mine, both);
      isAsleep = !both.aborted; // it ended by itself: nothing to hear until ports change
    } catch (error) {
      if (error instanceof PortError && error.failure === 'lost') isAsleep = !both.aborted;
      else if (!both.aborted) finish(error instanceof Error ? error : new Error(String(error)));
    }
    isRunning = false;
    if (signal.aborted) finish();
    advance();
  }

  function stop(): void {
    if (isRunning) return; // `run` ends it
    finish();
    advance();
  }

  signal.addEventListener('abort', stop, { once: true });
  return {
    text,
    isReady: () => !isRunning && !isAsleep,
    run,
    wake() {
      isAsleep = false;
    },
  };
}

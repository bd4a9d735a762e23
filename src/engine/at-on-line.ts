import { fromLatin1, toLatin1 } from '../common/bytes.ts';
import { createEchoGuard } from '../at/echo-guard.ts';
import type { AtHost } from '../at/host.ts';
import { type AtAsked, createAtInterpreter } from '../at/interpreter.ts';
import { PortError, type Port } from '../line/port.ts';
import { untilAborted } from '../line/turn.ts';
import type { PortSeat } from './port-registry.ts';

export interface AtOnLine {
  readonly host: AtHost;
  /** With 8N1. */
  readonly baudRate: number;
  permit(asked: AtAsked): boolean | Promise<boolean>;
  /** The line gives back what is sent on it. */
  onEcho(): void;
  /** The port is open. */
  onAnswering(): void;
  /** It ends, and so does a question that waits. */
  onEnd(): void;
  onError(error: unknown): void;
}

/** What an answer may lag behind the echo of its command, beside the time of some characters on the wire. */
const ECHO_LAG_MS = 300;
const CANCEL = /[\x03\x18]/;

/** Answers AT commands until aborted or the port is lost; a loss rejects. Closes the port. */
export async function answerOnLine(seat: PortSeat, options: AtOnLine): Promise<void> {
  const { host, baudRate, permit, onError } = options;
  const { port, clock, signal } = seat;
  const wireMs = (characters: number) => (characters * 10_000) / baudRate;
  const echoGuard = createEchoGuard({ clock, holdMs: ECHO_LAG_MS + wireMs(10), onEcho: options.onEcho });
  const write = (text: string) => {
    // Cut to a byte, some characters would become line ends and carets.
    const bytes = fromLatin1(text.replace(/[^\x00-\xff]/gu, '?'));
    return port.write(bytes);
  };
  const interpreter = createAtInterpreter(host, write, { permit, echoGuard, onError });
  try {
    const lost = listenTo(port, (text) => {
      if (CANCEL.test(text)) interpreter.cancel();
      return interpreter.input(text);
    });
    await untilAborted(port.open({ baudRate, dataBits: 8, stopBits: 1, parity: 'none' }), signal);
    options.onAnswering();
    await Promise.race([lost, aborted(signal)]);
  } finally {
    options.onEnd();
    interpreter.cancel();
    await seat.close(() => port.close());
  }
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

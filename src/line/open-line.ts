import type { Clock } from '../common/clock.ts';
import { createEar } from './ear.ts';
import { portSettings, wireTime } from './framing.ts';
import type { Deadlines, Line, LineSettings } from './line.ts';
import { PortError, type Port, type PortEvent } from './port.ts';
import { type ReadDeadlines, readUntil } from './read-until.ts';
import { createSender, inWords } from './sender.ts';
import { switchTime } from './switch-times.ts';
import { createTrace, type TraceEntry } from './trace.ts';
import { turnOf, untilAborted } from './turn.ts';

export interface LineOptions extends LineSettings {
  readonly clock: Clock;
  /** Ends the turn on the port; without one it lasts until the line is closed. */
  readonly signal?: AbortSignal;
  /** False keeps the echo among the received characters: the head check wants to see it. */
  readonly removeEcho?: boolean;
  readonly onTrace?: (entry: TraceEntry) => void;
  /** It stays open without end: what was on it is handed to `onTrace` and not kept. */
  readonly isEndless?: boolean;
}

/** A search in which nobody answers does not ask after each of its requests whether the adapter is there. */
const LOOK_EVERY_MS = 2000;

/** Opens the port and puts a {@link Line} over it. Rejects with a PortError, or with the signal's reason, closed again. */
export async function openLine(port: Port, options: LineOptions): Promise<Line> {
  const { clock, removeEcho = true, signal = new AbortController().signal } = options;
  const trace = createTrace(clock, options.onTrace, options.isEndless);
  const turn = turnOf(signal, clock);
  const ear = createEar({ clock, trace, removeEcho, settings: () => sender.settings });
  const settings = { baudRate: options.baudRate, framing: options.framing };
  const sender = createSender({ port, settings, clock, trace, ear, requirePort });
  let failure: PortError | undefined;
  /** When was asked last whether the adapter is there. */
  let lookedAt = -Infinity;

  function requirePort(): void {
    if (failure) throw failure;
  }

  const note = (text: string) => trace.event(text, sender.settings.baudRate);

  function onEvent(event: PortEvent): void {
    switch (event.kind) {
      case 'data':
        ear.receive(event.bytes);
        break;
      case 'ready':
        ear.beginAnew();
        break;
      case 'line-error':
        note(`${event.error} error`);
        ear.receiveBad();
        break;
      case 'notice':
        note(event.text);
        break;
      case 'lost':
        failure = new PortError('lost', event.reason);
        note(`port lost: ${event.reason}`);
        ear.wake();
        break;
    }
  }

  async function open(end: AbortSignal): Promise<void> {
    try {
      await untilAborted(port.open(portSettings(settings.framing, settings.baudRate)), end);
    } catch (error) {
      // The opening goes on without us; the port gives it up.
      if (end.aborted) await port.close();
      throw error;
    }
  }

  async function look(end: AbortSignal): Promise<void> {
    const now = clock.monotonic();
    if (!port.look || now - lookedAt < LOOK_EVERY_MS) return;
    lookedAt = now;
    await untilAborted(port.look(), end);
    requirePort();
  }

  port.listen(onEvent);
  try {
    await turn.heed(open);
  } catch (error) {
    turn.end();
    throw error;
  }
  note(`open, ${inWords(settings)}${isUnchecked(port, settings) ? ', the port tells no parity errors' : ''}`);

  return {
    get baudRate() {
      return sender.settings.baudRate;
    },
    get framing() {
      return sender.settings.framing;
    },
    get echo() {
      return ear.echo;
    },
    get receivedParity() {
      return ear.receivedParity;
    },
    get early() {
      return ear.early;
    },
    get lastReceivedAt() {
      return ear.lastReceivedAt;
    },
    get hearsSince() {
      return ear.hearsSince;
    },
    get switchMs() {
      return switchTime(port);
    },
    signal,
    trace,
    clock,
    adapter: port,
    read: (accept, deadlines) =>
      turn.heed((end) =>
        readUntil(accept, withQuiet(deadlines, sender.settings), { ear, clock, requirePort, look }, end),
      ),
    write: (bytes, hidden = [], answered = 'after') => turn.heed((end) => sender.write(bytes, hidden, answered, end)),
    change: (wanted) => turn.heed((end) => sender.change(wanted, end)),
    pause: (ms) => turn.heed((end) => clock.sleep(ms, end)),
    until: (promise) => turn.heed((end) => untilAborted(promise, end)),
    flush: ear.flush,
    async close() {
      turn.end();
      try {
        await port.close();
      } finally {
        port.listen(() => undefined);
      }
    },
  };
}

/** A wrong parity that the port does not tell of stays unnoticed. */
const isUnchecked = ({ capabilities }: Port, { framing, baudRate }: LineSettings): boolean =>
  !capabilities.lineErrors && portSettings(framing, baudRate).parity !== 'none';

const withQuiet = (deadlines: Deadlines, { baudRate, framing }: LineSettings): ReadDeadlines => ({
  ...deadlines,
  quietMs: deadlines.quietMs ?? wireTime(4, baudRate, framing) + 30,
});

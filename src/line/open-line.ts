import type { Clock } from '../common/clock.ts';
import { createEar } from './ear.ts';
import { portSettings, softwareParity, wireTime, withParity } from './framing.ts';
import type { Accept, Deadlines, Hidden, Line, LineSettings, ReadEnd } from './line.ts';
import { PortError, type Port, type PortEvent, type PortSettings } from './port.ts';
import { refusal } from './refusal.ts';
import { noteSwitch, switchTime } from './switch-times.ts';
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
  let settings: LineSettings = { baudRate: options.baudRate, framing: options.framing };
  const trace = createTrace(clock, options.onTrace, options.isEndless);
  const turn = turnOf(signal, clock);
  const ear = createEar({ clock, trace, removeEcho, settings: () => settings });
  let failure: PortError | undefined;
  /** When the last stop bit of what was written will have left the wire. */
  let wireFreeAt = 0;
  /** When was asked last whether the adapter is there. */
  let lookedAt = -Infinity;
  /** A change that goes on although Stop has ended the wait for it. */
  let changing: Promise<void> | undefined;

  const note = (text: string) => trace.event(text, settings.baudRate);
  const inWords = () => `${settings.baudRate} Bd ${settings.framing}`;
  const set = () => portSettings(settings.framing, settings.baudRate);

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
      await untilAborted(port.open(set()), end);
    } catch (error) {
      // The opening goes on without us; the port gives it up.
      if (end.aborted) await port.close();
      throw error;
    }
  }

  async function read(accept: Accept, deadlines: Deadlines, end: AbortSignal): Promise<ReadEnd> {
    const began = clock.monotonic();
    const quietMs = deadlines.quietMs ?? wireTime(4, settings.baudRate, settings.framing) + 30;
    const limit = began + (deadlines.totalMs ?? Infinity);
    let state: 'nothing' | ReturnType<Accept> = 'nothing';
    for (;;) {
      end.throwIfAborted();
      state = ear.giveTo(accept) ?? state;
      if (state === 'done') return 'done';
      if (failure) throw failure;
      const [due, reached]: [number, ReadEnd] =
        state === 'nothing'
          ? [began + deadlines.firstByteMs, 'no answer']
          : state === 'enough'
            ? [ear.lastReceivedAt + quietMs, 'done']
            : [ear.lastReceivedAt + deadlines.interByteMs, 'gap'];
      const now = clock.monotonic();
      if (now >= due) {
        // Of what is gone nobody shall hear that it does not answer.
        if (reached === 'no answer' && deadlines.firstByteMs > 0) await look(now, end);
        return reached;
      }
      if (now >= limit) return 'too long';
      await ear.arrival(Math.min(due, limit) - now);
    }
  }

  async function look(now: number, end: AbortSignal): Promise<void> {
    if (!port.look || now - lookedAt < LOOK_EVERY_MS) return;
    lookedAt = now;
    await untilAborted(port.look(), end);
    if (failure) throw failure;
  }

  async function change(wanted: LineSettings, end: AbortSignal): Promise<void> {
    if (failure) throw failure;
    if (wanted.baudRate === settings.baudRate && wanted.framing === settings.framing) return;
    const before = set();
    const after = portSettings(wanted.framing, wanted.baudRate);
    const isSame = sameSettings(before, after);
    const refused = isSame ? undefined : refusal(port.info.label, port.capabilities, after);
    if (refused) throw refused;
    if (changing) await untilAborted(changing, end);
    const remaining = wireFreeAt - clock.monotonic();
    // Of a write that Stop cut short; timers of the others may fire a little early, which must not cost a second one.
    if (!isSame && remaining > 1) await clock.sleep(remaining, end);
    const began = clock.monotonic();
    settings = wanted;
    ear.beginAnew();
    if (isSame) return note(inWords());
    changing = port.reconfigure(after).finally(() => {
      changing = undefined;
    });
    await untilAborted(changing, end);
    const took = clock.monotonic() - began;
    noteSwitch(port, took);
    note(`${inWords()}, switched in ${Math.round(took)} ms`);
  }

  port.listen(onEvent);
  try {
    await turn.heed(open);
  } catch (error) {
    turn.end();
    throw error;
  }
  const isUnchecked = !port.capabilities.lineErrors && set().parity !== 'none';
  note(`open, ${inWords()}${isUnchecked ? ', the port tells no parity errors' : ''}`);

  return {
    get baudRate() {
      return settings.baudRate;
    },
    get framing() {
      return settings.framing;
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
      turn.heed(async (end) => {
        end.addEventListener('abort', ear.wake, { once: true });
        try {
          return await read(accept, deadlines, end);
        } finally {
          end.removeEventListener('abort', ear.wake);
        }
      }),
    write: (bytes, hidden = [], answered = 'after') =>
      turn.heed(async (end) => {
        if (failure) throw failure;
        if (changing) await untilAborted(changing, end);
        const { baudRate, framing } = settings;
        const bySoftware = softwareParity(framing);
        wireFreeAt = Math.max(clock.monotonic(), wireFreeAt) + wireTime(bytes.length, baudRate, framing);
        const echo = answered === 'alike' && ear.echo !== 'echoes' ? new Uint8Array(0) : bytes;
        const answeredFrom = answered === 'anytime' ? -Infinity : wireFreeAt;
        const mask = set().dataBits === 8 && !bySoftware ? 0xff : 0x7f;
        ear.send({ echo, endsAt: wireFreeAt, answeredFrom, mask }, hidden);
        trace.sent(bytes, baudRate, positionsIn(hidden));
        await untilAborted(port.write(bySoftware ? withParity(bytes, bySoftware) : bytes), end);
        const remaining = wireFreeAt - clock.monotonic();
        if (remaining > 0) await clock.sleep(remaining, end);
        if (ear.early > 0) note(`${ear.early} characters came before the request had left: no answer to it`);
      }),
    change: (wanted) => turn.heed((end) => change({ ...settings, ...wanted }, end)),
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

const positionsIn = (hidden: Hidden): readonly number[] =>
  hidden.flatMap(([start, end]) => Array.from({ length: end - start }, (_, offset) => start + offset));

function sameSettings(one: PortSettings, other: PortSettings): boolean {
  return (
    one.baudRate === other.baudRate &&
    one.dataBits === other.dataBits &&
    one.stopBits === other.stopBits &&
    one.parity === other.parity
  );
}

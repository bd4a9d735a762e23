import type { Clock } from '../common/clock.ts';
import { echoFilter, PARITY_ERROR } from './echo-filter.ts';
import { hasOddOnes, portSettings, softwareParity, wireTime, withParity, type Framing } from './framing.ts';
import type { Accept, Deadlines, Line, ReadEnd } from './line.ts';
import { parityObserver } from './parity-recognition.ts';
import { PortError, type Port, type PortEvent, type PortSettings } from './port.ts';
import { noteSwitch, switchTime } from './switch-times.ts';
import { withTimeout } from './timeout.ts';
import { createTrace, type TraceEntry } from './trace.ts';

export interface LineOptions {
  readonly baudRate: number;
  readonly framing: Framing;
  readonly clock: Clock;
  /** False keeps the echo among the received characters: the head check wants to see it. */
  readonly removeEcho?: boolean;
  readonly onTrace?: (entry: TraceEntry) => void;
}

/** Beyond the time the bytes take on the wire, for a driver to take them. */
const WRITE_LIMIT_MS = 5000;

/** Wakes a waiting read: an abort reason of our own, so that it is told apart from the caller's. */
const ARRIVAL = new Error('arrival');

/** Opens the port and puts a {@link Line} over it. Rejects with a PortError. */
export async function openLine(port: Port, options: LineOptions): Promise<Line> {
  const { clock, removeEcho = true } = options;
  let { baudRate, framing } = options;
  const trace = createTrace(clock, options.onTrace);
  const echo = echoFilter();
  let parity = parityObserver();
  /** Characters received and not yet read; {@link PARITY_ERROR} flags those whose parity was wrong. */
  let inbox: number[] = [];
  let failure: PortError | undefined;
  let lastReceivedAt = clock.monotonic();
  /** When the last stop bit of what was written will have left the wire. */
  let wireFreeAt = 0;
  let hearsSince = clock.monotonic();
  let wake: () => void = () => undefined;

  function receive(bytes: Uint8Array): void {
    const now = clock.monotonic();
    const bySoftware = softwareParity(framing);
    const shown = new Uint8Array(bytes.length);
    const parityErrors: number[] = [];
    bytes.forEach((byte, index) => {
      let character = byte;
      if (bySoftware) {
        parity.observe(byte);
        const expectsBit7 = hasOddOnes(byte) === (bySoftware === 'even');
        character = byte & 0x7f;
        if (byte >= 0x80 !== expectsBit7) character |= PARITY_ERROR;
      }
      shown[index] = character & 0xff;
      if (character & PARITY_ERROR) parityErrors.push(index);
      if (removeEcho) inbox.push(...echo.filter(character, now));
      else inbox.push(character);
    });
    lastReceivedAt = now;
    trace.received(shown, baudRate, parityErrors);
    wake();
  }

  function onEvent(event: PortEvent): void {
    switch (event.kind) {
      case 'data':
        receive(event.bytes);
        break;
      case 'ready':
        startHearing();
        break;
      case 'line-error':
        // The chip or the system swallowed the character and only says that it was bad: a flagged NUL keeps its place,
        // as evidence of a wrong rate, noise or a collision.
        inbox.push(PARITY_ERROR);
        lastReceivedAt = clock.monotonic();
        trace.event(`${event.error} error`, baudRate);
        wake();
        break;
      case 'notice':
        trace.event(event.text, baudRate);
        break;
      case 'lost':
        failure = new PortError('lost', event.reason);
        trace.event(`port lost: ${event.reason}`, baudRate);
        wake();
        break;
    }
  }

  /** What was received before belongs to other settings. */
  function startHearing(): void {
    parity = parityObserver();
    inbox = [];
    echo.forget();
    hearsSince = clock.monotonic();
  }

  /** Resolves on arrival, loss or after `ms`; rejects with the signal's reason. */
  async function arrival(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const waiting = new AbortController();
    const abort = () => waiting.abort(signal?.reason);
    signal?.throwIfAborted();
    signal?.addEventListener('abort', abort, { once: true });
    wake = () => waiting.abort(ARRIVAL);
    try {
      await clock.sleep(ms, waiting.signal);
    } catch (reason) {
      if (reason !== ARRIVAL) throw reason;
    } finally {
      wake = () => undefined;
      signal?.removeEventListener('abort', abort);
    }
  }

  async function read(accept: Accept, deadlines: Deadlines, signal?: AbortSignal): Promise<ReadEnd> {
    const began = clock.monotonic();
    const quietMs = deadlines.quietMs ?? wireTime(4, baudRate, framing) + 30;
    let state: 'nothing' | ReturnType<Accept> = 'nothing';
    for (;;) {
      signal?.throwIfAborted();
      let taken = 0;
      while (taken < inbox.length && state !== 'done') {
        const character = inbox[taken++] ?? 0;
        state = accept(character & 0xff, (character & PARITY_ERROR) === 0);
      }
      inbox = taken === inbox.length ? [] : inbox.slice(taken);
      if (state === 'done') return 'done';
      if (failure) throw failure;
      const [due, end]: [number, ReadEnd] =
        state === 'nothing'
          ? [began + deadlines.firstByteMs, 'no answer']
          : state === 'enough'
            ? [lastReceivedAt + quietMs, 'done']
            : [lastReceivedAt + deadlines.interByteMs, 'gap'];
      const limit = began + (deadlines.totalMs ?? Infinity);
      const now = clock.monotonic();
      if (now >= due) return end;
      if (now >= limit) return 'too long';
      await arrival(Math.min(due, limit) - now, signal);
    }
  }

  port.listen(onEvent);
  startHearing();
  await port.open(portSettings(framing, baudRate));
  trace.event(`open, ${baudRate} Bd ${framing}`, baudRate);

  return {
    get baudRate() {
      return baudRate;
    },
    get framing() {
      return framing;
    },
    get echo() {
      return echo.echo;
    },
    get receivedParity() {
      return parity.verdict();
    },
    get lastReceivedAt() {
      return lastReceivedAt;
    },
    get hearsSince() {
      return hearsSince;
    },
    get switchMs() {
      return switchTime(port);
    },
    trace,
    clock,
    read,
    async write(bytes, signal) {
      signal?.throwIfAborted();
      if (failure) throw failure;
      const bySoftware = softwareParity(framing);
      wireFreeAt = Math.max(clock.monotonic(), wireFreeAt) + wireTime(bytes.length, baudRate, framing);
      echo.expect(bytes, wireFreeAt, portSettings(framing, baudRate).dataBits === 8 && !bySoftware ? 0xff : 0x7f);
      trace.sent(bytes, baudRate);
      const limit = wireFreeAt - clock.monotonic() + WRITE_LIMIT_MS;
      await withTimeout(port.write(bySoftware ? withParity(bytes, bySoftware) : bytes), limit, clock, signal);
      const remaining = wireFreeAt - clock.monotonic();
      if (remaining > 0) await clock.sleep(remaining, signal);
    },
    async changeBaud(rate, newFraming = framing) {
      if (failure) throw failure;
      if (rate === baudRate && newFraming === framing) return;
      if (rate === baudRate && newFraming === framing) return;
      const began = clock.monotonic();
      const before = portSettings(framing, baudRate);
      const wanted = portSettings(newFraming, rate);
      baudRate = rate;
      framing = newFraming;
      startHearing();
      if (sameSettings(before, wanted)) {
        trace.event(`${baudRate} Bd ${framing}`, baudRate);
        return;
      }
      await port.reconfigure(wanted);
      const took = clock.monotonic() - began;
      noteSwitch(port, took);
      trace.event(`${baudRate} Bd ${framing}, switched in ${Math.round(took)} ms`, baudRate);
    },
    pause: (ms, signal) => clock.sleep(ms, signal),
    flush() {
      inbox = [];
    },
    async close() {
      port.listen(() => undefined);
      await port.close();
    },
  };
}

function sameSettings(one: PortSettings, other: PortSettings): boolean {
  return (
    one.baudRate === other.baudRate &&
    one.dataBits === other.dataBits &&
    one.stopBits === other.stopBits &&
    one.parity === other.parity
  );
}

import {
  PortError,
  type Port,
  type PortEvent,
  type PortInfo,
  type PortSettings,
  type PortSignals,
} from '../line/port.ts';
import type { Clock } from '../common/clock.ts';
import { withTimeout } from '../line/timeout.ts';

/** Room for what arrives while the worker is busy: 17 s at 9600 Bd. */
const BUFFER_SIZE = 16_384;
/** Another program may be letting go of the port just now. */
const OPEN_RETRY_MS = [250, 500, 750];
const OPEN_TIMEOUT_MS = 15_000;
const CANCEL_TIMEOUT_MS = 2_000;
const CLOSE_TIMEOUT_MS = 3_000;

const BUSY_CHECKLIST = [
  'Is the port open in another window, a terminal or the meter maker’s own software? Close it there.',
  'Unplug the adapter, wait three seconds, plug it in again.',
  'Linux: is your user in the group “dialout”, and is the browser no Snap or Flatpak package?',
  'Windows: is the adapter’s driver installed (Device Manager shows no warning sign)?',
];

/** One opening of the port. A loop that outlives it talks to nobody. */
interface Connection {
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** Ends with the streams. */
  reading: Promise<void>;
  /** False from our own closing on: an end of the stream before that is a loss. */
  wanted: boolean;
}

/** A {@link Port} over one granted SerialPort of the Web Serial API. */
export function webSerialPort(serial: SerialPort, info: PortInfo, clock: Clock): Port {
  let listener: (event: PortEvent) => void = () => undefined;
  let connection: Connection | undefined;
  // Heads powered from the control lines need them high again at once after every reopen (WICG/serial#141).
  let signals: PortSignals = { dtr: true, rts: true };

  /** Non-fatal errors end a stream and the port offers a new one; a lost device offers none. */
  async function readLoop(mine: Connection): Promise<void> {
    let lastError: unknown;
    const tell = (event: PortEvent) => {
      if (connection === mine) listener(event);
    };
    while (mine.wanted && serial.readable) {
      const reader = serial.readable.getReader();
      mine.reader = reader;
      try {
        for (;;) {
          const { value, done } = await reader.read();
          if (done) break;
          tell({ kind: 'data', bytes: value });
        }
      } catch (error) {
        lastError = error;
        const kind = lineError(error);
        if (kind) tell({ kind: 'line-error', error: kind });
      } finally {
        reader.releaseLock();
        mine.reader = undefined;
      }
    }
    if (mine.wanted) {
      mine.wanted = false;
      tell({
        kind: 'lost',
        reason: `the adapter is gone${lastError instanceof Error ? ` (${lastError.message})` : ''}`,
      });
    }
  }

  async function openOnce(settings: PortSettings): Promise<void> {
    await withTimeout(
      serial.open({ ...settings, bufferSize: BUFFER_SIZE, flowControl: 'none' }),
      OPEN_TIMEOUT_MS,
      clock,
    );
    if (!serial.writable) throw new PortError('failed', 'The port opened but can’t be written to.');
    const writer = serial.writable.getWriter();
    // The writer's own promise must not become an unhandled rejection when the cable is pulled.
    writer.closed.catch(() => undefined);
    const mine: Connection = { writer, reader: undefined, reading: Promise.resolve(), wanted: true };
    connection = mine;
    listener({ kind: 'ready' });
    mine.reading = readLoop(mine);
    await applySignals();
  }

  async function applySignals(): Promise<void> {
    try {
      await serial.setSignals({
        ...(signals.dtr === undefined ? {} : { dataTerminalReady: signals.dtr }),
        ...(signals.rts === undefined ? {} : { requestToSend: signals.rts }),
      });
    } catch (error) {
      // Some drivers have no control lines (PL2303, Bluetooth): a head may read all the same.
      listener({
        kind: 'notice',
        text: `DTR and RTS not set: ${error instanceof Error ? error.message : String(error)}`,
      });
    }
  }

  /** `drain` lets the writer finish first: closing the port without it throws the last message away. */
  async function shut(drain: boolean): Promise<void> {
    const mine = connection;
    connection = undefined;
    const failures: unknown[] = [];
    const note = (error: unknown) => void failures.push(error);
    if (mine) {
      mine.wanted = false;
      await withTimeout(drain ? mine.writer.close() : mine.writer.abort(), CANCEL_TIMEOUT_MS, clock).catch(note);
      mine.writer.releaseLock();
      if (mine.reader) await withTimeout(mine.reader.cancel(), CANCEL_TIMEOUT_MS, clock).catch(note);
      await withTimeout(mine.reading, CANCEL_TIMEOUT_MS, clock).catch(note);
    }
    await withTimeout(serial.close(), CLOSE_TIMEOUT_MS, clock).catch(note);
    for (const failure of failures) listener({ kind: 'notice', text: `closing: ${String(failure)}` });
  }

  async function open(settings: PortSettings): Promise<void> {
    for (const retryMs of [...OPEN_RETRY_MS, undefined]) {
      try {
        // A read that was cut short may have left the port open: closing what is not open is harmless.
        if (serial.readable || serial.writable) await shut(false);
        return await openOnce(settings);
      } catch (error) {
        if (retryMs === undefined || !mayPass(error)) throw openFailure(error, info.label);
        await clock.sleep(retryMs);
      }
    }
  }

  return {
    info,
    capabilities: { reconfigure: 'reopen', signals: true, lineErrors: true },
    open,
    async reconfigure(settings) {
      await shut(true);
      try {
        // At once: the meter may answer 20 ms after the acknowledge.
        await openOnce(settings);
      } catch (error) {
        if (!mayPass(error)) throw openFailure(error, info.label);
        await open(settings);
      }
    },
    // After a loss there is nothing to drain into, and waiting for it would only hang.
    close: () =>
      connection || serial.readable || serial.writable ? shut(connection?.wanted ?? false) : Promise.resolve(),
    async write(bytes) {
      if (!connection) throw new PortError('lost', 'The port is not open.');
      try {
        await connection.writer.write(bytes);
      } catch (error) {
        throw new PortError('lost', 'The adapter was gone while sending.', [], error);
      }
    },
    listen(newListener) {
      listener = newListener;
    },
    async setSignals(wantedSignals) {
      signals = { ...signals, ...wantedSignals };
      if (connection?.wanted) await applySignals();
    },
  };
}

function lineError(error: unknown): 'parity' | 'framing' | 'break' | 'overrun' | undefined {
  const names = {
    ParityError: 'parity',
    FramingError: 'framing',
    BreakError: 'break',
    BufferOverrunError: 'overrun',
  } as const;
  const name = error instanceof Error ? error.name : '';
  return name in names ? names[name as keyof typeof names] : undefined;
}

/** Failures of `open()` that a second try may cure: someone else held the port, or our own close is still under way. */
function mayPass(error: unknown): boolean {
  return error instanceof Error && (error.name === 'InvalidStateError' || error.name === 'NetworkError');
}

function openFailure(error: unknown, label: string): PortError {
  if (error instanceof PortError) return error;
  const name = error instanceof Error ? error.name : '';
  const detail = error instanceof Error ? error.message : String(error);
  if (name === 'SecurityError' || name === 'NotAllowedError') {
    return new PortError(
      'denied',
      `The browser refused ${label}: ${detail}`,
      [
        'Allow serial ports for this site: the icon left of the address, “Site settings”, “Serial ports”.',
        'On a managed tablet the administrator may have switched Web Serial off.',
      ],
      error,
    );
  }
  if (name === 'TypeError')
    return new PortError('unsupported', `${label} can’t be set like that: ${detail}`, [], error);
  return new PortError('busy', `${label} can’t be opened: ${detail}`, BUSY_CHECKLIST, error);
}

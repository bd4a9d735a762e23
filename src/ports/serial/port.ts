import { withTimeout } from '../../line/timeout.ts';
import type { Clock } from '../../common/clock.ts';
import { portOver, type Driver, type Tell } from '../../line/port-over.ts';
import {
  PortError,
  type ControlSignals,
  type Port,
  type PortEvent,
  type PortInfo,
  type PortSettings,
} from '../../line/port.ts';

/** Room for what arrives while the worker is busy: 17 s at 9600 Bd. */
const BUFFER_SIZE = 16_384;
/** Another program may be letting go of the port just now. */
const OPEN_RETRY_MS = [250, 500, 750];
/** For each step of closing: where one hangs the next may still help. */
const STEP_LIMIT_MS = 2000;
const SIGNALS_LIMIT_MS = 1000;

const BUSY_CHECKLIST = [
  'Is the port open in another window, a terminal or the meter maker’s own software? Close it there.',
  'Unplug the adapter, wait three seconds, plug it in again.',
  'Linux: is your user in the group “dialout”, and is the browser no Snap or Flatpak package?',
  'Windows: is the adapter’s driver installed (Device Manager shows no warning sign)?',
];

/** One opening of the port. A loop that outlives it talks to nobody. */
interface Connection {
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly tell: Tell;
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** Ends with the streams. */
  reading: Promise<void>;
  /** False from our own closing on, or from a loss: an end of the stream before that is one. */
  wanted: boolean;
}

/**
 * A {@link Port} over one granted SerialPort of the Web Serial API.
 *
 * @param isListed does the browser still count it among its ports? Before Chromium 130 nothing else tells
 */
export function webSerialPort(
  serial: SerialPort,
  info: PortInfo,
  clock: Clock,
  isListed: () => Promise<boolean> = () => Promise.resolve(true),
): Port {
  return portOver(webSerialDriver(serial, info.label, clock, isListed), {
    info,
    capabilities: { reconfigure: 'reopen', signals: true, lineErrors: true },
    clock,
  });
}

function webSerialDriver(serial: SerialPort, label: string, clock: Clock, isListed: () => Promise<boolean>): Driver {
  let connection: Connection | undefined;

  /** Non-fatal errors end a stream and the port offers a new one; a lost device offers none. */
  async function readLoop(mine: Connection): Promise<void> {
    let lastError: unknown;
    while (mine.wanted && serial.readable) {
      const reader = serial.readable.getReader();
      mine.reader = reader;
      try {
        for (;;) {
          const { value, done } = await reader.read();
          if (done) break;
          mine.tell({ kind: 'data', bytes: value });
        }
      } catch (error) {
        lastError = error;
        const kind = lineError(error);
        if (kind) mine.tell({ kind: 'line-error', error: kind });
      } finally {
        reader.releaseLock();
        mine.reader = undefined;
      }
    }
    if (!mine.wanted) return;
    mine.wanted = false;
    const detail = lastError instanceof Error ? ` (${lastError.message})` : '';
    mine.tell({ kind: 'lost', reason: `the adapter is gone${detail}` });
  }

  async function openOnce(settings: PortSettings, signals: ControlSignals, tell: Tell): Promise<void> {
    await serial.open({ ...settings, bufferSize: BUFFER_SIZE, flowControl: 'none' });
    if (!serial.writable) throw new PortError('failed', 'The port opened but can’t be written to.');
    const writer = serial.writable.getWriter();
    // The writer's own promise must not become an unhandled rejection when the cable is pulled.
    writer.closed.catch(() => undefined);
    const mine: Connection = { writer, tell, reader: undefined, reading: Promise.resolve(), wanted: true };
    connection = mine;
    tell({ kind: 'ready' });
    mine.reading = readLoop(mine);
    try {
      await withTimeout(setSignals(signals), SIGNALS_LIMIT_MS, clock);
    } catch (error) {
      // Some drivers have no control lines (PL2303, Bluetooth): a head may read all the same.
      tell({ kind: 'notice', text: `DTR and RTS not set: ${messageOf(error)}` });
    }
  }

  const setSignals = ({ dtr, rts }: ControlSignals) =>
    serial.setSignals({
      ...(dtr === undefined ? {} : { dataTerminalReady: dtr }),
      ...(rts === undefined ? {} : { requestToSend: rts }),
    });

  /** Closing without closing the writer first throws the last message away. */
  async function close(how: 'drain' | 'drop'): Promise<void> {
    const mine = connection;
    connection = undefined;
    const isLost = mine?.wanted === false;
    if (mine) {
      mine.wanted = false;
      const { writer, reader } = mine;
      const tried = (step: Promise<void>) =>
        withTimeout(step, STEP_LIMIT_MS, clock).catch((error: unknown) =>
          mine.tell({ kind: 'notice', text: `closing: ${messageOf(error)}` }),
        );
      // After a loss there is nothing to drain into, and waiting for it would only hang.
      await tried(how === 'drain' && !isLost ? writer.close() : writer.abort());
      writer.releaseLock();
      if (reader) await tried(reader.cancel());
      await tried(mine.reading);
    }
    // What is gone has let go by itself, whatever the closing of its object says.
    await (isLost ? serial.close().catch(() => undefined) : serial.close());
  }

  return {
    async open(settings, signals, tell, stop) {
      if (serial.connected === false) throw new PortError('lost', `${label} is not plugged in.`);
      for (const retryMs of [...OPEN_RETRY_MS, undefined]) {
        try {
          // A window that was closed in mid-read may have left it open.
          if (serial.readable || serial.writable) await close('drop');
          return await openOnce(settings, signals, tell);
        } catch (error) {
          if (retryMs === undefined || stop.aborted || !mayPass(error)) throw openFailure(error, label);
          await clock.sleep(retryMs, stop);
        }
      }
    },
    async close(how) {
      if (connection || serial.readable || serial.writable) await close(how);
    },
    async write(bytes) {
      try {
        await connection?.writer.write(bytes);
      } catch (error) {
        throw new PortError('lost', 'The adapter was gone while sending.', [], error);
      }
    },
    async isThere() {
      const isThere = (await isListed()) && serial.connected !== false;
      if (!isThere && connection) connection.wanted = false;
      return isThere;
    },
    setSignals,
    async getSignals() {
      const { clearToSend, dataSetReady, dataCarrierDetect, ringIndicator } = await serial.getSignals();
      return { cts: clearToSend, dsr: dataSetReady, dcd: dataCarrierDetect, ri: ringIndicator };
    },
  };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function lineError(error: unknown): Extract<PortEvent, { kind: 'line-error' }>['error'] | undefined {
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
  const detail = messageOf(error);
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

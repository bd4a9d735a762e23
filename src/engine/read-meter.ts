import { openLine } from '../line/open-line.ts';
import type { Line } from '../line/line.ts';
import { PortError, type Port } from '../line/port.ts';
import type { TraceEntry } from '../line/trace.ts';
import type { Clock } from '../common/clock.ts';
import { MeterError } from '../common/meter-error.ts';
import type { MeterProtocol, ReadOptions } from '../protocols/protocol.ts';
import type { Readout } from '../common/readout.ts';

/** General code 4 of the SmartCOM: reading from the device was not started. */
const NOT_STARTED = 4;

export interface MeterRead<Address, Settings> {
  readonly protocol: MeterProtocol<Address, Settings>;
  readonly port: Port;
  readonly address: string;
  readonly settings: Settings;
  /** Wait before the port is closed. */
  readonly closeDelayMs: number;
  readonly clock: Clock;
  readonly options: ReadOptions;
  readonly onTrace: (entry: TraceEntry) => void;
}

/** Until when the meter that answered last on a port is deaf; `address` as it was asked. By the port's own clock. */
interface Rest {
  readonly address: string;
  readonly until: number;
}
const rests = new WeakMap<Port, Rest>();

/** Another meter on the line can be asked at once; without an address it may be the same. */
async function rest<A, S>({ port, address, clock, options }: MeterRead<A, S>): Promise<void> {
  const last = rests.get(port);
  const left = (last?.until ?? 0) - clock.monotonic();
  const same = address === last?.address || address === '' || last?.address === '';
  if (left <= 0 || !same) return;
  const text = `the meter has just answered: waiting ${(left / 1000).toFixed(1)} s until it listens again`;
  options.onProgress?.({ kind: 'step', step: 'opening', text });
  try {
    await clock.sleep(left, options.signal);
  } catch (error) {
    // Stopped: the dialogue says so in its own words.
    if (options.signal?.aborted !== true) throw error;
  }
}

/** Opens the port, reads, closes. Whatever goes wrong with meter, port or address becomes a readout with its code. */
export async function readMeter<Address, Settings>(read: MeterRead<Address, Settings>): Promise<Readout> {
  const { protocol, port, settings, clock, options } = read;
  let line: Line | undefined;
  try {
    const address = protocol.parseAddress(read.address);
    await rest(read);
    options.onProgress?.({ kind: 'step', step: 'opening', text: `opening ${port.info.label}` });
    line = await openLine(port, { ...protocol.lineSettings(address, settings), clock, onTrace: read.onTrace });
    const readout = await protocol.read(line, address, settings, options);
    rests.set(port, { address: read.address, until: line.lastReceivedAt + (protocol.restMs?.(readout) ?? 0) });
    return readout;
  } catch (error) {
    return notStarted(error);
  } finally {
    if (line) {
      if (read.closeDelayMs > 0) await clock.sleep(read.closeDelayMs);
      await line.close();
    }
  }
}

function notStarted(error: unknown): Readout {
  if (error instanceof MeterError) {
    return {
      errorCode: error.code,
      identification: '',
      data: '',
      circumstances: { message: error.message, hint: error.hint },
    };
  }
  if (error instanceof PortError) {
    return {
      errorCode: NOT_STARTED,
      identification: '',
      data: '',
      circumstances: { message: error.message, hint: error.checklist.join('\n') },
    };
  }
  throw error;
}

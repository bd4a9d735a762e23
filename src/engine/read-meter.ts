import { openLine } from '../line/open-line.ts';
import type { Line } from '../line/line.ts';
import { PortError, type Port } from '../line/port.ts';
import type { TraceEntry } from '../line/trace.ts';
import type { Clock } from '../protocols/common/clock.ts';
import { MeterError } from '../protocols/common/meter-error.ts';
import type { MeterProtocol, ReadOptions } from '../protocols/common/protocol.ts';
import type { Readout } from '../protocols/common/readout.ts';

/** General code 4 of seed 001: data reading from the device was not started. */
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

/** Opens the port, reads, closes. Whatever goes wrong with meter, port or address becomes a readout with its code. */
export async function readMeter<Address, Settings>(read: MeterRead<Address, Settings>): Promise<Readout> {
  const { protocol, port, settings, clock, options } = read;
  let line: Line | undefined;
  try {
    const address = protocol.parseAddress(read.address);
    options.onProgress?.({ kind: 'step', step: 'opening', text: `opening ${port.info.label}` });
    line = await openLine(port, { ...protocol.lineSettings(address, settings), clock, onTrace: read.onTrace });
    return await protocol.read(line, address, settings, options);
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

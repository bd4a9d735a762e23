import type { Line } from '../line/line.ts';
import { countHeldLow } from '../line/held-low.ts';
import { openLine } from '../line/open-line.ts';
import { PortError, type Port } from '../line/port.ts';
import type { TraceEntry } from '../line/trace.ts';
import { MeterError } from '../common/meter-error.ts';
import type { Protocol, ReadOptions, Target } from '../protocols/protocol.ts';
import type { Readout } from '../common/readout.ts';
import type { KeyValueStore } from './memory.ts';
import { ownProfiles } from './own-profiles.ts';
import type { PortSeat } from './port-registry.ts';

/** In one file: what was read can be kept. */
export { keepByHand, lateReadings, waitingReadings, watchWaiting } from './keep-by-hand.ts';

/** General code 4 of the SmartCOM: reading from the device was not started. */
const NOT_STARTED = 4;

export interface MeterRead extends Pick<ReadOptions, 'memory' | 'tries' | 'knownNumber' | 'onProgress'> {
  /** Where what people have written is kept; absent: nothing is. */
  readonly settings?: Pick<KeyValueStore, 'get'>;
  readonly protocol: Protocol;
  /** The turn at the port it is read on. */
  readonly seat: PortSeat;
  readonly target: Target;
  /** The schedule asks: nobody stands by. */
  readonly byItself?: boolean;
  readonly onTrace: (entry: TraceEntry) => void;
}

/** Until when the meter that answered last on a port is deaf; `address` as it was asked. By the port's own clock. */
interface Rest {
  readonly address: string;
  readonly until: number;
}
const rests = new WeakMap<Port, Rest>();

/** Another meter on the line can be asked at once; without an address it may be the same. */
async function rest(address: string, { port, clock, signal }: PortSeat, options: ReadOptions): Promise<void> {
  const last = rests.get(port);
  const left = (last?.until ?? 0) - clock.monotonic();
  const same = address === last?.address || address === '' || last?.address === '';
  if (left <= 0 || !same) return;
  const text = `the meter has just answered: waiting ${(left / 1000).toFixed(1)} s until it listens again`;
  options.onProgress?.({ kind: 'step', step: 'opening', text });
  try {
    await clock.sleep(left, signal);
  } catch (error) {
    // Stopped: the dialogue says so in its own words.
    if (!signal.aborted) throw error;
  }
}

/** Opens the port, reads, closes. Whatever goes wrong with meter, port or address becomes a readout with its code. */
export async function readMeter(read: MeterRead): Promise<Readout> {
  const { protocol, seat, target } = read;
  const options = optionsOf(read);
  let line: Line | undefined;
  try {
    const { port, clock } = seat;
    const dialogue = await protocol.parts.dialogue();
    dialogue.normal(target.address); // one that is wrong opens no port
    await rest(target.address, seat, options);
    options.onProgress?.({ kind: 'step', step: 'opening', text: `opening ${port.info.label}` });
    line = await openLine(port, { ...dialogue.lineOf(target), clock, signal: seat.signal, onTrace: read.onTrace });
    const readout = withLineNamed(await dialogue.read(line, target, options), line);
    rests.set(port, { address: target.address, until: line.lastReceivedAt + (dialogue.restMs?.(readout) ?? 0) });
    return readout;
  } catch (error) {
    return notStarted(error) ?? (await stopped(error, read));
  } finally {
    if (line) await close(line, read);
  }
}

/** Where nothing but a line that is held low was heard, whatever the protocol made of that is not the cause. */
function withLineNamed(readout: Readout, { trace, signal }: Line): Readout {
  if (readout.errorCode === 0 || signal.aborted) return readout;
  const count = countHeldLow(trace.entries);
  if (count === 0) return readout;
  const message = `The line is held low: ${count} ${count === 1 ? 'break' : 'breaks or zeros'} came, and no character.`;
  return { ...readout, circumstances: { ...readout.circumstances, message, hint: HELD_LOW_HINT } };
}

const HELD_LOW_HINT = [
  'Has the head or adapter power (battery, bus voltage), and does it sit the right way round?',
  'RS-485: are A and B swapped? A short circuit or strong light on the eye does the same.',
  'If the meter sends by itself: is the rate set far too high?',
].join('\n');

function optionsOf(read: MeterRead): ReadOptions {
  const { protocol, seat, target, settings, memory, tries, knownNumber, byItself = false, onProgress } = read;
  const numbers = numbersOf(protocol, target, knownNumber);
  const secrets = loadedOnce(async () => (await import('./secrets.ts')).secretsOf({ numbers, byItself }));
  return {
    secret: async (name) => (await secrets()).secret(name),
    secretSaid: async (name, how) => (await secrets()).secretSaid(name, how),
    counter: async (...of) => (await secrets()).counter(...of),
    ...(settings ? { profiles: ownProfiles(settings, protocol.name) } : {}),
    ...(tries ? { tries } : {}),
    ...(memory ? { memory } : {}),
    ...(knownNumber === undefined ? {} : { knownNumber }),
    onProgress(progress) {
      if (progress.kind === 'step') seat.say(progress.text);
      onProgress?.(progress);
    },
  };
}

function loadedOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => (loading ??= load());
}

/** By which the meter's keys may be stored. */
export function numbersOf(
  { address }: Protocol,
  target: Pick<Target, 'address'>,
  knownNumber?: string,
): readonly string[] {
  const inAddress = (part = '(?!)') => new RegExp(part).exec(target.address)?.[1] ?? '';
  const { number, place } = address;
  return [knownNumber ?? '', inAddress(number), inAddress(place), target.address].filter((one) => one !== '');
}

async function close(line: Line, { seat, target }: MeterRead): Promise<void> {
  const { closeDelayMs } = target.settings;
  // Stopped: nobody waits for this.
  if (typeof closeDelayMs === 'number' && closeDelayMs > 0 && !seat.signal.aborted)
    await line.pause(closeDelayMs).catch(() => undefined);
  await seat.close(() => line.close());
}

function notStarted(error: unknown): Readout | undefined {
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
  return undefined;
}

/** A person ended it before the port was open: nothing is wrong, and the protocol has a code that says so. */
async function stopped(error: unknown, { protocol, seat }: MeterRead): Promise<Readout> {
  if (!seat.signal.aborted) throw error;
  const row = (await protocol.parts.errors()).find((each) => each.stopped);
  return {
    errorCode: row?.code ?? NOT_STARTED,
    identification: '',
    data: '',
    circumstances: { message: 'The read was stopped before the port was open.', hint: 'Nothing was sent. Read again.' },
  };
}

import { MeterError } from '../common/meter-error.ts';
import { detectionErrors } from '../protocols/mbus/detection-errors.ts';
import type { FoundMeter, SearchEvent } from '../protocols/mbus/search.ts';
import { MAX_METERS } from './meter-list.ts';

/**
 * What AT^SCAMSADD makes of a search for meters (SmartCOM manual, "Automatic Meter Detection"). Pure over a search that is
 * given: what becomes of meter list and log is for the caller.
 */
export interface DetectionTask {
  readonly protocol: string;
  /** The search ends as soon as so many meters were found. */
  readonly expectedCount: number;
  /** Meters that the list can take; 64 unless told. */
  readonly capacity?: number;
  /** Begins the search; throws or rejects when there is no port to search on. */
  readonly search: () => AsyncIterable<SearchEvent>;
}

export interface Detected {
  /** 0, 65280–65291 or a code of the M-Bus table. */
  readonly errorCode: number;
  /** One sentence of what was seen; empty without an error. */
  readonly message: string;
  readonly hint: string;
  /** In the order found; what the answer shows and what is to be added. */
  readonly found: readonly DetectedMeter[];
}

export interface DetectedMeter {
  readonly primaryAddress: number;
  /** Eight digits; A–E where a maker numbers with them. */
  readonly secondaryAddress: string;
  /** For the meter list: `*XXXXXXXX@2400`, with what tells it from a meter of the same number where there is one. */
  readonly address: string;
}

/**
 * Codes of detection (SmartCOM manual, "ONF Customer Module Errors") that this and its caller raise. 65291 (more found than the
 * list takes) can't come: no more are expected than it takes, and the search ends with the last one expected.
 */
export const detectionCodes = {
  internal: 65280,
  'too many expected': 65281,
  'search not started': 65282,
  'result not read': 65283,
  'list not emptied': 65284,
  'result not understood': 65285,
  'another number found': 65286,
  'meter not added': 65287,
  'no detection': 65289,
  'meters not removed': 65290,
} as const;

/** Meters of one number that could not be told apart. */
const COLLISION = 131094;
const STOPPED = 131073;

/** Never rejects for what the search does. */
export async function detectMeters(task: DetectionTask): Promise<Detected> {
  const { expectedCount, capacity = MAX_METERS } = task;
  if (!hasDetection(task.protocol)) return failed('no detection');
  if (expectedCount > capacity) return failed('too many expected');
  try {
    return verdict(await gather(task), expectedCount);
  } catch (error) {
    if (error instanceof MeterError)
      return { ...failed('search not started'), hint: error.hint, message: error.message };
    return { ...failed('search not started'), message: error instanceof Error ? error.message : String(error) };
  }
}

export function hasDetection(protocol: string): boolean {
  return protocol === 'MBUS';
}

interface Gathered {
  readonly meters: readonly FoundMeter[];
  readonly collision: MeterError | undefined;
  /** Why the search ended early. */
  readonly error: MeterError | undefined;
  /** False: the search broke off without a word. */
  readonly ended: boolean;
}

async function gather({ search, expectedCount }: DetectionTask): Promise<Gathered> {
  const meters: FoundMeter[] = [];
  let collision: MeterError | undefined;
  for await (const event of search()) {
    if (event.kind === 'found') meters.push(event.meter);
    if (event.kind === 'withdrawn') meters.splice(meters.indexOf(event.meter), 1);
    if (event.kind === 'problem' && event.error.code === COLLISION) collision ??= event.error;
    if (event.kind === 'ended') return { meters, collision, error: event.error, ended: true };
    if (meters.length >= expectedCount) return { meters, collision, error: undefined, ended: true };
  }
  return { meters, collision, error: undefined, ended: false };
}

function verdict({ meters, collision, error, ended }: Gathered, expectedCount: number): Detected {
  const found = meters.map(({ primaryAddress, secondaryAddress, address, baudRate }) => ({
    primaryAddress,
    secondaryAddress,
    address: address.includes('@') ? address : `${address}@${baudRate}`,
  }));
  if (!ended) return { ...failed('result not read'), found };
  if (error?.code === STOPPED) return { ...saying(error), found };
  if (error) return saying(error);
  if (meters.some(({ secondaryAddress }) => !/^[\dA-E]{8}$/.test(secondaryAddress)))
    return failed('result not understood');
  if (meters.length === expectedCount) return { errorCode: 0, message: '', hint: '', found };
  // The manual's examples show no meter beside a collision, and those that were found beside a wrong number.
  if (collision) return saying(collision);
  const message = `${meters.length} meters were found, ${expectedCount} were expected.`;
  return { ...failed('another number found'), message, found };
}

function saying({ code, message, hint }: MeterError): Detected {
  return { errorCode: code, message, hint, found: [] };
}

function failed(reason: keyof typeof detectionCodes): Detected {
  const errorCode = detectionCodes[reason];
  const row = detectionErrors.find(({ code }) => code === errorCode);
  return { errorCode, message: row ? `${row.text}.` : '', hint: row?.advice ?? '', found: [] };
}

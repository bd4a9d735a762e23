import { MeterError } from '../common/meter-error.ts';
import { detectionErrors } from '../common/detection-errors.ts';
import type { Found, SearchEvent } from '../protocols/search.ts';
import { MAX_METERS } from './meter-list.ts';

/**
 * What AT^SCAMSADD makes of a search for meters (SmartCOM manual, "Automatic Meter Detection"). Pure over a search that is
 * given: what becomes of meter list and log is for the caller.
 */
export interface DetectionTask {
  /** The search ends as soon as so many meters were found. */
  readonly expectedCount: number;
  /** Meters that the list can take; 64 unless told. */
  readonly capacity?: number;
  /** Begins the search; throws or rejects when there is no port to search on. */
  readonly search: () => AsyncIterable<SearchEvent>;
}

export interface Detected {
  /** 0, 65280–65291 or a code of the protocol. */
  readonly errorCode: number;
  /** One sentence of what was seen; empty without an error. */
  readonly message: string;
  readonly hint: string;
  /** In the order found; what the answer shows and what is to be added. */
  readonly found: readonly DetectedMeter[];
}

/** `address`: for the meter list, with its rate and what tells it from a meter of the same number where there is one. */
export type DetectedMeter = Found['listed'];

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

/** Never rejects for what the search does. */
export async function detectMeters(task: DetectionTask): Promise<Detected> {
  const { expectedCount, capacity = MAX_METERS } = task;
  if (expectedCount > capacity) return failed('too many expected');
  try {
    return verdict(await gather(task), expectedCount);
  } catch (error) {
    if (error instanceof MeterError)
      return { ...failed('search not started'), hint: error.hint, message: error.message };
    return { ...failed('search not started'), message: error instanceof Error ? error.message : String(error) };
  }
}

interface Gathered {
  readonly meters: readonly Found[];
  readonly collision: MeterError | undefined;
  /** Why the search ended early. */
  readonly error: MeterError | undefined;
  /** Undefined: the search broke off without a word. */
  readonly outcome: 'complete' | 'stopped' | 'failed' | undefined;
}

async function gather({ search, expectedCount }: DetectionTask): Promise<Gathered> {
  const meters: Found[] = [];
  let collision: MeterError | undefined;
  for await (const event of search()) {
    if (event.kind === 'found') meters.push(event.meter);
    if (event.kind === 'withdrawn') meters.splice(meters.indexOf(event.meter), 1);
    if (event.kind === 'problem' && event.isCollision) collision ??= event.error;
    if (event.kind === 'ended') return { meters, collision, error: event.error, outcome: event.outcome };
    if (meters.length >= expectedCount) return { meters, collision, error: undefined, outcome: 'complete' };
  }
  return { meters, collision, error: undefined, outcome: undefined };
}

function verdict({ meters, collision, error, outcome }: Gathered, expectedCount: number): Detected {
  const found = meters.map(({ listed }) => listed);
  if (!outcome) return { ...failed('result not read'), found };
  if (error && outcome === 'stopped') return { ...saying(error), found };
  if (error) return saying(error);
  if (found.some(({ secondaryAddress }) => !/^[\dA-E]{8}$/.test(secondaryAddress)))
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

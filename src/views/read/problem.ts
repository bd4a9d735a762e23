import type { AmsRecord } from '../../log/record.ts';

/** Something to do about a failed read, as a button beside its explanation. */
export type Remedy =
  'again' | 'no address' | 'wake' | 'rates' | 'stay' | 'keep' | 'address' | 'head check' | 'wait' | 'find';

/** A failed or incomplete read in words: what happened, what was seen, what to try. */
export interface Problem {
  readonly headline: string;
  /** What was seen; one sentence or two. */
  readonly seen: string;
  readonly hint: string;
  /** What to check, most likely first. */
  readonly checklist: readonly string[];
  /** The SmartCOM's code, shown small; undefined where the port failed before the protocol began. */
  readonly code?: number;
  readonly remedies: readonly Remedy[];
  /** Something was received all the same. */
  readonly partial: boolean;
  /** Stopped by the user: nothing is wrong. */
  readonly cancelled: boolean;
}

/** IEC 62056-21 and M-Bus. */
const CANCELLED: readonly number[] = [65537, 131073];

/** Undefined for a read without fault. `baudRate` is the rate of the first request, in Bd. */
export function problemOfRecord(record: AmsRecord, baudRate: number): Problem | undefined {
  const { errorCode: code, circumstances = {} } = record;
  if (code === 0) return undefined;
  // What to check about a port comes as one item a line (engine, code 4).
  const named = code === NOT_IDENTIFIED ? numberAskedFor(record) : '';
  const hints = (named === '' ? (circumstances.hint ?? '') : hintOfNamed(named)).split('\n');
  return {
    headline: headlineOf(code, baudRate),
    seen: circumstances.message ?? '',
    hint: hints.length === 1 ? (hints[0] ?? '') : '',
    checklist: hints.length > 1 ? hints : [],
    code,
    remedies: [
      ...(named === '' ? [] : (['no address'] as const)),
      ...remediesFor(code, circumstances.ownCheck === true),
    ],
    partial: record.data !== '',
    cancelled: CANCELLED.includes(code),
  };
}

/** IEC 62056-21: nothing answered the request. */
const NOT_IDENTIFIED = 65541;

/** The number in the request, to which only one meter answers; empty where any meter was asked. */
function numberAskedFor({ protocol, address = '' }: AmsRecord): string {
  return protocol === 'IEC62056-21' ? address.replace(/[@%].*$/s, '').trim() : '';
}

/** That some meters want their number would be the opposite of the cause. */
function hintOfNamed(number: string): string {
  return `Only the meter with the number ${number} answers this request: is it this one? Else ask without the address. Is the head on the right eye, and is the meter awake?`;
}

/**
 * A call that was refused or broke: busy port, missing permission, lost adapter, a worker that died. `headline` is for
 * what no port is to blame for.
 */
export function problemOfError(error: unknown, headline = 'The read could not begin.'): Problem {
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  if (name === 'AbortError') return { ...nothing, headline: 'Stopped.', remedies: [], cancelled: true };
  const { failure, checklist } = memberOf(error);
  return {
    ...nothing,
    headline: (failure && failureHeadlines[failure]) ?? headline,
    seen: message,
    checklist,
  };
}

const nothing: Problem = {
  headline: '',
  seen: '',
  hint: '',
  checklist: [],
  remedies: ['again', 'head check'],
  partial: false,
  cancelled: false,
};

/** Headlines for the failures of a port (line/port.ts), which reach this side as plain members of an Error. */
const failureHeadlines: Readonly<Record<string, string>> = {
  busy: 'The port is in use.',
  denied: 'The browser may not use this port.',
  lost: 'The adapter is gone.',
  unsupported: 'The adapter cannot do that.',
  timeout: 'The port did not open.',
  failed: 'The port did not open.',
};

function memberOf(error: unknown): { readonly failure: string | undefined; readonly checklist: readonly string[] } {
  const members: { failure?: unknown; checklist?: unknown } = typeof error === 'object' && error !== null ? error : {};
  return {
    failure: typeof members.failure === 'string' ? members.failure : undefined,
    checklist: Array.isArray(members.checklist) ? members.checklist.filter((item) => typeof item === 'string') : [],
  };
}

/** Codes of the SmartCOM's tables (its manual, 3.8) as a technician would say them. */
export function headlineOf(code: number, baudRate: number): string {
  switch (code) {
    case 1:
      return 'The settings of this read do not fit.';
    case 2:
      return 'The reading could not be kept.';
    case 3:
      return 'This port cannot do that.';
    case 4:
      return 'The port did not open.';
    case 65537:
    case 131073:
      return 'Stopped.';
    case 65536:
    case 131072:
      return 'The read broke off.';
    case 65538:
    case 131074:
      return 'This address cannot be sent.';
    case 65539:
      return 'The meter offers a rate nobody knows.';
    case 65540:
    case 65544:
    case 131075:
      return 'The port did not take the rate.';
    case 65541:
    case 131078:
      return `No answer at ${baudRate}\u00a0Bd.`;
    case 65542:
      return 'The meter speaks another mode.';
    case 65543:
      return 'Silence after the acknowledge.';
    case 65545:
      return 'The answer broke off.';
    case 65546:
      return 'The data did not come.';
    case 65793:
    case 65794:
    case 65795:
    case 65796:
      return 'The identification is garbled.';
    case 66049:
    case 66051:
    case 66052:
      return 'The data is garbled.';
    case 66050:
      return 'More data than fits.';
    case 66053:
      return 'The check character does not match.';
    case 131076:
    case 131077:
    case 131080:
    case 131081:
    case 131086:
    case 131087:
      return 'The port did not send.';
    case 131079:
    case 131083:
    case 131089:
      return 'The answer is garbled.';
    case 131082:
      return 'The meter is there and gives no data.';
    case 131084:
      return 'The meter answers with an error.';
    case 131085:
      return 'Another meter answered.';
    case 131088:
      return `No meter took the selection at ${baudRate}\u00a0Bd.`;
    case 131329:
    case 131330:
    case 131331:
    case 131332:
    case 131333:
    case 131334:
    case 131335:
      return 'The data is garbled.';
    default:
      return 'The read failed.';
  }
}

/** `ownCheck`: the meter computes its check sum in its own way, so that keeping the data loses nothing. */
function remediesFor(code: number, ownCheck: boolean): readonly Remedy[] {
  switch (code) {
    case 65537:
    case 131073:
      return [];
    case 65538:
    case 131074:
      return ['address'];
    case 131078:
    case 131088:
      return ['again', 'wait', 'rates', 'find'];
    case 131082:
      return ['again', 'wait'];
    case 131079:
    case 131083:
    case 131085:
    case 131089:
      return ['again', 'rates', 'find'];
    case 65541:
      return ['again', 'wake', 'rates', 'wait', 'head check'];
    case 65545:
      return ['again', 'wait', 'head check'];
    case 65539:
    case 65543:
    case 65546:
      return ['again', 'stay', 'wait', 'head check'];
    case 66053:
      return ownCheck ? ['again', 'keep', 'head check'] : ['again', 'head check'];
    case 65793:
    case 65794:
    case 65795:
    case 65796:
      return ['again', 'rates', 'head check'];
    default:
      return ['again', 'head check'];
  }
}

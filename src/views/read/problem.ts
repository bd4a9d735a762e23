import { again, headCheck, type ErrorRow, type Remedy } from '../../common/error-row.ts';
import type { MeterRecord } from '../../log/meter-record.ts';

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

/**
 * Undefined for a read without fault.
 *
 * @param row what the code means; undefined where that could not be loaded, or nobody knows
 * @param rate of the first request: "300 Bd"
 */
export function problemOfRecord(
  record: MeterRecord,
  row: Partial<ErrorRow> | undefined,
  rate: string,
): Problem | undefined {
  const { errorCode: code, circumstances = {} } = record;
  if (code === 0) return undefined;
  // What to check about a port comes as one item a line (engine, code 4).
  const hints = (circumstances.hint ?? '').split('\n');
  const { headline = 'The read failed.', remedies = nothing.remedies, stopped = false } = row ?? {};
  return {
    headline: headline.replace('{rate}', rate),
    seen: circumstances.message ?? '',
    hint: hints.length === 1 ? (hints[0] ?? '') : '',
    checklist: hints.length > 1 ? hints : [],
    code,
    remedies: circumstances.offer ? [circumstances.offer, ...remedies] : remedies,
    partial: record.data !== '',
    cancelled: stopped,
  };
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
  remedies: [again, headCheck],
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

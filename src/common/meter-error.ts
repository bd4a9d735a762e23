/**
 * The one error type of OpenHHU: a SmartCOM error code (its manual, 3.8),
 * a sentence that says what was seen, and a hint that says what to try.
 */
export interface MeterErrorDetails {
  /** What to try next, in words a technician can act on. */
  readonly hint?: string;
  readonly cause?: unknown;
}

export class MeterError extends Error {
  override readonly name = 'MeterError';
  /** 32-bit unsigned code of the SmartCOM's tables (0–4, 65536–66053, 131072–…). */
  readonly code: number;
  readonly hint: string;

  constructor(code: number, message: string, details: MeterErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? '';
  }
}

/** One row of a protocol's error table. */
export interface ErrorEntry {
  readonly code: number;
  /** What the code means, in our words. */
  readonly text: string;
  /** What to try. */
  readonly advice: string;
}

import type { Clock } from '../common/clock.ts';

/** One run of bytes in one direction, or something that happened on the line. */
export interface TraceEntry {
  /** Milliseconds since the trace began (monotonic). */
  readonly time: number;
  readonly direction: 'sent' | 'received' | 'event';
  readonly baudRate: number;
  /** As on the wire's character level: seven-bit parity already removed. */
  readonly bytes: Uint8Array;
  /** For events: "9600 Bd", "timeout", "echo removed", "port lost". */
  readonly text: string;
  /** Positions in `bytes` whose parity was wrong. */
  readonly parityErrors?: readonly number[];
  /** Positions of a secret: `bytes` has zeros there, and people see dots. */
  readonly hidden?: readonly number[];
}

/** Everything seen on the line during one dialogue, in order. */
export interface Trace {
  readonly entries: readonly TraceEntry[];
  /** Wall clock of time 0, milliseconds since the epoch. */
  readonly startedAt: number;
  sent(bytes: Uint8Array, baudRate: number, hidden?: readonly number[]): void;
  received(bytes: Uint8Array, baudRate: number, parityErrors: readonly number[], hidden?: readonly number[]): void;
  event(text: string, baudRate: number): void;
}

/** More is no dialogue any more; the whole of a long readout, character by character, takes a third. */
const MAX_ENTRIES = 50_000;

const FULL = 'the trace is full: what follows is not shown';

/**
 * A trace that keeps its entries, up to a limit, and hands each one to `onEntry` as it is written. That of an endless job
 * keeps none: it only hands them over.
 */
export function createTrace(
  clock: Clock,
  onEntry: (entry: TraceEntry) => void = () => undefined,
  isEndless = false,
): Trace {
  const entries: TraceEntry[] = [];
  const began = clock.monotonic();
  const add = (entry: Omit<TraceEntry, 'time'>) => {
    if (entries.length > MAX_ENTRIES) return;
    const isLast = entries.length === MAX_ENTRIES;
    const kept = isLast ? { ...entry, direction: 'event' as const, bytes: new Uint8Array(0), text: FULL } : entry;
    const timed = { time: clock.monotonic() - began, ...kept };
    if (!isEndless) entries.push(timed);
    onEntry(timed);
  };
  return {
    entries,
    startedAt: clock.now(),
    sent: (bytes, baudRate, hidden = []) =>
      add({ direction: 'sent', baudRate, text: '', ...withoutSecret(bytes, hidden) }),
    received: (bytes, baudRate, parityErrors, hidden = []) =>
      add({
        direction: 'received',
        baudRate,
        text: '',
        ...withoutSecret(bytes, hidden),
        ...(parityErrors.length > 0 ? { parityErrors } : {}),
      }),
    event: (text, baudRate) => add({ direction: 'event', baudRate, bytes: new Uint8Array(0), text }),
  };
}

/** The secret itself goes no further: not into a worker's message, a file or a dump of the memory. */
function withoutSecret(bytes: Uint8Array, hidden: readonly number[]): Pick<TraceEntry, 'bytes' | 'hidden'> {
  if (hidden.length === 0) return { bytes };
  const shown = bytes.slice();
  for (const position of hidden) shown[position] = 0;
  return { bytes: shown, hidden };
}

import type { ModemSignals } from '../../line/port.ts';
import type { InputNumber } from './inputs.ts';
import { sampled, unknownContact, type Contact } from './contact.ts';

/** Inputs 1, 2 and 3, in this order. */
export const LINES = ['cts', 'dsr', 'dcd'] as const;

/** Between two samples further apart than this a pulse of 30 ms may have come and gone. */
const LONGEST_GAP_MS = 25;

/** The modem lines of an adapter as they are polled. */
export interface ModemLines {
  readonly contacts: readonly Contact[];
  /** Monotonic milliseconds of the last sample; undefined where the lines could not be seen. */
  readonly seenAt: number | undefined;
}

export const unseenLines: ModemLines = { contacts: LINES.map(() => unknownContact), seenAt: undefined };

export interface LinesSampled {
  readonly lines: ModemLines;
  readonly pulses: readonly InputNumber[];
  /** Milliseconds in which nobody looked, and a pulse may have been missed; 0 where none was. */
  readonly gapMs: number;
}

/** @param signals undefined: nobody can see them, the port is closed, and how they stood before says nothing any more */
export function sampleLines(
  before: ModemLines,
  signals: ModemSignals | undefined,
  at: number,
  needed: (input: InputNumber) => number,
): LinesSampled {
  if (!signals) return { lines: unseenLines, pulses: [], gapMs: 0 };
  const sinceLast = before.seenAt === undefined ? 0 : at - before.seenAt;
  const next = LINES.map((name, index) =>
    sampled(before.contacts[index] ?? unknownContact, signals[name], needed((index + 1) as InputNumber)),
  );
  return {
    lines: { contacts: next.map(({ contact }) => contact), seenAt: at },
    pulses: next.flatMap(({ isPulse }, index) => (isPulse ? [(index + 1) as InputNumber] : [])),
    gapMs: sinceLast > LONGEST_GAP_MS ? sinceLast : 0,
  };
}

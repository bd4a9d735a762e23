import { dataIn } from '../axdr/read-data.ts';
import type { Association } from '../client.ts';
import { resultsOf } from '../collect.ts';
import { localMs, timeOf } from '../cosem/date-time.ts';
import type { Dialogue } from '../dialogue.ts';
import type { ClockMarks } from './selection.ts';

const CLOCK = { classId: 8, name: Uint8Array.of(0, 0, 1, 0, 0, 255), number: 2 };

/** What time it is for the meter. */
export interface Now {
  /** Milliseconds, as if its local time were UTC. */
  readonly ms: number;
  readonly marks: ClockMarks;
}

/** By its clock; by that of this device, with a word, where it does not tell it. */
export async function askClock({ line, notes }: Dialogue, association: Association): Promise<Now> {
  const [result] = await resultsOf(association, [{ attribute: CLOCK }]);
  const data = result?.kind === 'data' ? dataIn(result.bytes).data : undefined;
  const bytes = data && (data.type === 'octet-string' || data.type === 'date-time') ? data.bytes : new Uint8Array(0);
  const time = bytes.length === 12 ? timeOf(bytes) : undefined;
  const ms = time && localMs(time);
  if (ms !== undefined)
    return { ms, marks: { deviation: [bytes[9] ?? 0x80, bytes[10] ?? 0], status: bytes[11] ?? 0xff } };
  notes.push('The meter does not tell its clock: the range was reckoned from the clock of this device.');
  const ours = new Date(line.trace.startedAt);
  // Towards UTC, as the meter would write it.
  const deviation = ours.getTimezoneOffset() & 0xffff;
  return {
    ms: ours.getTime() - ours.getTimezoneOffset() * 60_000,
    marks: { deviation: [deviation >> 8, deviation & 0xff], status: 0 },
  };
}

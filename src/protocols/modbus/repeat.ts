import type { MeterError } from '../../common/meter-error.ts';
import { ACKNOWLEDGED, BUSY } from './exceptions.ts';
import { exchange, type Answer, type Link } from './link.ts';

/** One more try after this failure? Counts it. */
export type MayRepeat = (error: MeterError) => boolean;

/** A device that is busy is left alone so long. */
const BUSY_MS = 250;

/**
 * Asks until there is an answer, a refusal that stays, or no try left; gives what came last. Before a request is
 * repeated the late answer to it is waited for: it looks like the answer to any later one. Not for writes.
 */
export async function askAgain(
  link: Link,
  request: Uint8Array,
  mayRepeat: MayRepeat,
  note: (text: string) => void,
): Promise<Answer> {
  for (let isRepeated = false; ; isRepeated = true) {
    const { answer, notes, late } = await exchange(link, request, isRepeated);
    notes.forEach(note);
    if (answer.kind === 'data') return answer;
    const isBusy = answer.kind === 'refused' && (answer.exception === BUSY || answer.exception === ACKNOWLEDGED);
    if ((answer.kind === 'refused' && !isBusy) || !mayRepeat(answer.error)) return answer;
    if (isBusy) await link.line.pause(BUSY_MS);
    else if (answer.kind !== 'damaged') {
      const after = await late();
      if (after.kind === 'data' || after.kind === 'refused') {
        note(`An answer took longer than ${link.timeoutMs} ms.`);
        return after;
      }
    }
  }
}

import type { Line } from '../../../line/line.ts';
import type { SearchCircumstances, SearchEvent } from '../../search.ts';

/** Nothing is half said between two calls: others may have the line, and a person may hold the search. */
export async function* safePoint(state: {
  line: Line;
  readonly circumstances: SearchCircumstances;
}): AsyncGenerator<SearchEvent, void> {
  const { control, lender } = state.circumstances;
  const isHeld = control?.paused === true;
  if (isHeld) yield { kind: 'paused' };
  while (control?.paused || lender?.isWanted()) {
    if (lender?.isWanted()) {
      if (!isHeld) yield { kind: 'lent' };
      state.line = await lender.lend();
      if (!isHeld) yield { kind: 'back' };
    } else await state.line.until(Promise.race([control?.whenRunning(), ...(lender ? [lender.wanted()] : [])]));
  }
  if (isHeld) yield { kind: 'resumed' };
}

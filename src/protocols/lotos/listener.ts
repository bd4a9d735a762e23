import type { Line } from '../../line/line.ts';
import type { Hearing, Listener } from '../protocol.ts';
import { bearsOut, type Cycle } from './cycle.ts';
import { earOn, type Ear, type Seen } from './hear.ts';
import { linesOf, readoutOf, SHOWN } from './session.ts';
import { lotosSettings } from './settings.ts';

/** Damaged lines are told together, not each: a wrong baud rate makes hundreds a second. */
const TELL_MS = 1000;
const NO_FIT = 'Two cycles do not fit one another: a value is wrong in one of them, or it jumped.';

/** Cycle after cycle without end: each that the one before vouches for, and the newest where for long none does. */
export const lotosListener: Listener = {
  async listen(line, { settings: values }, hearing) {
    const { pattern, listenMs } = lotosSettings(values);
    const ear = earOn(line, pattern);
    const vouching = createVouching(line, ear, listenMs, hearing);
    const dropping = createDropping(line, ear, hearing);
    hearing.onStep('listening for the first cycle');
    try {
      for (;;) {
        const cycle = await ear.next(listenMs);
        dropping.tell();
        if (cycle) vouching.add(cycle);
        vouching.giveUp();
        hearing.onStep(stepText(ear, vouching.newest()));
      }
    } catch (error) {
      if (!line.signal.aborted) throw error;
    } finally {
      vouching.giveUp(0);
    }
  },
};

function stepText({ heard, seen: { others, lastOther } }: Ear, cycle: Cycle | undefined): string {
  if (cycle) return `listening: ${cycle.size} values a cycle`;
  return others === 0 || heard.size > 0
    ? 'listening for the first cycle'
    : `listening: no line fits the pattern, the last is “${lastOther.slice(0, SHOWN)}”`;
}

/** Which cycles are told, and as what. */
function createVouching(line: Line, ear: Ear, patienceMs: number, { onTelegram, onDropped }: Hearing) {
  let newest: Cycle | undefined;
  /** Since when the newest waits to be told. */
  let waitsSince: number | undefined;
  let before = ear.seen;

  function tell(cycle: Cycle, isBorneOut: boolean): void {
    const { seen } = ear;
    onTelegram({
      readout: readoutOf({ line, cycle, seen: since(before, seen), isBorneOut, failure: undefined }),
      from: [],
    });
    before = seen;
    waitsSince = undefined;
  }

  return {
    newest: () => newest,
    add(cycle: Cycle): void {
      if (newest && bearsOut(newest, cycle)) tell(cycle, true);
      else {
        // Of two that do not fit one is wrong, and nobody knows which; the next one tells.
        if (newest) onDropped(NO_FIT);
        waitsSince ??= line.clock.monotonic();
      }
      newest = cycle;
    },
    /** Tells the newest as unchecked where for so long none was told. */
    giveUp(waitedMs = patienceMs): void {
      if (newest && waitsSince !== undefined && line.clock.monotonic() - waitsSince >= waitedMs) tell(newest, false);
    },
  };
}

const since = (before: Seen, { others, damaged, lastOther, characters }: Seen): Seen => ({
  characters: characters - before.characters,
  others: others - before.others,
  damaged: damaged - before.damaged,
  lastOther,
});

/** Says what is of no use: the first line that does not fit, and damaged ones now and then. */
function createDropping({ clock }: Line, ear: Ear, { onDropped }: Hearing) {
  let told = ear.seen;
  let toldAt = -Infinity;
  return {
    tell(): void {
      const { seen } = ear;
      if (told.others === 0 && seen.others > 0) {
        onDropped(`No line of the pattern: “${seen.lastOther.slice(0, SHOWN)}”.`);
        told = { ...told, others: seen.others };
      }
      const damaged = seen.damaged - told.damaged;
      if (damaged === 0 || clock.monotonic() - toldAt < TELL_MS) return;
      onDropped(`${linesOf(damaged)} damaged.`);
      told = seen;
      toldAt = clock.monotonic();
    },
  };
}

import type { Listener } from '../protocol.ts';
import { bearsOut, type Cycle } from './cycle.ts';
import { earOn } from './hear.ts';
import { readoutOf } from './session.ts';
import { lotosSettings } from './settings.ts';

/** Cycle after cycle without end; the first one waits for the next, which vouches for it. */
export const lotosListener: Listener = {
  async listen(line, { settings: values }, { onTelegram, onDropped, onStep }) {
    const { pattern, listenMs } = lotosSettings(values);
    const ear = earOn(line, pattern);
    let before: Cycle | undefined;
    let dropped = 0;
    onStep('listening for the first cycle');
    try {
      for (;;) {
        const { damaged, others } = ear;
        const cycle = await ear.next(listenMs);
        if (ear.damaged > damaged) onDropped('A line was damaged.');
        if (ear.others > others && dropped++ === 0)
          onDropped(`No line of the pattern: “${ear.lastOther.slice(0, 40)}”.`);
        if (!cycle) continue;
        onStep(`listening: ${cycle.size} values a cycle`);
        const isBorneOut = before !== undefined && bearsOut(before, cycle);
        if (before) onTelegram({ readout: readoutOf({ line, ear, cycle, isBorneOut, failure: undefined }), from: [] });
        before = cycle;
      }
    } catch (error) {
      if (!line.signal.aborted) throw error;
    }
  },
};

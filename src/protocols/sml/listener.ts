import type { Listener } from '../protocol.ts';
import { earAt, reasonOf, telegramOf } from './hear.ts';
import { createQuality } from './quality.ts';

/** The slowest meters speak every five seconds. */
const SILENCE_MS = 12_000;

/** Every whole transmission, whoever sends it; how well the line is heard stands in the step. */
export const smlListener: Listener = {
  async listen(line, _target, { onTelegram, onDropped, onStep }) {
    const ear = earAt(line);
    const quality = createQuality();
    const at = `at ${line.baudRate} Bd`;
    onStep(`listening ${at}`);
    try {
      for (;;) {
        const before = ear.heard;
        const received = await ear.next(SILENCE_MS);
        if (!received) {
          const doubt = ear.suspicion();
          onStep(
            ear.heard === before
              ? `silent ${at}; so far ${quality.text}`
              : `what comes ${at} is no SML${doubt === undefined ? '' : `: ${doubt}`}`,
          );
          continue;
        }
        const heard = telegramOf(received, line);
        if (heard) {
          quality.good(heard.telegram.from[0] ?? '', heard.seconds);
          onTelegram(heard.telegram);
        } else {
          quality.damaged();
          onDropped(reasonOf(received));
        }
        onStep(`listening ${at}: ${quality.text}`);
      }
    } catch (error) {
      if (!line.signal.aborted) throw error;
    }
  },
};

import { portSettings, type Framing } from '../../../../src/line/framing.ts';
import type { Device } from '../../../../src/simulator/device.ts';

/**
 * A meter that sends by itself whatever it is told to, block after block, one every so many ms; undefined: a pause. It
 * knows nothing of the code in src.
 */
export function senderOf(
  block: (count: number) => string | readonly number[] | undefined,
  everyMs = 5000,
  framing: Framing = '8N1',
): Device {
  return ({ clock, listen, send }) => {
    const settings = portSettings(framing, 9600);
    let turn = 0;
    listen(settings);
    async function run(mine: number): Promise<void> {
      for (let count = 1; ; count++) {
        await clock.sleep(everyMs);
        if (mine !== turn) return;
        const what = block(count) ?? '';
        const bytes = typeof what === 'string' ? Array.from(what, (one) => one.charCodeAt(0)) : what;
        if (bytes.length > 0) send(Uint8Array.from(bytes), settings, clock.monotonic());
      }
    }
    return {
      received: () => undefined,
      hostListens(listens) {
        turn++;
        if (listens) void run(turn);
      },
    };
  };
}

/** "1=5" and "20=-3.25" as lines. */
export const linesOf = (...lines: readonly string[]) => lines.map((line) => `${line}\r\n`).join('');

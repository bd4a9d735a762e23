import { softwareParity } from '../../line/framing.ts';
import { breakMessage } from './control.ts';
import type { Dialogue } from './dialogue.ts';
import { noiseMeter } from './noise.ts';

/** Before a dialogue is begun again the meter has to fall silent, or it would take the request for its own echo. */
const SILENCE_MS = 500;
/** Rates that meters with a session are left at, the usual one last: to others each is noise. */
const SESSION_RATES = [2400, 4800, 19_200, 9600];
/** Between two of them. */
const REST_MS = 50;
/** A readout at 300 Bd that nobody listens to any more can go on for a minute and longer. */
const LONGEST_SETTLE_MS = 90_000;
/** Noise does not end by waiting. */
const LONGEST_NOISE_MS = 3000;

/** Waits until the line is silent; false when it does not fall silent, so that asking again makes no sense. */
export async function settle({ line, parity, until }: Dialogue): Promise<boolean> {
  const began = line.clock.monotonic();
  const noise = noiseMeter(softwareParity(line.framing), parity);
  let noisySince: number | undefined;
  const end = await line.read(
    (byte, parityOk) => {
      if (noise.add(byte, parityOk)) noisySince ??= line.clock.monotonic();
      return noisySince !== undefined && line.clock.monotonic() - began >= LONGEST_NOISE_MS ? 'done' : 'more';
    },
    {
      firstByteMs: SILENCE_MS,
      interByteMs: SILENCE_MS,
      totalMs: Math.min(LONGEST_SETTLE_MS, Math.max(0, until - began)),
    },
  );
  return end === 'no answer' || end === 'gap';
}

/**
 * A session that was left open, by another reader or a window that was closed, keeps the meter deaf to a sign-on for a
 * minute or two; a break at its rate ends it. To a meter without a session it means nothing.
 */
export async function endOldSession({ line, firstRate }: Dialogue): Promise<void> {
  for (const baudRate of [firstRate, ...SESSION_RATES.filter((rate) => rate !== firstRate)]) {
    await line.change({ baudRate });
    await line.write(breakMessage);
    await line.pause(REST_MS);
  }
  await line.pause(SILENCE_MS);
}

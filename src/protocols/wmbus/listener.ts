import { MeterError } from '../../common/meter-error.ts';
import type { Line } from '../../line/line.ts';
import type { Hearing, Listener, Target } from '../protocol.ts';
import { findStick, linkModeOf, stickWords, telegramOf, type FoundStick } from './hear.ts';

/** Meters sleep at night and on weekends: silence alone is no fault, but the stick is asked whether it is awake. */
const SILENCE_MS = 60_000;
/** Where nothing answers, it may be plugged in later. */
const AGAIN_MS = 10_000;

/** Hears every meter around, by the stick that is found on the line. */
export const wmbusListener: Listener = {
  async listen(line, target, hearing) {
    try {
      for (;;) {
        const found = await findStick(line, hearing.onStep);
        if (found) await hearWith(found, line, target, hearing);
        else {
          hearing.onStep('no radio stick answers on this port');
          await line.pause(AGAIN_MS);
        }
      }
    } catch (error) {
      if (!line.signal.aborted) throw error;
    }
  },
};

/** Until the stick answers no more. */
async function hearWith(found: FoundStick, line: Line, { settings }: Target, hearing: Hearing): Promise<void> {
  const { dongle, stick } = found;
  const setUp = await orRefused(dongle.setUp(stick.talk, linkModeOf(settings['linkMode'])), hearing);
  if (!setUp) {
    await line.pause(AGAIN_MS);
    return;
  }
  hearing.onStep(stickWords(found, setUp));
  for (;;) {
    const heard = await stick.next(SILENCE_MS);
    if (heard) {
      const telegram = telegramOf(heard);
      if (typeof telegram === 'string') hearing.onDropped(telegram);
      else hearing.onTelegram(telegram);
    } else if (!(await dongle.isAlive(stick.talk))) {
      hearing.onStep(`${dongle.title} does not answer any more: it is looked for and set up anew`);
      return;
    }
  }
}

/** What a stick refuses ends nothing: it is said, and tried again. */
async function orRefused<T>(setUp: Promise<T>, { onStep }: Hearing): Promise<T | undefined> {
  try {
    return await setUp;
  } catch (error) {
    if (!(error instanceof MeterError)) throw error;
    onStep(`${error.message} ${error.hint ?? ''}`.trim());
    return undefined;
  }
}

import { MeterError } from '../../common/meter-error.ts';
import { step, type Dialogue } from './dialogue.ts';
import { dlmsError } from './errors.ts';
import { FIRST_RATE, signOn, type SignOn } from './sign-on.ts';

/** From whatever state an earlier dialogue left the meter in: HDLC at the rate of the address, or what the sign-on agreed on. */
export async function openInModeE(dialogue: Dialogue, baudRate: number, slower = 0): Promise<SignOn> {
  const { line, link, tries, opened, onRepeat } = dialogue;
  step(dialogue, 'opening', slower === 0 ? 'signing on at 300 Bd' : 'signing on anew, for a lower rate');
  const endEarlier = async () => {
    await line.change({ baudRate: opened?.baudRate ?? baudRate, framing: '8N1' });
    await link.disconnect();
  };
  if (slower > 0) await endEarlier();
  return (dialogue.opened = await signOn({ line, tries, onStep: onRepeat, endEarlier }, slower));
}

/**
 * Some meters agree on a rate, and go on with HDLC at their first one; others are heard at a lower one only. Gives why the
 * meter takes no HDLC, in words, where it answers a sign-on and nothing else; undefined where it is connected.
 */
export async function connect(dialogue: Dialogue): Promise<string | undefined> {
  const { line, link, notes, opened } = dialogue;
  const silence = await silenceOf(link.connect());
  if (!silence) return undefined;
  if (!opened || opened.baudRate === FIRST_RATE) throw silence;
  step(dialogue, 'opening', 'silence at the new rate: trying at 300 Bd');
  await line.change({ baudRate: FIRST_RATE });
  if (!(await silenceOf(link.connect()))) {
    notes.push('The meter stayed at 300 Bd, though it named a higher rate.');
    return undefined;
  }
  // One that is in HDLC, though at another address, is deaf to a sign-on.
  if (await silenceOf(openInModeE(dialogue, FIRST_RATE, 1))) throw silence;
  if (await silenceOf(link.connect())) return 'The meter answers the sign-on and then nothing of HDLC (mode E).';
  notes.push(`The meter did not answer at the rate it named, and does at ${line.baudRate} Bd.`);
  return undefined;
}

/** After a connection broke: SNRM begins it anew; where that is silence at an optical head, so does the whole opening. */
export async function reconnect(dialogue: Dialogue): Promise<void> {
  const { link, opened } = dialogue;
  const silence = await silenceOf(link.connect());
  if (!silence) return;
  if (!opened) throw silence;
  await openInModeE(dialogue, opened.baudRate);
  await link.connect();
}

/** The error of one that is not answered. */
async function silenceOf(attempt: Promise<unknown>): Promise<MeterError | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (error instanceof MeterError && error.code === dlmsError('silent').code) return error;
    throw error;
  }
}

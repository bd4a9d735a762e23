import { wireTime } from '../../line/framing.ts';
import { receiverFor } from './receiver.ts';
import { seconds, step, type Dialogue } from './dialogue.ts';
import { iecError, type IecErrorName } from './errors.ts';
import { hearMessage } from './hear-message.ts';
import { memoryKey } from './memory.ts';
import { nominalReaction } from './reaction.ts';

/** Times the rate is changed to look for a meter that went to the other one. */
const MAX_HOPS = 3;
/** A meter that got no acknowledge goes on at its first rate this long after its identification, at the earliest. */
const FALLBACK_MS = 1500;
/** How much longer than for the request a meter may take for the acknowledge. */
const REACTION_TOLERANCE = 1.5;
const REACTION_SLACK_MS = 150;
/** A USB adapter holds the first character back for up to 16 ms. */
const ADAPTER_HOLD_MS = 20;

export interface Expectation {
  /** Rates the data may come at, most likely first. */
  readonly rates: readonly number[];
  /** What it is called when nothing comes. */
  readonly missing: IecErrorName;
  /** Characters that arrived ahead, while we waited to speak. */
  readonly ahead?: readonly number[];
}

/**
 * Leaves the dialogue with a receiver that has heard a message to its end, or throws. 'midway': its beginning may have
 * gone by before we heard it; 'missed': it went by while the rate was looked for. Both may be asked for again.
 */
export async function findRate(dialogue: Dialogue, expectation: Expectation): Promise<'whole' | 'midway' | 'missed'> {
  const { line } = dialogue;
  const { rates, ahead = [] } = expectation;
  let heardGarbage = false;
  let answeredAt: number | undefined;
  for (let hop = 0; ; hop++) {
    const receiver = receiverFor(dialogue);
    dialogue.receiver = receiver;
    if (hop === 0) for (const character of ahead) receiver.accept(character, true);
    const { end, firstAt } = await hearMessage(dialogue, receiver);
    answeredAt ??= firstAt;
    if (end === 'done') {
      noteRate(dialogue, rates, answeredAt);
      return heardGarbage || (hop === 0 && beganBefore(dialogue, firstAt)) ? 'midway' : 'whole';
    }
    if (end === 'gap') throw interrupted(dialogue);
    if (end === 'hdlc') {
      throw iecError('unsupported mode', 'The meter answered in HDLC (mode E) instead of text.', {
        hint: 'This meter speaks DLMS on this interface; choose “Stay at the first rate” in the meter settings to try mode C.',
      });
    }
    const quietAfterGarbage = heardGarbage && end === 'no answer';
    if (end === 'garbage') heardGarbage = true;
    const next = rates[(hop + 1) % rates.length];
    const exhausted = next === undefined || next === line.baudRate || hop + 1 > MAX_HOPS;
    if (quietAfterGarbage && rates[0] !== undefined) {
      await line.change({ baudRate: rates[0] });
      return 'missed';
    }
    if (exhausted || (hop + 1 >= rates.length && end === 'no answer')) {
      throw missingData(dialogue, expectation, heardGarbage);
    }
    const seen = end === 'garbage' ? 'no sense' : 'nothing';
    step(dialogue, 'receiving', `${seen} at ${line.baudRate} Bd, trying ${next}`);
    await line.change({ baudRate: next });
  }
}

export function missingData({ settings }: Dialogue, { rates, missing }: Expectation, heardGarbage: boolean): Error {
  return iecError(
    missing,
    heardGarbage
      ? `What came after the identification makes no sense at ${rates.join(' or ')} Bd.`
      : `The meter sent its identification, but no data within ${seconds(settings.timeoutMs)}.`,
    { hint: 'Hold the head still and read again. If it stays, choose “Stay at the first rate” in the meter settings.' },
  );
}

export function interrupted({ settings, receiver }: Dialogue): Error {
  const { lines = 0, text = '' } = receiver ?? {};
  return iecError(
    'character timeout',
    `The meter stopped in mid-message: ${lines} lines (${text.length} characters) came, then nothing for ${seconds(settings.interCharacterMs)}.`,
    { hint: 'Did the head slip? Hold it still and read again. What came is kept.' },
  );
}

/** For the acknowledge a meter takes about as long as for the request; much less means that its beginning is missing. */
const SAME_REACTION = 0.75;

/**
 * The port heard again later than the meter may have begun: what is there first may stand behind any pause. Or its first
 * character was there at once, sooner than this meter answers.
 */
function beganBefore(dialogue: Dialogue, firstAt: number | undefined): boolean {
  const { line, acknowledgedAt, identifiedAt, reactionMs } = dialogue;
  if (firstAt === undefined) return false;
  const since = acknowledgedAt ?? identifiedAt;
  if (line.hearsSince > since + Math.min(nominalReaction(dialogue), reactionMs ?? Infinity)) return true;
  const atOnce = wireTime(2, line.baudRate, line.framing) + ADAPTER_HOLD_MS;
  return firstAt - line.hearsSince <= atOnce && firstAt - since < SAME_REACTION * (reactionMs ?? 0);
}

/**
 * A meter that announces another rate and yet answers at its first one, as soon as it usually answers, will do so again:
 * next time it is asked there at once. One that took longer did not get the acknowledge, which says nothing of it.
 */
function noteRate(dialogue: Dialogue, rates: readonly number[], answeredAt: number | undefined): void {
  const { line, firstRate, identification, address, options, identifiedAt } = dialogue;
  if (!identification || dialogue.mode === 'D') return;
  const key = memoryKey(address.address, identification.raw);
  const announced = rates.find((rate) => rate !== firstRate);
  if (line.baudRate !== firstRate) {
    if (options.memory?.recall(key)?.staysAtFirstRate) options.memory.remember(key, { staysAtFirstRate: false });
    return;
  }
  if (announced === undefined || rates[0] === firstRate) return;
  const since = dialogue.acknowledgedAt ?? identifiedAt;
  const usual = (dialogue.reactionMs ?? nominalReaction(dialogue)) * REACTION_TOLERANCE + REACTION_SLACK_MS;
  const inTime = answeredAt !== undefined && answeredAt - since <= usual && answeredAt - identifiedAt < FALLBACK_MS;
  if (!inTime) {
    dialogue.notes.add(`the meter did not hear the acknowledge and went on at ${firstRate} Bd`);
    return;
  }
  dialogue.staysAtFirstRate = true;
  dialogue.notes.add(`announced a higher rate but stayed at ${firstRate} Bd`);
  options.memory?.remember(key, { staysAtFirstRate: true, learnedAt: line.trace.startedAt });
}

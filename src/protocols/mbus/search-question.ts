import { wireTime } from '../../line/framing.ts';
import type { SecondaryMask } from './address.ts';
import { NETWORK_LAYER_ADDRESS } from './address.ts';
import type { MbusFrame } from './frame.ts';
import type { MeterHeader } from './header.ts';
import type { Answer, Link } from './link.ts';
import { exchange, listenUntil } from './link.ts';
import { reqUd2, selectSlave, sndNke } from './messages.ts';
import { meterAnswer } from './search.ts';
import type { SearchCost } from './search-plan.ts';
import { fitsMask } from './selection.ts';

/** One question of the wildcard search on the bus. */

/** The test address: every meter hears it (EN 13757-2, 5.7.5). */
const EVERYBODY = 254;
export const EVERY_NUMBER = 'FFFFFFFF';
const USUAL_ANSWER = 130;

export const isComplete = (identification: string) => !identification.includes('F');

/**
 * - 'alone': one meter answered, undisturbed. 'several': more than one did, or what came can't be told from that.
 * - 'mute': it acknowledged the selection and then gave no data.
 * - 'late': what came belongs to an earlier question, so that silence before it was none.
 * - 'disturbed': the answers to an earlier question were not over yet.
 */
export type Outcome =
  | { readonly kind: 'nobody' | 'several' | 'mute' | 'late' | 'disturbed' }
  | {
      readonly kind: 'alone';
      readonly frame: MbusFrame;
      readonly bytes: Uint8Array;
      readonly header: MeterHeader | undefined;
    };

/**
 * One selection and, where it was acknowledged, one REQ_UD2: what counts is the answer to that. `longestAnswer` in
 * characters: so long several answers at once may take.
 */
export async function askForMeter(link: Link, mask: SecondaryMask, longestAnswer: number): Promise<Outcome> {
  const afterCollision = !link.clean;
  const selection = await exchange(link, selectSlave(mask), 'search selection');
  if (selection.lateBytes > 0) {
    if (!afterCollision) return { kind: 'late' };
    await listenUntil(link, selection.requestEnd + link.timeoutMs + characterTime(link, longestAnswer));
    link.clean = false;
    return { kind: 'disturbed' };
  }
  const { answer: acknowledgment } = selection;
  if (acknowledgment.kind === 'silence' || acknowledgment.kind === 'echo') return { kind: 'nobody' };
  const oneAcknowledged = acknowledgment.kind === 'acknowledge' && acknowledgment.disturbance.kind === 'none';
  if (!oneAcknowledged && !isComplete(mask.identification)) {
    // Acknowledgments one after the other or over each other: what the data would be needs no asking, but those that
    // are still to come must not run into the next question.
    await listenUntil(link, selection.requestEnd + link.timeoutMs);
    return { kind: 'several' };
  }

  const { answer, requestEnd, lateBytes } = await exchange(link, reqUd2(NETWORK_LAYER_ADDRESS, 1), 'search REQ_UD2');
  if ((answer.kind === 'silence' || answer.kind === 'echo') && lateBytes === 0) return { kind: 'mute' };
  const undisturbed = answer.kind === 'frame' && answer.disturbance.kind === 'none' && lateBytes === 0;
  // A short answer may be over before another meter begins with its own; and many answers together leave the line low
  // for so long that they seem to be over while they are not.
  const hidden = undisturbed || isDense(link, answer, requestEnd) ? 0 : characterTime(link, longestAnswer);
  const more = await listenUntil(link, requestEnd + link.timeoutMs + hidden);
  const meter = undisturbed && more === 0 ? meterAnswer(answer.frame) : undefined;
  if (!undisturbed || meter === undefined) return { kind: 'several' };
  if (!isComplete(mask.identification) && !isPlausible(meter.header)) return { kind: 'several' };
  if (meter.header !== undefined && !fitsMask(meter.header, mask)) return { kind: 'late' };
  return { kind: 'alone', frame: answer.frame, bytes: answer.bytes, header: meter.header };
}

const characterTime = ({ line }: Link, count: number) => wireTime(count, line.baudRate, line.framing);

/**
 * Did characters come most of the time, well beyond the latest start of an answer? No meter joins in after that, so a
 * pause is the end.
 */
function isDense(link: Link, answer: Answer, requestEnd: number): boolean {
  if (!('bytes' in answer)) return false;
  const lasted = link.line.lastReceivedAt - requestEnd;
  return lasted > 1.5 * link.timeoutMs && characterTime(link, 2 * answer.bytes.length) > lasted;
}

/**
 * Answers that begin at the same bit and differ in a few bytes can overlap to a frame with right parities and checksum,
 * of a meter that does not exist. Letters that are none give most of them away.
 */
function isPlausible(header: MeterHeader | undefined): boolean {
  return header?.manufacturer === undefined || /^[A-Z]{3}$/.test(header.manufacturer);
}

/** All links are reset, and who answers tells whether there is more than one meter: not for sure, so only the plan hears of it. */
export async function severalAnswer(link: Link): Promise<boolean> {
  const { answer, requestEnd } = await exchange(link, sndNke(EVERYBODY), 'SND_NKE');
  const more = await listenUntil(link, requestEnd + link.timeoutMs);
  return (
    answer.kind === 'collision' || (answer.kind === 'acknowledge' && (more > 0 || answer.disturbance.kind !== 'none'))
  );
}

/** What a question takes at the line's rate. */
export function questionCost(link: Link): SearchCost {
  const selection = characterTime(link, selectSlave({ identification: EVERY_NUMBER }).length);
  const answer = characterTime(link, 1 + 5 + USUAL_ANSWER);
  return { silence: selection + link.timeoutMs, answer: selection + answer + 100 };
}

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
import type { BrokenAnswer } from './broken-answer.ts';
import {
  damagedCharacters,
  frameByMajority,
  headerInBrokenFrame,
  isPlausible,
  isSameAnswer,
  mayBeOneAnswer,
} from './broken-answer.ts';
import { frameOf } from './frame.ts';
import type { LineQuality } from './line-quality.ts';
import { fitsMask, resetAll } from './selection.ts';

/** One question of the wildcard search on the bus. */

/** The test address: every meter hears it (EN 13757-2, 5.7.5). */
const EVERYBODY = 254;

export const EVERY_NUMBER = 'FFFFFFFF';
const USUAL_ANSWER = 130;

export const isComplete = (identification: string) => !identification.includes('F');

/**
 * - 'alone': one meter answered, undisturbed or often enough to know what it said. 'several': more than one did, or what
 *   came can't be told from that.
 * - 'mute': it acknowledged the selection and then gave no data.
 * - 'late': what came belongs to an earlier question, so that silence before it was none.
 * - 'disturbed': the answers to an earlier question were not over yet.
 */
export type Outcome =
  | { readonly kind: 'nobody' | 'mute' | 'late' | 'disturbed' }
  | { readonly kind: 'several'; readonly seen?: BrokenData }
  | {
      readonly kind: 'alone';
      readonly frame: MbusFrame;
      readonly bytes: Uint8Array;
      readonly header: MeterHeader | undefined;
    };

/** Data that came and is no valid frame. `header`: where one was in it that fits the question. */
export interface BrokenData extends BrokenAnswer {
  readonly header?: MeterHeader;
  /** The same came when it was asked for again. */
  readonly steady: boolean;
}

/** What a search knows of the line it asks on. */
export interface Surroundings {
  readonly quality: LineQuality;
  /** Characters of the longest answer seen: so long several answers at once may take. */
  longestAnswer: number;
  /** Broken data came again just as it was: the line does not do that. */
  steady: boolean;
  /** Milliseconds between the selection and its acknowledgment, the latest one seen. */
  reactionMs: number;
}

/** A complete number and nothing else: where it is narrowed, several are known to have it. */
const isWholeNumber = ({ identification, manufacturer, version, medium, fabrication }: SecondaryMask) =>
  isComplete(identification) && [manufacturer, version, medium, fabrication].every((one) => one === undefined);

/** So often data is asked for that comes damaged: where noise is known, and where it is only possible. */
const MOST_REQUESTS = { noisy: 5, quiet: 3 };

/** One selection and, where it was acknowledged, REQ_UD2: what counts is the answer to that. */
export async function askForMeter(link: Link, mask: SecondaryMask, around: Surroundings): Promise<Outcome> {
  const afterCollision = !link.clean;
  const selection = await exchange(link, selectSlave(mask), 'search selection');
  if (selection.lateBytes > 0) {
    if (!afterCollision) return { kind: 'late' };
    await listenUntil(link, selection.requestEnd + link.timeoutMs + characterTime(link, around.longestAnswer));
    link.clean = false;
    return { kind: 'disturbed' };
  }
  const { answer: acknowledgment } = selection;
  // Data is no answer to a selection: it is that to an earlier request.
  if (acknowledgment.kind === 'frame' && acknowledgment.frame.kind === 'long' && !around.quality.noisy)
    return { kind: 'late' };
  if (acknowledgment.kind === 'silence' || acknowledgment.kind === 'echo') return { kind: 'nobody' };
  around.reactionMs = Math.max(around.reactionMs, link.line.lastReceivedAt - selection.requestEnd);
  const oneAcknowledged = acknowledgment.kind === 'acknowledge' && acknowledgment.disturbance.kind === 'none';
  const maybeNoise = around.quality.noisy && 'bytes' in acknowledgment && acknowledgment.bytes.length === 1;
  if (!oneAcknowledged && !maybeNoise && !isComplete(mask.identification)) {
    // Acknowledgments one after the other or over each other: what the data would be needs no asking, but those that
    // are still to come must not run into the next question.
    await listenUntil(link, selection.requestEnd + link.timeoutMs);
    return { kind: 'several' };
  }
  return await askForData(link, mask, around);
}

/** REQ_UD2 to whoever is selected; again, with the same frame count bit, while the answer may be one that noise spoilt. */
async function askForData(link: Link, mask: SecondaryMask, around: Surroundings): Promise<Outcome> {
  const { quality } = around;
  const heard: BrokenAnswer[] = [];
  for (;;) {
    const { answer, requestEnd, lateBytes } = await exchange(link, reqUd2(NETWORK_LAYER_ADDRESS, 1), 'search REQ_UD2');
    const silent = (answer.kind === 'silence' || answer.kind === 'echo') && lateBytes === 0;
    if (silent && heard.length === 0) return { kind: 'mute' };
    const undisturbed = answer.kind === 'frame' && answer.disturbance.kind === 'none' && lateBytes === 0;
    // A short answer may be over before another meter begins with its own; and many answers together leave the line low
    // for so long that they seem to be over while they are not.
    const hidden = undisturbed || isDense(link, answer, requestEnd) ? 0 : characterTime(link, around.longestAnswer);
    const more = await listenUntil(link, requestEnd + link.timeoutMs + hidden);
    if (undisturbed && more === 0) {
      const outcome = outcomeOf(answer.bytes, mask, quality);
      if (outcome) return settled(outcome, heard, quality);
    }
    const broken = more === 0 && lateBytes === 0 ? brokenAnswer(answer) : undefined;
    if (broken) heard.push(broken);
    const last = heard.at(-1);
    const before = heard.at(-2);
    if (last === undefined || (broken === undefined && !silent)) return { kind: 'several' };

    const frame = frameByMajority(heard);
    const voted = frame && outcomeOf(frame, mask, quality);
    if (voted) return settled(voted, heard, quality);
    const steady = before !== undefined && broken !== undefined && isSameAnswer(before, last);
    if (steady) around.steady = true;
    const requests = quality.noisy ? MOST_REQUESTS.noisy : MOST_REQUESTS.quiet;
    const isWorthIt = isWholeNumber(mask) || (mayBeOneAnswer(last) && (quality.noisy || !around.steady));
    if (steady || heard.length >= requests || !isWorthIt) {
      const header = headerInBrokenFrame(last);
      const fits = header !== undefined && fitsMask(header, mask);
      return { kind: 'several', seen: { ...last, steady, ...(fits ? { header } : {}) } };
    }
  }
}

/** What came instead of a frame, where it may still be the answer of one meter. */
function brokenAnswer(answer: Answer): BrokenAnswer | undefined {
  if (answer.kind === 'incomplete' || answer.kind === 'collision' || answer.kind === 'noise') return answer;
  // A right check sum beside a wrong parity: noise hit a parity bit, or the sum fits by chance; another copy tells.
  if (answer.kind === 'frame' && answer.disturbance.kind === 'parity' && answer.disturbance.strayBytes === 0)
    return answer;
  return undefined;
}

/** Undefined: not the answer of a meter. One that was not meant is late, or on a noisy line missed another's selection. */
function outcomeOf(bytes: Uint8Array, mask: SecondaryMask, quality: LineQuality): Outcome | undefined {
  const frame = frameOf(bytes);
  const meter = meterAnswer(frame);
  if (meter === undefined) return undefined;
  const { header } = meter;
  if (!isComplete(mask.identification) && header !== undefined && !isPlausible(header)) return undefined;
  if (header !== undefined && !fitsMask(header, mask)) return { kind: quality.noisy ? 'disturbed' : 'late' };
  return { kind: 'alone', frame, bytes, header };
}

function settled(outcome: Outcome, heard: readonly BrokenAnswer[], quality: LineQuality): Outcome {
  if (outcome.kind !== 'alone') return outcome;
  quality.received(outcome.bytes.length * (1 + heard.length));
  for (const broken of heard) quality.wasDamaged(damagedCharacters(broken, outcome.bytes));
  return outcome;
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
 * All links are reset, and who answers tells whether there is more than one meter: not for sure, so only the plan hears
 * of it.
 */
export async function whoAnswers(link: Link): Promise<'nobody' | 'somebody' | 'several'> {
  // Nobody answers this one: some meters want two link resets before they hear anything (libmbus#84).
  await resetAll(link);
  const { answer, requestEnd } = await exchange(link, sndNke(EVERYBODY), 'SND_NKE');
  const more = await listenUntil(link, requestEnd + link.timeoutMs);
  if (answer.kind === 'silence' || answer.kind === 'echo') return more > 0 ? 'somebody' : 'nobody';
  const isSeveral =
    answer.kind === 'collision' || (answer.kind === 'acknowledge' && (more > 0 || answer.disturbance.kind !== 'none'));
  return isSeveral ? 'several' : 'somebody';
}

const SETTLING_MS = 500;
/** An adapter hands over later than it receives. */
export const ADAPTER_MS = 30;

/** Milliseconds from a link reset of all meters to the last of their acknowledgments, within `limitMs`; 0: none came. */
export async function latestAnswer(link: Link, limitMs: number): Promise<number> {
  // Data that is still under way would pass for a late acknowledgment.
  await listenUntil(link, link.line.clock.monotonic() + SETTLING_MS);
  const { requestEnd, answer } = await exchange(link, sndNke(EVERYBODY), 'SND_NKE');
  const more = await listenUntil(link, requestEnd + limitMs);
  link.clean = false;
  return answer.kind === 'silence' && more === 0 ? 0 : link.line.lastReceivedAt - requestEnd;
}

/** What a question takes at the line's rate. */
export function questionCost(link: Link): SearchCost {
  const selection = characterTime(link, selectSlave({ identification: EVERY_NUMBER }).length);
  const answer = characterTime(link, 1 + 5 + USUAL_ANSWER);
  return { silence: selection + link.timeoutMs, answer: selection + answer + 100 };
}

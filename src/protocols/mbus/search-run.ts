import type { MbusBaudRate, SecondaryAddress, SecondaryMask } from './address.ts';
import { formatMbusAddress } from './address.ts';
import type { BrokenAnswer } from './broken-answer.ts';
import type { MeterHeader } from './header.ts';
import type { LineQuality } from './line-quality.ts';
import type { Link } from './link.ts';
import type { Lender, SearchControl } from '../search.ts';
import type { FoundMeter, SearchEvent } from './search.ts';
import { foundMeter, letPass, LONGEST_WAIT, safePoint, slowerThan } from './search.ts';
import type { SearchReply } from './search-plan.ts';
import type { BrokenData, Outcome, Surroundings } from './search-question.ts';
import { ADAPTER_MS, askForMeter, isComplete, latestAnswer } from './search-question.ts';
import { deselect } from './selection.ts';

/** What a search by secondary address remembers while it runs, and its questions with all that makes them sure. */

export interface SecondarySearch {
  readonly baudRates: readonly MbusBaudRate[];
  /** Which meters to look for; all unless told. */
  readonly mask?: SecondaryMask;
  /** Wait for an answer, milliseconds; by the standard unless told, and longer when a meter turns out to need it. */
  readonly timeoutMs?: number;
  readonly control?: SearchControl;
  readonly lender?: Lender;
}

export interface Search extends Surroundings {
  readonly link: Link;
  readonly options: SecondarySearch;
  readonly quality: LineQuality;
  readonly meters: FoundMeter[];
  questions: number;
  baudRate: MbusBaudRate;
  /** Part of the whole search that is done, 0–1. */
  done: number;
  /** Meters may still be selected: the next selection ends that for all that it does not mean (EN 13757-3). */
  selected: boolean;
  /** Data that came broken so far. */
  readonly brokenData: BrokenData[];
  /** Questions at this rate and what they came to, in order. */
  asked: Answered[];
  /** Found on a line without parity before it was known to be noisy, with the question: noise may have made them. */
  unconfirmed: { readonly mask: SecondaryMask; readonly meter: FoundMeter }[];
  /** Numbers at which several meters answer, or one whose data can't be read: looked into at the end. */
  doubtful: Doubt[];
}

export interface Answered {
  readonly mask: SecondaryMask;
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly outcome: Asked['kind'];
  /** How often it was asked for that, and how long an answer was waited for. */
  readonly times: number;
  readonly waitMs: number;
}

export interface Doubt {
  readonly mask: SecondaryMask;
  readonly seen?: BrokenData;
}

/** 'vanished': mute, and nobody when asked again. 'broken': one meter, and its data is always wrong. */
export type Asked =
  | Outcome
  | { readonly kind: 'vanished' }
  | { readonly kind: 'broken'; readonly header: MeterHeader; readonly data: BrokenAnswer };

/** A question that came to nothing clear is asked again: it may have been noise. */
const REPETITIONS = 2;

export function progress(search: Search, text: string): SearchEvent {
  const { baudRate, done, questions } = search;
  return { kind: 'progress', text, baudRate, done, questions };
}

export async function ask(search: Search, mask: SecondaryMask): Promise<Outcome> {
  search.questions++;
  const outcome = await askForMeter(search.link, mask, search);
  const isSure = !search.quality.noisy || search.link.line.framing !== '8N1';
  return outcome.kind !== 'alone' || isSure ? outcome : await confirmed(search, mask, outcome);
}

/** So often a number is asked for until it is taken for one that noise made. */
const CONFIRMATIONS = 3;

/** Without parity two damaged characters can leave the check sum right: only who answers to its number has it. */
async function confirmed(
  search: Search,
  mask: SecondaryMask,
  outcome: Extract<Outcome, { kind: 'alone' }>,
): Promise<Outcome> {
  const { header } = outcome;
  if (header?.identification === undefined) return outcome;
  return (await answerOf(search, mask, header.identification, header.manufacturer)) ?? { kind: 'disturbed' };
}

/** What the meter of this number and maker answers to it; undefined where none does. */
export async function answerOf(
  search: Search,
  mask: SecondaryMask,
  identification: string,
  manufacturer: string | undefined,
): Promise<Outcome | undefined> {
  for (let n = 0; n < CONFIRMATIONS; n++) {
    search.questions++;
    const again = await askForMeter(search.link, { ...mask, identification }, search);
    if (again.kind !== 'alone') continue;
    if (again.header?.identification === identification && again.header.manufacturer === manufacturer) return again;
  }
  return undefined;
}

export async function leaveNoneSelected(search: Search): Promise<void> {
  if (search.selected) await deselect(search.link);
  search.selected = false;
}

/**
 * Asks as often as it takes to be sure. `once`: what several answer is known, and the answer is not kept for later.
 * A meter that turns out to be slow is given more time from then on; what was silent before is asked again at the end.
 */
export async function* question(search: Search, mask: SecondaryMask, once = false): AsyncGenerator<SearchEvent, Asked> {
  const { quality, link } = search;
  // Others may have left a meter selected.
  if (yield* safePoint(search, () => leaveNoneSelected(search))) search.selected = true;
  yield progress(search, `asking ${formatMbusAddress({ kind: 'secondary', ...mask, baudRate: search.baudRate })}`);
  const at = link.line.clock.monotonic();
  const wasNoisy = quality.noisy;
  let outcome: Asked = await ask(search, mask);
  let silences = 0;
  let unclear = 0;
  for (;;) {
    if (outcome.kind === 'late' || (outcome.kind === 'mute' && unclear === 0)) {
      // What came may be a late answer to an earlier question.
      const isLate = outcome.kind === 'late';
      const slower = (yield* giveLateMetersTime(search)) || (isLate && (yield* slowDown(search)));
      if (slower) {
        // What was heard so far belongs to the shorter wait, and contradicts nothing that is heard from now on.
        silences = unclear = 0;
        outcome = await ask(search, mask);
        continue;
      }
      if (isLate) outcome = { kind: 'several' };
    }
    if (outcome.kind === 'nobody') silences++;
    else if (isUnclear(outcome, mask, once)) unclear++;
    else if (outcome.kind !== 'late') break;
    // Silent once and not another time: one of the two questions was spoilt.
    if (silences > 0 && unclear > 0 && !quality.noisy) quality.wasDamaged(1);
    // Who acknowledged once is there, and asked for more often.
    if (silences >= quality.timesToAsk * (unclear > 0 ? 2 : 1) || unclear > REPETITIONS) break;
    outcome = await ask(search, mask);
  }
  if (silences > 0 && outcome.kind !== 'nobody') quality.wasDamaged(1);
  if (unclear > 0 && outcome.kind === 'nobody') outcome = { kind: 'vanished' };
  search.selected ||= outcome.kind !== 'nobody';
  // A meter without an identification number in its answer is known only by the whole number it was selected with.
  if (outcome.kind === 'alone' && outcome.header?.identification === undefined && !isComplete(mask.identification))
    outcome = { kind: 'several' };
  if (!once) search.asked.push({ mask, at, outcome: outcome.kind, times: silences, waitMs: link.timeoutMs });
  // The first damage on a line may be a late answer that ran into another one.
  if (!wasNoisy && quality.noisy) yield* giveLateMetersTime(search);
  return outcome;
}

/** Measures the latest acknowledgment of all meters; true where it comes later than was waited for, and will no more. */
export async function* giveLateMetersTime(search: Search): AsyncGenerator<SearchEvent, boolean> {
  const { link } = search;
  if (slowerThan(link.timeoutMs) === undefined) return false;
  yield progress(search, 'looking for meters that answer late');
  const latest = await latestAnswer(link, LONGEST_WAIT);
  return latest > link.timeoutMs + ADAPTER_MS && (yield* slowDown(search, latest));
}

/**
 * A meter answers later than it may, by `ms` where that is known: waits longer from now on; false where there is no
 * waiting any longer. Late answers run into others and contradict silences: they are no sign of noise.
 */
export async function* slowDown({ link, quality }: Search, ms = link.timeoutMs): AsyncGenerator<SearchEvent, boolean> {
  const longer = slowerThan(Math.max(ms, link.timeoutMs));
  if (longer === undefined) return false;
  link.timeoutMs = longer;
  quality.forget();
  yield { kind: 'note', text: `A meter answers late: waiting ${longer} ms for each answer from now on.` };
  await letPass(link);
  return true;
}

function isUnclear(outcome: Asked, { identification }: SecondaryMask, once: boolean): boolean {
  if (outcome.kind === 'several') return !once && isComplete(identification) && outcome.seen?.steady !== true;
  return outcome.kind === 'mute' || outcome.kind === 'disturbed';
}

export function replyOf(outcome: Asked, identification: string): SearchReply {
  switch (outcome.kind) {
    case 'nobody':
    case 'vanished':
      return { kind: 'silence' };
    case 'alone':
    case 'broken':
      return { kind: 'meter', identification: outcome.header?.identification ?? identification };
    case 'several': {
      const hint = outcome.seen?.header?.identification;
      return { kind: 'collision', ...(hint === undefined ? {} : { hint }) };
    }
    default:
      return { kind: 'collision' };
  }
}

/** `narrowed`: its number alone would mean others as well. `fault`: what is wrong with its data. */
export function* found(
  search: Search,
  mask: SecondaryMask,
  { frame, bytes, header }: Pick<Extract<Outcome, { kind: 'alone' }>, 'frame' | 'bytes' | 'header'>,
  narrowed: boolean,
  fault?: string,
): Generator<SearchEvent, void> {
  const identification = header?.identification ?? mask.identification;
  const { manufacturer = mask.manufacturer, version = mask.version, medium = mask.medium } = header ?? {};
  const { fabrication } = mask;
  const address: SecondaryAddress = {
    kind: 'secondary',
    identification,
    ...(narrowed && manufacturer !== undefined ? { manufacturer } : {}),
    ...(narrowed && version !== undefined ? { version } : {}),
    ...(narrowed && medium !== undefined ? { medium } : {}),
    ...(narrowed && fabrication !== undefined ? { fabrication } : {}),
    baudRate: search.baudRate,
  };
  const meter = { ...foundMeter(frame, bytes, header, address), ...(fault === undefined ? {} : { fault }) };
  const { longestAnswer, meters } = search;
  search.longestAnswer = meters.length === 0 ? bytes.length : Math.max(longestAnswer, bytes.length);
  if (meters.some((known) => isSame(known, meter))) return;
  meters.push(meter);
  // It answered to its whole number, and to no other.
  const isCertain = search.link.line.framing !== '8N1' || search.quality.noisy || isComplete(mask.identification);
  if (!isCertain) search.unconfirmed.push({ mask, meter });
  yield { kind: 'found', meter };
}

/** A meter that takes several rates is one meter. With a fabrication number in both addresses, that counts as well. */
function isSame(a: FoundMeter, b: FoundMeter): boolean {
  const key = ({ secondaryAddress, manufacturer, version, medium, address }: FoundMeter) =>
    [secondaryAddress, manufacturer, version, medium, /\/([0-9A-F]{8})/.exec(address)?.[1]].join(' ');
  return key(a) === key(b);
}

import type { Line } from '../../line/line.ts';
import type { MbusBaudRate, SecondaryAddress, SecondaryMask } from './address.ts';
import { formatMbusAddress } from './address.ts';
import { mbusError } from './errors.ts';
import { LONGEST_FRAME } from './frame.ts';
import type { Link } from './link.ts';
import { asMbusError, createLink } from './link.ts';
import type { FoundMeter, SearchControl, SearchEvent } from './search.ts';
import { foundMeter, letPass, LONGEST_WAIT, running, slowerThan } from './search.ts';
import type { SeenOnBus } from './search-narrow.ts';
import { narrowPlan } from './search-narrow.ts';
import type { SearchReply } from './search-plan.ts';
import { searchPlan } from './search-plan.ts';
import type { Outcome } from './search-question.ts';
import { askForMeter, EVERY_NUMBER, isComplete, questionCost, severalAnswer } from './search-question.ts';
import { deselect } from './selection.ts';
import { answerLimitMs } from './settings.ts';

export interface SecondarySearch {
  readonly baudRates: readonly MbusBaudRate[];
  /** Which meters to look for; all unless told. */
  readonly mask?: SecondaryMask;
  /** Wait for an answer, milliseconds; by the standard unless told, and longer when a meter turns out to need it. */
  readonly timeoutMs?: number;
  readonly control?: SearchControl;
  readonly signal?: AbortSignal;
}

interface Search {
  readonly link: Link;
  readonly options: SecondarySearch;
  readonly meters: FoundMeter[];
  questions: number;
  /** Meters may still be selected. */
  selected: boolean;
  /** Characters of the longest answer seen; as long as none was, of the longest there can be. */
  longestAnswer: number;
}

/** A complete number at which several seem to answer is asked again: it may have been noise. */
const REPETITIONS = 2;

/**
 * Finds the meters on a bus by selecting with wildcards, and every one of them once: what counts is the answer to
 * REQ_UD2, not the acknowledgment, which several meters give alike. Meters of equal numbers are told apart where
 * manufacturer, version, medium or fabrication number allow; where not, a problem 131094 is told. The line is left at the
 * last rate. Yields events as they happen and ends with 'ended'; never rejects for what meters or the port do.
 */
export async function* searchSecondary(line: Line, options: SecondarySearch): AsyncGenerator<SearchEvent, void> {
  const began = line.clock.monotonic();
  const link = createLink(line, 0, options.signal);
  const search: Search = { link, options, meters: [], questions: 0, selected: false, longestAnswer: LONGEST_FRAME };
  const ended = (outcome: 'complete' | 'stopped' | 'failed') => ({
    kind: 'ended' as const,
    outcome,
    meters: search.meters,
    questions: search.questions,
    durationMs: line.clock.monotonic() - began,
  });
  try {
    for (const [index, baudRate] of options.baudRates.entries()) {
      const part = { from: index / options.baudRates.length, size: 1 / options.baudRates.length };
      await line.changeBaud(baudRate);
      link.timeoutMs = Math.max(options.timeoutMs ?? 0, answerLimitMs(baudRate));
      yield* searchAtRate(search, baudRate, part);
    }
    yield ended('complete');
  } catch (cause) {
    const error = asMbusError(cause, options.signal);
    yield { ...ended(error.code === 131073 ? 'stopped' : 'failed'), error };
  }
}

/** 'vanished': mute, and nobody when asked again. */
type Asked = Outcome | { readonly kind: 'vanished' };

interface Part {
  readonly from: number;
  readonly size: number;
}

async function* searchAtRate(search: Search, baudRate: MbusBaudRate, part: Part): AsyncGenerator<SearchEvent, void> {
  const { link } = search;
  while ((yield* walk(search, baudRate, part)) === 'too fast') {
    link.timeoutMs = slowerThan(link.timeoutMs) ?? link.timeoutMs;
    const text = `A meter answers late: searching again, waiting ${link.timeoutMs} ms for each answer.`;
    yield { kind: 'note', text };
    await letPass(link);
  }
  if (search.selected) await deselect(link);
}

/** 'too fast': a meter needs more time than it was given, so that silence may have been none. */
type Walked = 'done' | 'too fast';

async function* walk(search: Search, baudRate: MbusBaudRate, part: Part): AsyncGenerator<SearchEvent, Walked> {
  const { options, link } = search;
  const mask = options.mask ?? { identification: EVERY_NUMBER };
  const narrowed = [mask.manufacturer, mask.version, mask.medium, mask.fabrication].some((one) => one !== undefined);
  yield progress(search, baudRate, part.from, 'resetting all links');
  const several = (await severalAnswer(link)) && mask.identification === EVERY_NUMBER && !narrowed;
  const history: Answered[] = [];
  const plan = searchPlan(mask.identification, questionCost(link), several);
  let step = plan.next();
  while (!step.done) {
    const { mask: identification, settled } = step.value;
    const asked = { ...mask, identification };
    const done = part.from + part.size * settled;
    const at = link.line.clock.monotonic();
    const outcome = yield* question(search, asked, baudRate, done);
    if (outcome.kind === 'late') return 'too fast';
    history.push({ mask: asked, at, outcome: outcome.kind });
    if (outcome.kind === 'alone') yield* found(search, asked, outcome, baudRate, narrowed);
    else if (isComplete(identification) && outcome.kind !== 'nobody' && outcome.kind !== 'vanished') {
      const walked = yield* tellApart(search, asked, outcome, baudRate, done);
      if (walked !== 'done') return walked;
    }
    step = plan.next(replyOf(outcome, identification));
  }
  return yield* doubtsOf(search, history, step.value, baudRate, part);
}

interface Answered {
  readonly mask: SecondaryMask;
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly outcome: Asked['kind'];
}

/** So many doubts are looked into; a noisy bus has more. */
const MOST_DOUBTS = 2;

/**
 * Answers that belong nowhere may be those of a slow meter to an earlier question, whose silence was none then. The
 * silent questions before them are asked once more, with the longest wait.
 */
async function* doubtsOf(
  search: Search,
  history: readonly Answered[],
  contradicted: readonly string[],
  baudRate: MbusBaudRate,
  part: Part,
): AsyncGenerator<SearchEvent, Walked> {
  const { link } = search;
  const usual = link.timeoutMs;
  if (slowerThan(usual) === undefined) return 'done';
  const silentBefore = (time: number) =>
    history.filter(({ at, outcome }) => outcome === 'nobody' && at < time && at > time - LONGEST_WAIT);
  const doubtful = history.filter(
    ({ mask, outcome }) => outcome === 'vanished' || contradicted.includes(mask.identification),
  );
  // Where nothing was found at all, the only meter may be a slow one.
  const nothing = search.meters.length === 0 ? history.slice(0, 1) : [];
  const again = new Set(nothing);
  for (const doubt of doubtful.slice(0, MOST_DOUBTS)) {
    if (doubt.outcome === 'vanished') again.add(doubt);
    for (const silent of silentBefore(doubt.at)) again.add(silent);
  }
  for (const { mask } of again) {
    yield progress(search, baudRate, part.from + part.size, 'looking for meters that answer late');
    link.timeoutMs = LONGEST_WAIT;
    const { kind } = await ask(search, mask);
    link.timeoutMs = usual;
    if (kind !== 'nobody') return 'too fast';
  }
  return 'done';
}

function replyOf(outcome: Asked, identification: string): SearchReply {
  if (outcome.kind === 'nobody' || outcome.kind === 'vanished') return { kind: 'silence' };
  if (outcome.kind !== 'alone') return { kind: 'collision' };
  return { kind: 'meter', identification: outcome.header?.identification ?? identification };
}

function progress(search: Search, baudRate: MbusBaudRate, done: number, text: string): SearchEvent {
  return { kind: 'progress', text, baudRate, done, questions: search.questions };
}

async function ask(search: Search, mask: SecondaryMask): Promise<Outcome> {
  search.questions++;
  return await askForMeter(search.link, mask, search.longestAnswer);
}

async function* question(
  search: Search,
  mask: SecondaryMask,
  baudRate: MbusBaudRate,
  done: number,
): AsyncGenerator<SearchEvent, Asked> {
  yield* running(search.options.control, search.options.signal);
  yield progress(search, baudRate, done, `asking ${formatMbusAddress({ kind: 'secondary', ...mask, baudRate })}`);
  const first = await ask(search, mask);
  let outcome: Asked = first;
  for (let n = 0; n < REPETITIONS && isDoubtful(outcome, mask); n++) outcome = await ask(search, mask);
  if (first.kind === 'mute' && outcome.kind === 'nobody') outcome = { kind: 'vanished' };
  search.selected = outcome.kind !== 'nobody' && outcome.kind !== 'alone';
  // There is no waiting any longer: what comes at the wrong time is taken for noise.
  if (outcome.kind === 'late' && slowerThan(search.link.timeoutMs) === undefined) return { kind: 'several' };
  // Nobody stays selected, so that the next question is answered by those it means.
  if (outcome.kind === 'alone') await deselect(search.link);
  // A meter without an identification number in its answer is known only by the whole number it was selected with.
  if (outcome.kind === 'alone' && outcome.header?.identification === undefined && !isComplete(mask.identification))
    return { kind: 'several' };
  return outcome;
}

function isDoubtful({ kind }: Asked, { identification }: SecondaryMask): boolean {
  return kind === 'mute' || kind === 'disturbed' || (kind === 'several' && isComplete(identification));
}

/** `narrowed`: its number alone would mean others as well. */
async function* found(
  search: Search,
  mask: SecondaryMask,
  { frame, bytes, header }: Extract<Outcome, { kind: 'alone' }>,
  baudRate: MbusBaudRate,
  narrowed: boolean,
): AsyncGenerator<SearchEvent, void> {
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
    baudRate,
  };
  const meter = foundMeter(frame, bytes, header, address);
  const { longestAnswer, meters } = search;
  search.longestAnswer = meters.length === 0 ? bytes.length : Math.max(longestAnswer, bytes.length);
  if (meters.some((known) => isSame(known, meter))) return;
  meters.push(meter);
  yield { kind: 'found', meter };
}

/** A meter that takes several rates is one meter. With a fabrication number in both addresses, that counts as well. */
function isSame(a: FoundMeter, b: FoundMeter): boolean {
  const key = ({ secondaryAddress, manufacturer, version, medium, address }: FoundMeter) =>
    [secondaryAddress, manufacturer, version, medium, /\/([0-9F]{8})/.exec(address)?.[1]].join(' ');
  return key(a) === key(b);
}

/** Several meters have the same number, or one gives no data. */
async function* tellApart(
  search: Search,
  mask: SecondaryMask,
  { kind }: Asked,
  baudRate: MbusBaudRate,
  done: number,
): AsyncGenerator<SearchEvent, Walked> {
  const address = formatMbusAddress({ kind: 'secondary', ...mask, baudRate });
  if (kind === 'mute') {
    const error = mbusError(131082, `A meter acknowledges the selection of ${mask.identification} and gives no data.`);
    yield { kind: 'problem', address, error };
    return 'done';
  }
  yield {
    kind: 'note',
    text: `Several meters have the number ${mask.identification}: looking for what tells them apart.`,
  };
  const plan = narrowPlan(mask, seenBy(search), questionCost(search.link));
  let step = plan.next();
  while (!step.done) {
    const outcome = yield* question(search, step.value, baudRate, done);
    if (outcome.kind === 'late') return 'too fast';
    if (outcome.kind === 'alone') yield* found(search, step.value, outcome, baudRate, true);
    step = plan.next(replyOf(outcome, mask.identification));
  }
  if (step.value < 2)
    yield {
      kind: 'problem',
      address,
      error: mbusError(131094, `Two or more meters have the number ${mask.identification} and can't be told apart.`),
    };
  return 'done';
}

function seenBy({ meters }: Search): SeenOnBus {
  return {
    manufacturers: meters.map(({ manufacturer }) => manufacturer).filter((letters) => /^[A-Z]{3}$/.test(letters)),
    versions: meters.flatMap(({ version }) => (version === undefined || version === 0xff ? [] : [version])),
    media: meters.flatMap(({ medium }) => (medium === undefined || medium === 0xff ? [] : [medium])),
  };
}

import type { SecondaryMask } from './address.ts';
import type { SearchEvent } from './search.ts';
import { LONGEST_WAIT, slowerThan } from './search.ts';
import { plainShare, withDigit } from './search-digits.ts';
import { isComplete } from './search-question.ts';
import type { Answered, Search } from './search-run.ts';
import { answerOf, ask, found, giveLateMetersTime, question, slowDown } from './search-run.ts';
import { goInto, isNarrowed, searchWithin } from './search-within.ts';

/** What a search by secondary address asks once more, because silence is no proof where noise or slow meters may be. */

const REPETITIONS_FOR_ALL = 3;

/** Somebody answered the link reset and nobody the selection: the first question was spoilt, or they know no selection. */
export async function* askEverybodyAgain(
  search: Search,
  mask: SecondaryMask,
  contradicted: string[],
): AsyncGenerator<SearchEvent, void> {
  const usual = search.link.timeoutMs;
  for (let n = 0; n < REPETITIONS_FOR_ALL; n++) {
    const outcome = yield* question(search, mask);
    if (outcome.kind === 'nobody') continue;
    if (search.link.timeoutMs === usual) search.quality.wasDamaged(1);
    return yield* goInto(search, mask, outcome, mask, contradicted);
  }
}

/** So many characters without a damaged one show that a line is not noisy. */
const CHARACTERS_TO_TRUST = 1000;
/** Beyond the latest acknowledgment so far. */
const PROBE_MARGIN_MS = 30;

/**
 * A search that received little may have lost a question to noise and not know it. The silences that stand for most are
 * asked once more, with no longer a wait than the meters so far needed.
 */
export async function* probeForNoise(
  search: Search,
  mask: SecondaryMask,
  contradicted: string[],
): AsyncGenerator<SearchEvent, void> {
  const { link, quality, asked } = search;
  const usual = link.timeoutMs;
  const large = asked.filter(
    ({ mask: { identification }, outcome, waitMs }) =>
      // One that was not waited for long enough is asked again anyway, and proves no noise.
      outcome === 'nobody' && waitMs >= usual && plainShare(identification) > 0.09 * plainShare(mask.identification),
  );
  for (const { mask: silent } of large) {
    if (search.reactionMs === 0 || quality.noisy || quality.characters > CHARACTERS_TO_TRUST) return;
    link.timeoutMs = Math.min(usual, search.reactionMs + PROBE_MARGIN_MS);
    const { kind } = await ask(search, silent);
    link.timeoutMs = usual;
    if (kind === 'nobody') continue;
    if (yield* giveLateMetersTime(search)) return;
    quality.wasDamaged(1);
    yield* goInto(search, silent, yield* question(search, silent), mask, contradicted);
  }
}

/** Makers that number in hexadecimal: their meters can hide from decimal digits where others account for every answer. */
const HEXADECIMAL_MAKERS = ['SBC'];

export async function* askHexadecimalMakers(
  search: Search,
  mask: SecondaryMask,
  contradicted: string[],
): AsyncGenerator<SearchEvent, void> {
  // One meter alone was found with F for every digit.
  if (isComplete(mask.identification) || mask.manufacturer !== undefined || search.meters.length < 2) return;
  for (const manufacturer of HEXADECIMAL_MAKERS) {
    if (search.meters.some((meter) => meter.manufacturer === manufacturer && /[A-E]/.test(meter.secondaryAddress)))
      continue;
    const its = { ...mask, manufacturer };
    const outcome = yield* question(search, its);
    if (outcome.kind === 'alone') yield* found(search, its, outcome, isNarrowed(mask));
    if (outcome.kind === 'several') yield* searchWithin(search, its, { several: true, letters: true }, contradicted);
  }
}

/**
 * Where all meters were divided by one digit, the answers to its decimal values tell nothing of a meter that has a letter
 * there; one with a letter elsewhere collides with decimal ones, and is found.
 */
export async function* askLetters(
  search: Search,
  mask: SecondaryMask,
  contradicted: string[],
): AsyncGenerator<SearchEvent, void> {
  if (search.meters.length < 2) return;
  const position = [...mask.identification].findLastIndex((digit, at) => {
    const isDivided = (one: string) => one === withDigit(mask.identification, at, one.charAt(at));
    return (
      digit === 'F' &&
      search.asked.some(({ mask: { identification: one } }) => one.charAt(at) !== 'F' && isDivided(one))
    );
  });
  if (position < 0) return;
  for (const letter of 'ABCDE') {
    const its = { ...mask, identification: withDigit(mask.identification, position, letter) };
    if (search.asked.some((one) => formatMask(one.mask) === formatMask(its))) continue;
    const outcome = yield* question(search, its);
    if (outcome.kind === 'alone') yield* found(search, its, outcome, isNarrowed(mask));
    if (outcome.kind === 'several') yield* searchWithin(search, its, { several: true, letters: true }, contradicted);
  }
}

const formatMask = ({ identification, manufacturer = '' }: SecondaryMask) => `${identification} ${manufacturer}`;

/**
 * A line without parity turned out to be noisy: what was found before has to answer to its own number. What does not is
 * taken back, and whoever answered in its place is looked for.
 */
export async function* confirmEarlyFinds(
  search: Search,
  mask: SecondaryMask,
  contradicted: string[],
): AsyncGenerator<SearchEvent, void> {
  if (!search.quality.noisy) return;
  for (const { mask: asked, meter } of search.unconfirmed.splice(0)) {
    const { secondaryAddress, manufacturer } = meter;
    if (await answerOf(search, asked, secondaryAddress, manufacturer === '' ? undefined : manufacturer)) continue;
    search.meters.splice(search.meters.indexOf(meter), 1);
    yield { kind: 'withdrawn', meter };
    const text = `Nobody answers to the number ${secondaryAddress}: noise had made it of another answer, and it was taken back.`;
    yield { kind: 'note', text };
    yield* goInto(search, asked, yield* question(search, asked), mask, contradicted);
  }
}

/**
 * A silence that was asked too seldom for a line that turned out to be noisy may have been a spoilt question, and one
 * that was not waited for long enough a slow meter.
 */
export async function* askSilencesAgain(
  search: Search,
  mask: SecondaryMask,
  contradicted: string[],
): AsyncGenerator<SearchEvent, void> {
  const isStale = ({ outcome, times, waitMs }: Answered) =>
    (outcome === 'nobody' && times < search.quality.timesToAsk) ||
    ((outcome === 'nobody' || outcome === 'vanished') && waitMs < search.link.timeoutMs);
  for (let stale = search.asked.find(isStale); stale; stale = search.asked.find(isStale)) {
    const { mask: silent } = stale;
    search.asked = search.asked.filter((one) => one !== stale);
    yield* goInto(search, silent, yield* question(search, silent), mask, contradicted);
  }
}

/**
 * Answers that belong nowhere may be those of a slow meter to an earlier question, whose silence was none then; where
 * nobody is slow, a question was spoilt. True where the silences have to be asked again: with more time, or more often.
 */
export async function* lookForLateMeters(
  search: Search,
  contradicted: readonly string[],
): AsyncGenerator<SearchEvent, boolean> {
  const { link, asked, quality } = search;
  const usual = link.timeoutMs;
  // With less time than is given now, contradictions were those of slow meters; their silences are asked again.
  const isDoubtful = ({ mask, outcome, waitMs }: Answered) =>
    waitMs >= usual && (outcome === 'vanished' || contradicted.includes(mask.identification));
  const nothing = search.meters.length === 0 && search.doubtful.length === 0;
  const doubtful = asked.some(isDoubtful);
  if (!nothing && !quality.noisy && !doubtful) return false;
  if (yield* giveLateMetersTime(search)) return true;
  if (doubtful && !quality.noisy) {
    quality.wasDamaged(1);
    return true;
  }
  // Where nothing was found at all, the only meter may be a slow one that does not know the test address.
  const first = asked.find(({ outcome }) => outcome === 'nobody');
  if (!nothing || first === undefined || slowerThan(usual) === undefined) return false;
  link.timeoutMs = LONGEST_WAIT;
  const { kind } = await ask(search, first.mask);
  link.timeoutMs = usual;
  return kind !== 'nobody' && (yield* slowDown(search));
}

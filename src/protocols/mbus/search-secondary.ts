import type { Line } from '../../line/line.ts';
import type { SecondaryMask } from './address.ts';
import { DEFAULT_BAUD_RATE, formatMbusAddress } from './address.ts';
import { mbusError } from './errors.ts';
import { LONGEST_FRAME } from './frame.ts';
import { lineQuality } from './line-quality.ts';
import { asMbusError, createLink } from './link.ts';
import type { SearchEvent } from './search.ts';
import { noiseWords, sharedAddresses } from './search.ts';
import {
  askEverybodyAgain,
  askHexadecimalMakers,
  askLetters,
  askSilencesAgain,
  confirmEarlyFinds,
  lookForLateMeters,
  probeForNoise,
} from './search-again.ts';
import { tellApart } from './search-doubts.ts';
import { EVERY_NUMBER, whoAnswers } from './search-question.ts';
import type { Answered, Search, SecondarySearch } from './search-run.ts';
import { leaveNoneSelected, progress } from './search-run.ts';
import { signOff } from './selection.ts';
import type { Part } from './search-within.ts';
import { isNarrowed, searchWithin } from './search-within.ts';
import { answerLimitMs } from './settings.ts';

/**
 * Finds the meters on a bus by selecting with wildcards, and every one of them once: what counts is the answer to
 * REQ_UD2, not the acknowledgment, which several meters give alike. Meters of equal numbers are told apart where
 * manufacturer, version, medium or fabrication number allow; where not, a problem 131094 is told. On a line that turns
 * out to be noisy every silence is asked again, and what stays unsure is named. The line is left at the last rate.
 * Yields events as they happen and ends with 'ended'; never rejects for what meters or the port do.
 */
export async function* searchSecondary(line: Line, options: SecondarySearch): AsyncGenerator<SearchEvent, void> {
  const began = line.clock.monotonic();
  const link = createLink(line, 0, 'header');
  const search: Search = {
    link,
    options,
    quality: lineQuality(),
    meters: [],
    questions: 0,
    baudRate: options.baudRates[0] ?? DEFAULT_BAUD_RATE,
    done: 0,
    selected: false,
    longestAnswer: LONGEST_FRAME,
    steady: false,
    reactionMs: 0,
    brokenData: [],
    asked: [],
    unconfirmed: [],
    doubtful: [],
  };
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
      await link.line.change({ baudRate });
      link.timeoutMs = Math.max(options.timeoutMs ?? 0, answerLimitMs(baudRate));
      search.baudRate = baudRate;
      yield* searchAtRate(search, part);
    }
    for (const text of sharedAddresses(search.meters)) yield { kind: 'note', text };
    yield ended('complete');
  } catch (cause) {
    const error = asMbusError(cause, link.line.signal);
    if (search.selected) await signOff(link, error);
    yield { ...ended(error.code === 131073 ? 'stopped' : 'failed'), error };
  }
}

async function* searchAtRate(search: Search, part: Part): AsyncGenerator<SearchEvent, void> {
  const { link, options, doubtful } = search;
  const mask = options.mask ?? { identification: EVERY_NUMBER };
  search.asked = [];
  search.unconfirmed = [];
  search.done = part.from;
  yield progress(search, 'resetting all links');
  const heard = await whoAnswers(link);
  const several = heard === 'several' && mask.identification === EVERY_NUMBER && !isNarrowed(mask);
  const contradicted: string[] = [];
  yield* searchWithin(search, mask, { several }, contradicted, part);
  if (search.asked.every(({ outcome }) => outcome === 'nobody'))
    if (heard !== 'nobody' || (await whoAnswers(link)) !== 'nobody')
      yield* askEverybodyAgain(search, mask, contradicted);
  yield* probeForNoise(search, mask, contradicted);
  yield* askHexadecimalMakers(search, mask, contradicted);
  yield* askLetters(search, mask, contradicted);
  do yield* askSilencesAgain(search, mask, contradicted);
  while (yield* lookForLateMeters(search, contradicted));
  yield* confirmEarlyFinds(search, mask, contradicted);
  // The rest of the bus comes first: a number in doubt may take long.
  for (const doubt of doubtful.splice(0)) yield* tellApart(search, doubt);
  await leaveNoneSelected(search);

  const unsure = unsureOf(search).map((one) =>
    formatMbusAddress({ kind: 'secondary', ...one, baudRate: search.baudRate }),
  );
  const noise = noiseWords(search.quality, unsure);
  if (noise === undefined) return;
  if (unsure.length === 0) yield { kind: 'note', text: noise };
  else yield { kind: 'problem', address: formatMbusAddress(addressOf(search, options)), error: noiseError(noise) };
}

const addressOf = ({ baudRate }: Search, { mask }: SecondarySearch) => ({
  kind: 'secondary' as const,
  identification: EVERY_NUMBER,
  ...mask,
  baudRate,
});

/** A code of damaged answers; the table has none for a whole line. */
const noiseError = (text: string) =>
  mbusError(131332, text, {
    hint: 'Check cable, shield and supply of the bus, unplug what disturbs, and search again; or search at a lower rate.',
  });

/** Masks whose silence is not believed for sure, although it was asked again. */
function unsureOf({ asked, quality }: Search): readonly SecondaryMask[] {
  const isUnsure = ({ outcome }: Answered) =>
    outcome === 'vanished' || (outcome === 'nobody' && quality.chanceToMiss > UNSURE);
  return asked.filter(isUnsure).map(({ mask }) => mask);
}

const UNSURE = 0.004;

import type { SecondaryMask } from './address.ts';
import { formatMbusAddress, NETWORK_LAYER_ADDRESS } from './address.ts';
import type { BrokenAnswer } from './broken-answer.ts';
import { faultOf, hasSteadyError, isSameAnswer } from './broken-answer.ts';
import { mbusError } from './errors.ts';
import type { FrameCountBit } from './messages.ts';
import { reqUd2 } from './messages.ts';
import { exchange } from './link.ts';
import type { SearchEvent } from './search.ts';
import type { SeenOnBus } from './search-narrow.ts';
import { narrowPlan } from './search-narrow.ts';
import type { BrokenData } from './search-question.ts';
import { questionCost } from './search-question.ts';
import type { Asked, Doubt, Search } from './search-run.ts';
import { deselect } from './selection.ts';
import { ask, found, question, replyOf } from './search-run.ts';

/**
 * Broken data that came twice alike, or that came to a wider question before, may be all that one meter ever gives.
 * It is where exactly the meter that its header names answers, and answers just so; then 'broken', else `outcome`.
 */
export async function oneBrokenMeter(search: Search, outcome: Asked, mask: SecondaryMask): Promise<Asked> {
  const data = outcome.kind === 'several' ? outcome.seen : undefined;
  const header = data?.header;
  if (data === undefined || header === undefined || data.badParity.length > 0) return outcome;
  const before = search.brokenData.some((one) => isSameAnswer(one, data));
  search.brokenData.push(data);
  if (!data.steady && !before) return outcome;

  const { identification = mask.identification, manufacturer, version, medium } = header;
  const exact: SecondaryMask = {
    identification,
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(version === undefined || version === 0xff ? {} : { version }),
    ...(medium === undefined || medium === 0xff ? {} : { medium }),
    ...(mask.fabrication === undefined ? {} : { fabrication: mask.fabrication }),
  };
  const asked = await ask(search, exact);
  if (asked.kind !== 'several' || asked.seen === undefined || !isSameAnswer(asked.seen, data)) return outcome;
  const isOne = await countsOn(search, data);
  await deselect(search.link);
  return isOne ? { kind: 'broken', header, data } : outcome;
}

/** With toggled frame count bits the access number counts on; answers over each other don't keep their wrong sum then. */
async function countsOn(search: Search, data: BrokenData): Promise<boolean> {
  const answers: BrokenAnswer[] = [data];
  if (faultOf(data) !== 'wrong check sum') return true;
  for (const bit of [0, 1, 0] satisfies FrameCountBit[]) {
    const { answer } = await exchange(search.link, reqUd2(NETWORK_LAYER_ADDRESS, bit), 'search REQ_UD2');
    if (answer.kind === 'incomplete' || answer.kind === 'collision') answers.push(answer);
  }
  // A meter of several telegrams goes on to the next; those are not compared.
  return hasSteadyError(answers.filter((one) => isSameAnswer(one, data)));
}

/** So long, in questions met by silence, one number may keep the search. */
const NARROWING_QUESTIONS = 42;
/** Beyond the latest acknowledgment of the meters in question. */
const REACTION_MARGIN_MS = 40;

/** Several meters have the same number, or one gives no data that can be read. */
export async function* tellApart(search: Search, { mask, seen }: Doubt): AsyncGenerator<SearchEvent, void> {
  const { link, baudRate, meters } = search;
  const address = formatMbusAddress({ kind: 'secondary', ...mask, baudRate });
  yield {
    kind: 'note',
    text: `Several meters seem to have the number ${mask.identification}: looking for what tells them apart.`,
  };
  const cost = questionCost(link);
  const before = meters.length;
  const { clock } = link.line;
  const ownTime = () => clock.monotonic() - link.awayMs;
  const until = ownTime() + NARROWING_QUESTIONS * cost.silence;
  const usual = link.timeoutMs;
  const plan = narrowPlan(mask, seenBy(search), cost, () => meters.length - before, seen?.header);
  let step = plan.next();
  try {
    while (!step.done && ownTime() < until) {
      // They answered within this time so far; the bus is theirs alone.
      link.timeoutMs = Math.min(usual, search.reactionMs + REACTION_MARGIN_MS);
      const outcome = yield* question(search, step.value, true);
      if (outcome.kind === 'alone') yield* found(search, step.value, outcome, true);
      step = plan.next(replyOf(outcome, mask.identification));
    }
  } finally {
    link.timeoutMs = usual;
  }
  const apart = meters.length - before;
  if (apart > 1) {
    // A third one could only be found by asking for all that could tell it apart.
    const text = `${apart} meters have the number ${mask.identification}, and there may be more: not everything that could tell them apart was asked for (131094).`;
    yield { kind: 'note', text };
    return;
  }
  const rest = apart === 1 ? 'One of them was found, the others' : 'They';
  const fault = seen === undefined ? '' : ` Or it is one meter, and its data is broken: ${faultOf(seen)}.`;
  yield {
    kind: 'problem',
    address,
    error: mbusError(
      131094,
      `Two or more meters have the number ${mask.identification}. ${rest} can't be told apart${step.done ? '' : ' in reasonable time'}.${fault}`,
    ),
  };
}

function seenBy({ meters }: Search): SeenOnBus {
  return {
    manufacturers: meters.map(({ manufacturer }) => manufacturer).filter((letters) => /^[A-Z]{3}$/.test(letters)),
    versions: meters.flatMap(({ version }) => (version === undefined || version === 0xff ? [] : [version])),
    media: meters.flatMap(({ medium }) => (medium === undefined || medium === 0xff ? [] : [medium])),
  };
}

import type { SecondaryMask } from './address.ts';
import { formatMbusAddress } from './address.ts';
import { faultOf } from './broken-answer.ts';
import { mbusError } from './errors.ts';
import type { SearchEvent } from './search.ts';
import { oneBrokenMeter } from './search-doubts.ts';
import { searchPlan } from './search-plan.ts';
import { isComplete, questionCost } from './search-question.ts';
import type { Asked, Search } from './search-run.ts';
import { found, question, replyOf } from './search-run.ts';

/** The plan of a search, carried out: what each answer means for the list of meters and for what comes next. */

export interface Part {
  readonly from: number;
  readonly size: number;
}

export const isNarrowed = ({ manufacturer, version, medium, fabrication }: SecondaryMask) =>
  [manufacturer, version, medium, fabrication].some((one) => one !== undefined);

/** The plan on the bus. Regions where answers contradict each other are added to `contradicted`. */
export async function* searchWithin(
  search: Search,
  mask: SecondaryMask,
  known: { readonly several?: boolean; readonly letters?: boolean },
  contradicted: string[],
  part?: Part,
): AsyncGenerator<SearchEvent, void> {
  const plan = searchPlan(mask.identification, questionCost(search.link), known);
  let step = plan.next();
  while (!step.done) {
    const { mask: identification, settled } = step.value;
    if (part) search.done = Math.max(search.done, part.from + part.size * settled);
    const asked = { ...mask, identification };
    const outcome = await oneBrokenMeter(search, yield* question(search, asked), asked);
    yield* tell(search, asked, outcome, isNarrowed(mask));
    step = plan.next(replyOf(outcome, identification));
  }
  contradicted.push(...step.value);
}

/** What one answer means for the list of meters, and what has to be looked into. */
function* tell(search: Search, mask: SecondaryMask, outcome: Asked, narrowed: boolean): Generator<SearchEvent, void> {
  switch (outcome.kind) {
    case 'alone':
      yield* found(search, mask, outcome, narrowed);
      break;
    case 'broken': {
      const { header, data } = outcome;
      const { bytes } = data;
      const frame = {
        kind: 'long',
        control: 8,
        address: bytes[5] ?? 0,
        controlInformation: 0x72,
        data: bytes,
      } as const;
      yield* found(search, mask, { frame, bytes, header }, narrowed, faultOf(data));
      break;
    }
    case 'mute':
      if (!isComplete(mask.identification)) break;
      yield {
        kind: 'problem',
        address: formatMbusAddress({ kind: 'secondary', ...mask, baudRate: search.baudRate }),
        error: mbusError(131082, `A meter acknowledges the selection of ${mask.identification} and gives no data.`),
      };
      break;
    case 'nobody':
    case 'vanished':
    case 'late':
      break;
    case 'several':
    case 'disturbed':
      if (!isComplete(mask.identification)) break;
      if (search.doubtful.some((doubt) => doubt.mask.identification === mask.identification)) break;
      search.doubtful.push({ mask, ...(outcome.kind === 'several' && outcome.seen ? { seen: outcome.seen } : {}) });
      break;
  }
}

/** What an answer means that came where silence was taken for granted. */
export async function* goInto(
  search: Search,
  asked: SecondaryMask,
  outcome: Asked,
  mask: SecondaryMask,
  contradicted: string[],
): AsyncGenerator<SearchEvent, void> {
  yield* tell(search, asked, outcome, isNarrowed(mask));
  if (outcome.kind === 'several' && !isComplete(asked.identification))
    yield* searchWithin(search, asked, { several: true }, contradicted);
}

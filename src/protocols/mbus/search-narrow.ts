import type { SecondaryMask } from './address.ts';
import type { SearchReply } from './search-plan.ts';
import { searchPlan } from './search-plan.ts';
import type { SearchCost } from './search-plan.ts';

/**
 * Tells meters of one identification number apart by what else a selection can name: manufacturer, version, medium,
 * fabrication number. Only whole values can be asked for, so the likely ones come first: those seen on this bus, then
 * the manufacturers that sell most M-Bus meters.
 */
const MANUFACTURERS =
  'ABB ACW AMT APA AXI BMT DME DWZ EFE ELS ELV EMH EMU ESY GAV GWF HYD INV ISK IST ITW KAM LGB LGZ LSE LUG MAN MET NZR PAD QDS RAM REL SAP SBC SEN SON SPX SVM TCH WZG ZEN ZRI'.split(
    ' ',
  );
/** Water, heat, electricity, gas and their relatives before all the others. */
const MEDIA = [0x07, 0x06, 0x16, 0x15, 0x04, 0x0c, 0x0d, 0x0a, 0x0b, 0x02, 0x03, 0x08];
const BYTES = Array.from({ length: 255 }, (_, value) => value);

/** What was seen on the bus so far. */
export interface SeenOnBus {
  readonly manufacturers: readonly string[];
  readonly versions: readonly number[];
  readonly media: readonly number[];
}

type Attribute = 'manufacturer' | 'medium' | 'version' | 'fabrication';
const ATTRIBUTES: readonly Attribute[] = ['manufacturer', 'medium', 'version', 'fabrication'];

/**
 * Asks narrower masks than `mask`, at which several meters answer, until each of them was alone. Returns how many were;
 * fewer than two means that they can't be told apart.
 */
export function* narrowPlan(
  mask: SecondaryMask,
  seen: SeenOnBus,
  cost: SearchCost,
  attributes: readonly Attribute[] = ATTRIBUTES.filter((name) => mask[name] === undefined),
): Generator<SecondaryMask, number, SearchReply> {
  let most = 0;
  for (const [index, attribute] of attributes.entries()) {
    const others = attributes.slice(index + 1);
    const apart =
      attribute === 'fabrication'
        ? yield* byFabrication(mask, cost)
        : yield* byValues(valuesOf(attribute, mask, seen), seen, cost, others);
    most = Math.max(most, apart);
    if (most > 1) return most;
  }
  return most;
}

function* byValues(
  masks: readonly SecondaryMask[],
  seen: SeenOnBus,
  cost: SearchCost,
  others: readonly Attribute[],
): Generator<SecondaryMask, number, SearchReply> {
  let apart = 0;
  for (const mask of masks) {
    const reply = yield mask;
    if (reply.kind === 'meter') apart++;
    else if (reply.kind === 'collision') apart += yield* narrowPlan(mask, seen, cost, others);
  }
  return apart;
}

/** Digit by digit, as with identification numbers; meters that do not know the enhanced selection stay silent. */
function* byFabrication(mask: SecondaryMask, cost: SearchCost): Generator<SecondaryMask, number, SearchReply> {
  const alone = new Set<string>();
  const plan = searchPlan('FFFFFFFF', cost);
  let step = plan.next();
  while (!step.done) {
    const fabrication = step.value.mask;
    const reply = yield { ...mask, fabrication };
    if (reply.kind === 'meter') alone.add(fabrication);
    // The plan reasons about the numbers it asks for; the answer only names the one they have in common.
    step = plan.next(reply.kind === 'meter' ? { kind: 'meter', identification: fabrication } : reply);
  }
  return alone.size;
}

function valuesOf(attribute: Exclude<Attribute, 'fabrication'>, mask: SecondaryMask, seen: SeenOnBus): SecondaryMask[] {
  const unique = <T>(first: readonly T[], then: readonly T[]) => [...new Set([...first, ...then])];
  switch (attribute) {
    case 'manufacturer':
      return unique(seen.manufacturers, MANUFACTURERS).map((manufacturer) => ({ ...mask, manufacturer }));
    case 'medium':
      return unique(seen.media, [...MEDIA, ...BYTES]).map((medium) => ({ ...mask, medium }));
    case 'version':
      return unique(seen.versions, BYTES).map((version) => ({ ...mask, version }));
  }
}

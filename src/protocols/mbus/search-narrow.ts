import type { SecondaryMask } from './address.ts';
import type { MeterHeader } from './header.ts';
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
/** Makers count from 0, or from 80; few have come far. */
const VERSIONS = [
  ...BYTES.slice(0, 0x40),
  ...BYTES.slice(0x80, 0xc0),
  ...BYTES.slice(0x40, 0x80),
  ...BYTES.slice(0xc0),
];

/** What was seen on the bus so far. */
export interface SeenOnBus {
  readonly manufacturers: readonly string[];
  readonly versions: readonly number[];
  readonly media: readonly number[];
}

/** A header that was seen in the broken answer of all of them: what they have in common, where they began together. */
export type CommonHeader = Pick<MeterHeader, 'manufacturer' | 'version' | 'medium'>;

type Attribute = 'medium' | 'manufacturer' | 'version';
const ATTRIBUTES: readonly Attribute[] = ['medium', 'manufacturer', 'version'];

interface Narrowing {
  readonly seen: SeenOnBus;
  readonly cost: SearchCost;
  readonly common: CommonHeader;
  readonly apart: () => number;
}

/**
 * Asks narrower masks than `mask`, at which several meters answer, until two of them or more were alone; `apart` says how
 * many were so far. The surest and cheapest comes first: meters that know the enhanced selection are found digit by
 * digit, what all of them have in common needs no trying, and values that are likely come before the others. The caller
 * ends it when it takes too long.
 */
export function* narrowPlan(
  mask: SecondaryMask,
  seen: SeenOnBus,
  cost: SearchCost,
  apart: () => number,
  common: CommonHeader = {},
): Generator<SecondaryMask, void, SearchReply> {
  if (mask.fabrication === undefined) yield* byFabrication(mask, cost);
  const attributes = ATTRIBUTES.filter((name) => mask[name] === undefined);
  if (apart() < 2) yield* byAttributes(mask, { seen, cost, common, apart }, attributes);
}

function* byAttributes(
  mask: SecondaryMask,
  narrowing: Narrowing,
  attributes: readonly Attribute[],
): Generator<SecondaryMask, void, SearchReply> {
  let inner = mask;
  const differing: Attribute[] = [];
  for (const attribute of attributes) {
    const value = narrowing.common[attribute];
    const fixed = value === undefined ? undefined : { ...inner, [attribute]: value };
    const reply = fixed === undefined ? undefined : yield fixed;
    // All have it: it tells nothing, and makes the other questions surer.
    if (fixed !== undefined && reply?.kind === 'collision') inner = fixed;
    else differing.push(attribute);
  }
  const after = (attribute: Attribute) => differing.slice(differing.indexOf(attribute) + 1);
  for (const attribute of differing)
    yield* byValues(valuesOf(attribute, inner, narrowing, 'likely'), narrowing, after(attribute));
  for (const attribute of [...differing].reverse())
    yield* byValues(valuesOf(attribute, inner, narrowing, 'others'), narrowing, after(attribute));
}

function* byValues(
  masks: readonly SecondaryMask[],
  narrowing: Narrowing,
  others: readonly Attribute[],
): Generator<SecondaryMask, void, SearchReply> {
  const before = narrowing.apart();
  if (before > 1) return;
  let further = masks.length > MANY ? FURTHER : Infinity;
  for (const mask of masks) {
    const reply = yield mask;
    if (reply.kind === 'collision') yield* byAttributes(mask, narrowing, others);
    // Two are the usual case, and 255 values a long way: a third one is looked for among the next only. Shorter lists
    // are gone through.
    if (narrowing.apart() > 1 && further-- === 0) return;
  }
}

const MANY = 60;
const FURTHER = 8;

/** Digit by digit, as with identification numbers; meters that do not know the enhanced selection stay silent. */
function* byFabrication(mask: SecondaryMask, cost: SearchCost): Generator<SecondaryMask, void, SearchReply> {
  const plan = searchPlan('FFFFFFFF', cost);
  let step = plan.next();
  while (!step.done) {
    const fabrication = step.value.mask;
    const reply = yield { ...mask, fabrication };
    // The plan reasons about the numbers it asks for; the answer only names the one they have in common.
    if (reply.kind === 'silence') step = plan.next(reply);
    else if (reply.kind === 'collision') step = plan.next({ kind: 'collision' });
    else step = plan.next({ kind: 'meter', identification: fabrication });
  }
}

function valuesOf(
  attribute: Attribute,
  mask: SecondaryMask,
  { seen, common }: Narrowing,
  which: 'likely' | 'others',
): SecondaryMask[] {
  const choose = <T>(first: readonly T[], then: readonly T[], tried: T | undefined) => {
    const early = new Set(first);
    return (which === 'likely' ? [...early] : then.filter((one) => !early.has(one))).filter((one) => one !== tried);
  };
  switch (attribute) {
    case 'manufacturer': {
      const first = [...seen.manufacturers, ...MANUFACTURERS];
      return choose(first, withAllBitsOf(common.manufacturer), common.manufacturer).map((manufacturer) => ({
        ...mask,
        manufacturer,
      }));
    }
    case 'medium':
      return choose([...seen.media, ...MEDIA], BYTES, common.medium).map((medium) => ({ ...mask, medium }));
    case 'version':
      return choose(seen.versions, VERSIONS, common.version).map((version) => ({ ...mask, version }));
  }
}

/** Makers nobody knows: an answer over another keeps the ones that both have, so each letter has those of the mixture. */
function withAllBitsOf(mixed: string | undefined): string[] {
  if (mixed === undefined) return [];
  const [first = [], second = [], third = []] = Array.from(mixed, (letter) =>
    LETTERS.filter((one) => hasBits(one, letter)),
  );
  return first.flatMap((a) => second.flatMap((b) => third.map((c) => a + b + c)));
}

const LETTERS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const hasBits = (letter: string, bits: string) => (letter.charCodeAt(0) & bits.charCodeAt(0)) === bits.charCodeAt(0);

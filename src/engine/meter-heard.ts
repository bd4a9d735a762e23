import type { Meter } from '../ams/meter.ts';
import { isPlateNumber, isSameNumber, otherMeter } from '../common/meter-identity.ts';
import { numberIn } from '../protocols/address-text.ts';
import type { AddressForm } from '../protocols/protocol.ts';

/** A meter of the list that may be the one that spoke. */
export interface Candidate {
  readonly meter: Meter;
  /** It is read by listening: it may be meant though it has no number. */
  readonly isHeard: boolean;
  /** The number under which it was heard before, where the list has none. */
  readonly heardAs: string | undefined;
}

/**
 * The meter of the list that said this: one where that is certain, else those that may have.
 * @param candidates of the port and protocol
 * @param from the numbers that it gives of itself
 */
export function meterHeard(
  form: AddressForm,
  candidates: readonly Candidate[],
  from: readonly string[],
): { readonly meter?: Meter; readonly doubtful: readonly Meter[] } {
  const numbers = from.filter(isPlateNumber);
  const namesOf = ({ meter, heardAs = '' }: Candidate) =>
    [meter.serialNumber ?? heardAs, numberIn(form, meter.address)].filter((name) => name !== '');
  const isSame = (name: string) => numbers.some((number) => isSameNumber(number, name));
  const isOfOtherMaker = (one: Candidate) => namesOf(one).some((name) => isSame(name) && !isNameOf(numbers, name));
  const named = candidates.filter((one) => namesOf(one).some(isSame) && !isOfOtherMaker(one));
  if (named.length > 0) return certainly(named, named);
  // Without a number that fits: the only one that can be meant, and that nothing speaks against.
  const heard = candidates.filter(({ isHeard }) => isHeard);
  const fitting = heard.filter((one) => {
    const { meter, heardAs } = one;
    const meant = { known: meter.serialNumber ?? heardAs, asked: numberIn(form, meter.address) };
    return !isOfOtherMaker(one) && otherMeter(numbers, meant) === undefined;
  });
  return certainly(fitting, heard);
}

/**
 * Where one of the numbers is the name: is no longer form of it another one? KAM12345678 is not who says 12345678 and, in
 * full, TCH12345678.
 */
function isNameOf(numbers: readonly string[], name: string): boolean {
  const same = numbers.filter((number) => isSameNumber(number, name));
  const [shortest = ''] = same.toSorted((a, b) => a.length - b.length);
  const bare = name.replace(/[^0-9A-Za-z]/g, '');
  const inFull = numbers.filter((number) => number.length === bare.length && number.endsWith(shortest));
  return inFull.length === 0 || inFull.some((number) => isSameNumber(number, name));
}

/** By elimination it would only be likely: a meter that is not in the list may speak, too. */
function certainly(fitting: readonly Candidate[], among: readonly Candidate[]) {
  const meters = fitting.map(({ meter }) => meter);
  const [meter] = meters;
  return meter && among.length === 1 ? { meter, doubtful: [] } : { doubtful: meters };
}

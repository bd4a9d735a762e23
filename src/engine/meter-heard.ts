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
 * The meter of the list that said this; undefined where none did, or nobody can tell.
 * @param candidates of the port and protocol
 * @param from the numbers that it gives of itself
 */
export function meterHeard(
  form: AddressForm,
  candidates: readonly Candidate[],
  from: readonly string[],
): Meter | undefined {
  const numbers = from.filter(isPlateNumber);
  const namesOf = ({ meter, heardAs = '' }: Candidate) =>
    [meter.serialNumber ?? heardAs, numberIn(form, meter.address)].filter((name) => name !== '');
  const named = candidates.filter((one) =>
    namesOf(one).some((name) => numbers.some((number) => isSameNumber(number, name))),
  );
  if (named.length > 0) return named.length === 1 ? named[0]?.meter : undefined;
  // Without a number that fits: the only one that can be meant, and that nothing speaks against.
  const [only, ...others] = candidates.filter(({ isHeard }) => isHeard);
  if (!only || others.length > 0) return undefined;
  const { meter, heardAs } = only;
  const meant = { known: meter.serialNumber ?? heardAs, asked: numberIn(form, meter.address) };
  return otherMeter(numbers, meant) === undefined ? meter : undefined;
}

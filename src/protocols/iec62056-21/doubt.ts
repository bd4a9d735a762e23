import { contradicts } from '../../common/obis.ts';
import { holesIn, type BlockItem } from './data-set.ts';

const FULL = /^\d{1,3}-\d{1,3}:[\dCFLP]{1,3}\.(?:\d{1,3}|F)(?:\.\d{1,3})?(?:[*&]\d{1,3})?$/;
/** What meters send beside full codes: their own numbers and states. */
const BESIDE = /^(?:[CFLP][.F]|0\.\d)/;
/** So many full codes are no chance, and so many of all. */
const FEWEST = 5;
const SHARE = 0.75;

/**
 * Does the data show by itself that something is missing in it or doubled, whatever vouches for its characters? A block
 * check of seven bits lets one hole in 128 pass, and parity none of them be seen.
 */
export function isTornInside(items: readonly BlockItem[]): boolean {
  if (holesIn(items).length > 0) return true;
  const sets = items
    .filter((item) => item.kind === 'data set')
    .filter(({ address }) => address !== '' && !BESIDE.test(address));
  const full = sets.filter(({ address }) => FULL.test(address));
  if (full.length < FEWEST || full.length < SHARE * sets.length) return false;
  return (
    full.length < sets.length ||
    new Set(full.map(({ address }) => address)).size < full.length ||
    full.some(({ address, values }) => values.some(({ unit }) => unit !== undefined && contradicts(address, unit)))
  );
}

import type { Filter } from '../log/filter/filter.ts';
import { parseFilter } from '../log/filter/parse.ts';

/** The filter a caller wrote; throws with the first mistake, since views check before they ask. */
export function filterOf(text = ''): Filter {
  const { filter, mistakes } = parseFilter(text);
  if (filter === undefined) throw new SyntaxError(`The filter has a mistake: ${mistakes[0]?.message ?? text}`);
  return filter;
}

import type { SearchEvent } from '../../../../src/protocols/mbus/search.ts';
import { scanPrimary } from '../../../../src/protocols/mbus/search-primary.ts';
import { searchSecondary } from '../../../../src/protocols/mbus/search-secondary.ts';
import type { SecondarySearch } from '../../../../src/protocols/mbus/search-run.ts';
import type { MbusMeterSpec } from '../../../../src/protocols/mbus/simulated/slave.ts';
import { randomSource } from '../../../../src/simulator/random.ts';
import { meter, onBus } from './bus.ts';

/** Searches on buses of invented meters, for tests and for `npm run bench`. */

export type Ended = Extract<SearchEvent, { kind: 'ended' }>;

/** Different identification numbers: anywhere, 1234xxxx, or one after the other. */
export function numbers(kind: string, count: number, seed: number): readonly string[] {
  const random = randomSource(1000 * count + seed);
  const first = Math.floor(random() * (1e8 - count));
  const all = new Set<string>();
  while (all.size < count) {
    const number =
      kind === 'consecutive'
        ? first + all.size
        : kind === 'series'
          ? 12_340_000 + Math.floor(random() * 10_000)
          : Math.floor(random() * 1e8);
    all.add(String(number).padStart(8, '0'));
  }
  return [...all];
}

/** Ten manufacturers in turn, so that equal numbers differ. */
const MANUFACTURERS = ['KAM', 'LUG', 'SEN', 'ZRI', 'HYD', 'ELS', 'EMH', 'QDS', 'REL', 'SON'];

export function metersOf(identifications: readonly string[]): readonly MbusMeterSpec[] {
  return identifications.map((number, index) => meter(number, { manufacturer: MANUFACTURERS[index % 10] ?? 'OHU' }));
}

export function endOf(events: readonly SearchEvent[]): Ended {
  const end = events.at(-1);
  if (end?.kind !== 'ended') throw new Error('The search did not end.');
  return end;
}

export async function eventsOf(search: AsyncIterable<SearchEvent>): Promise<readonly SearchEvent[]> {
  const events: SearchEvent[] = [];
  for await (const event of search) events.push(event);
  return events;
}

export async function searchOnBus(
  identifications: readonly string[],
  options: Partial<SecondarySearch> = {},
): Promise<Ended> {
  return await onBus(metersOf(identifications), async ({ line }) =>
    endOf(await eventsOf(searchSecondary(line, { baudRates: [2400], ...options }))),
  );
}

export async function scanOnBus(addresses: readonly number[]): Promise<Ended> {
  const meters = addresses.map((primaryAddress, index) => meter(String(10_000_000 + index), { primaryAddress }));
  return await onBus(meters, async ({ line }) => endOf(await eventsOf(scanPrimary(line, { baudRates: [2400] }))));
}

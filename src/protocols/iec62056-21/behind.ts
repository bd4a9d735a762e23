import type { MeterBehind, Reading } from '../../common/reading.ts';
import { isPlateNumber, plateText } from '../../common/meter-identity.ts';

/** Channel of an abstract code (A = 0); 64 is without channel, and those above are their makers' own. */
const CHANNEL = /^0-([1-9]|[1-5]\d|6[0-3]):/;

/** The channel of a meter behind the one that was read (DSMR: its M-Bus), by the label of a reading. */
export function channelOf(label: string): number | undefined {
  const channel = CHANNEL.exec(label)?.[1];
  return channel === undefined ? undefined : Number(channel);
}

/**
 * The meters behind by their channel; undefined for a channel that no meter is paired with: its number was left empty, or
 * its reading is a zero without a unit.
 *
 * @param deviceTypes what hangs on a channel, as 0-n:24.1.0 says
 */
export function metersBehind(
  readings: readonly Reading[],
  deviceTypes: ReadonlyMap<number, string>,
): ReadonlyMap<number, MeterBehind | undefined> {
  const meters = new Map<number, MeterBehind | undefined>();
  const unpaired = new Set<number>();
  for (const { label, value, state, unit } of readings) {
    const channel = channelOf(label);
    if (channel === undefined) continue;
    let { number } = meters.get(channel) ?? { number: '' };
    if (/:96\.1\.[01](?![\d.])/.test(label) && value.type === 'text') {
      const text = plateText(value.text.trim());
      if (text === '') unpaired.add(channel);
      // A damaged number is another meter's.
      if (state === 'whole' && isPlateNumber(text)) number = text;
    }
    if (isReadingBehind(label) && value.type === 'number' && unit === '' && Number(value.decimal.coefficient) === 0)
      unpaired.add(channel);
    meters.set(channel, { number, medium: deviceTypes.get(channel) ?? '', channel });
  }
  for (const channel of unpaired) meters.set(channel, undefined);
  return meters;
}

/** The last reading that a meter behind this one told it. */
export function isReadingBehind(label: string): boolean {
  return /^0-\d+:24\.2\.[13]$/.test(label);
}

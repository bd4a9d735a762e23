import type { Reading } from './reading.ts';

/**
 * What each reading of one readout is called. A code that comes again (a load profile, flow and return) is numbered:
 * `1.8.0 #2` is the second, whatever is shown of the first. To be counted over the whole readout.
 */
export function numberRepeats(
  readings: readonly Reading[],
  codeOf: (reading: Reading) => string = ({ label }) => label,
): ReadonlyMap<Reading, string> {
  const seen = new Map<string, number>();
  return new Map(
    readings.map((reading) => {
      const code = codeOf(reading);
      const times = (seen.get(code) ?? 0) + 1;
      seen.set(code, times);
      return [reading, times === 1 ? code : `${code} #${times}`];
    }),
  );
}

/** Highest figure of the 10-bit converter. */
const ADC_MOST = 1023;

/** Two points of the converter: what it says at 0 and at 100. */
export interface Calibration {
  readonly low: number;
  readonly high: number;
}

/** 0 to 100, whole; undefined where both points are the same. An input may fall while the converter's figure rises. */
export function calibrated(adc: number, { low, high }: Calibration): number | undefined {
  if (low === high) return undefined;
  return Math.min(100, Math.max(0, Math.round((100 * (adc - low)) / (high - low))));
}

/** A figure of a converter of so many bits, as one of 10 bits. */
export function asTenBits(value: number, bits: number): number {
  const scaled = bits > 10 ? Math.floor(value / 2 ** (bits - 10)) : value * 2 ** (10 - bits);
  return Math.min(ADC_MOST, scaled);
}

/** Of three reports in a row the middle one: a single damaged one changes nothing. */
export function middle(reports: readonly number[]): number | undefined {
  return [...reports].sort((a, b) => a - b)[reports.length >> 1];
}

import type { LiveConverter } from '../../../protocols/collector.ts';
import type { Values } from '../../../common/form.ts';

/** A known value that was applied, in percent, and what the converter said. */
export interface CalibrationPoint {
  readonly percent: number;
  readonly converter: number;
}

/** Points that are closer together make more error than they take away. */
const LEAST_PERCENT = 10;
const LEAST_STEPS = 10;

export type Calibrated = { readonly low: number; readonly high: number } | { readonly fault: string };

/** What the converter says at 0 and at 100 %, on the straight line through two points. */
export function calibrationFrom(first: CalibrationPoint, second: CalibrationPoint): Calibrated {
  const percent = second.percent - first.percent;
  const steps = second.converter - first.converter;
  if (Math.abs(percent) < LEAST_PERCENT)
    return { fault: `Both values are nearly the same: let at least ${LEAST_PERCENT} % be between them.` };
  if (Math.abs(steps) < LEAST_STEPS)
    return {
      fault: `The converter said ${first.converter} and then ${second.converter}, nearly the same: did the signal reach it?`,
    };
  const at = (wanted: number) => Math.round(first.converter + (steps / percent) * (wanted - first.percent));
  return { low: at(0), high: at(100) };
}

/** The settings of a converter that are these points. */
export const pointValues = ({ low, high }: LiveConverter, points: { low: number; high: number }): Values => ({
  [low.key]: points.low,
  [high.key]: points.high,
});

/** What it would say now, percent. */
export const shareAt = (value: number, { low, high }: { low: number; high: number }): number =>
  Math.min(100, Math.max(0, Math.round((100 * (value - low)) / (high - low))));

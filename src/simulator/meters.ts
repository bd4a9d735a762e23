import { electricityMeters } from './electricity-meters.ts';
import type { MeterEntry } from './meter-entry.ts';
import { otherMeters } from './other-meters.ts';

/** Every simulated meter, in the order to be listed. */
export const meters: readonly MeterEntry[] = [...electricityMeters, ...otherMeters];

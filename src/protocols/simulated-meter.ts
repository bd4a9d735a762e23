import type { Values } from '../common/form.ts';
import type { Simulated } from '../simulator/simulated-port.ts';

/** A simulated meter, or a bus of them, that people can choose. Light but for its far end, which loads when it is opened. */
export interface SimulatedMeter extends Simulated {
  /** What it is, in words. */
  readonly description: string;
  /** What it can be asked with; absent where any request will do. */
  readonly address?: string;
  /** What differs from the usual settings for it to be read. */
  readonly settings?: Values;
}

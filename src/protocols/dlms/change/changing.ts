import type { Line } from '../../../line/line.ts';
import type { ChangedFrame, Plan } from '../../change.ts';
import type { Association } from '../exchange.ts';

/** An association in which something is changed, with all that went over it. */
export interface Changing {
  readonly line: Line;
  readonly association: Association;
  readonly frames: ChangedFrame[];
  /** The last message and its answer, in hex. */
  readonly last: { sent: string; received: string };
  /** A request may have reached the meter, and nobody knows what became of it. */
  isUnsure: boolean;
}

export interface Done {
  readonly headline: string;
  readonly message?: string;
  readonly plan?: Plan;
}

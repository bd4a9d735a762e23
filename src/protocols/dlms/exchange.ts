import type { Hidden } from '../../line/line.ts';
import type { ActionRequest, ActionResponse } from './apdu/action.ts';
import type { Attribute } from './apdu/attribute.ts';
import type { Result, Wanted } from './apdu/get.ts';
import type { InitiateResponse } from './apdu/initiate.ts';

/** Sends a message and gives what answers it; ranges of a secret are shown to nobody. */
export type Exchange = (message: Uint8Array, hidden?: Hidden) => Promise<Uint8Array>;

/** What can be asked in an association. */
export interface Association {
  readonly agreed: InitiateResponse;
  /** An attribute, or the meter's reason against it. Rejects with a MeterError. */
  get(wanted: Wanted): Promise<Result>;
  /** Several at once where the meter can, else one after the other. */
  getAll(wanted: readonly Wanted[]): Promise<readonly Result[]>;
  /** Writes an attribute, once: 0, or the meter's reason against it. Rejects with a MeterError. */
  set(attribute: Attribute, value: Uint8Array): Promise<number>;
  /** Has a method executed, once. Rejects with a MeterError. */
  act(request: ActionRequest): Promise<ActionResponse>;
  /** Once: many meters ignore it. */
  release(): Promise<void>;
}

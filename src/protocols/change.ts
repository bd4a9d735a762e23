import type { Values } from '../common/form.ts';
import type { Line, LineSettings } from '../line/line.ts';
import type { MeterAccess } from './meter-access.ts';

/** Changing what a meter keeps in itself: shown, proved to meet one meter, confirmed, and only then sent. */
export interface Changer {
  /** The exact bytes, as far as they are known before a meter was asked. Throws a MeterError for what can't be sent. */
  preview(task: ChangeTask): readonly PlannedFrame[];
  /** "Set the primary address of *01579411 to 7" */
  title(task: ChangeTask): string;
  /** What should be known before it is done; most important first. */
  warnings(task: ChangeTask): readonly string[];
  /** How the line has to be opened. */
  lineOf(task: ChangeTask): LineSettings;
  /** Finds out which one meter the change would meet. Never rejects for what a meter does. */
  prove(line: Line, task: ChangeTask, access?: MeterAccess): Promise<ChangeResult>;
  /** Proves anew, stops where the proof is not the one of the plan, and makes the change. */
  change(line: Line, task: ChangeTask, plan: Plan, access?: MeterAccess): Promise<ChangeResult>;
}

export interface ChangeTask {
  /** Which of the protocol's changes. */
  readonly id: string;
  /** The meter, in the protocol's own form. */
  readonly address: string;
  /** What was filled in. */
  readonly values: Values;
  /** Every setting that holds for the protocol on this port. */
  readonly settings: Values;
}

export interface PlannedFrame {
  /** Upper case, as sent; `••` for a byte of a password and what would betray it. */
  readonly hex: string;
  readonly baudRate: number;
  /** What it is for, in words. */
  readonly text: string;
  /** The change itself. */
  readonly isCommand: boolean;
}

/** What would be sent, once it is proved whom it meets. */
export interface Plan {
  readonly frames: readonly PlannedFrame[];
  /** "KAM 68907025, cold water, version 29" */
  readonly meter: string;
  /** By which it is known again. */
  readonly proof: Values;
}

export interface ChangeResult {
  /** 0 when it was proved that one meter, and the same before and after, took the change. */
  readonly errorCode: number;
  readonly headline: string;
  readonly message: string;
  readonly hint: string;
  readonly frames: readonly ChangedFrame[];
  /** Of a proof that succeeded. */
  readonly plan?: Plan;
}

/** A frame that was sent and what came back. */
export interface ChangedFrame extends PlannedFrame {
  /** "✓ acknowledged" */
  readonly answer: string;
  /** Empty for silence. */
  readonly answerHex: string;
}

import type { Framing } from '../../../line/framing.ts';
import type { ReadFunction } from '../frame.ts';
import type { NumberType, WordOrder } from '../numbers.ts';
import type { Quantity } from './quantities.ts';

/** What every profile says, whoever wrote it. */
interface ProfileHead {
  readonly model: string;
  /** As it usually leaves the factory. */
  readonly baudRate: number;
  /** Registers that it gives at once without refusing. */
  readonly most: number;
  /** How it is known among others, the surest first. */
  readonly signs?: readonly Sign[];
  /** Of its answer to 2B/0E or 11: a pattern of its maker's and product's name. */
  readonly saysOfItself?: string;
  /** What is good to know before its figures are trusted. */
  readonly remark?: string;
}

/**
 * What the registers of a model mean. A record keeps the model's name and the revision it was read with: a register that
 * is given another meaning makes a new revision, and the old one stays for the records that have it.
 */
export interface Profile extends ProfileHead {
  readonly revision: number;
  /** What holds for registers that say nothing else: how they are read, what they are. */
  readonly command: 3 | 4;
  readonly type: NumberType;
  readonly order?: WordOrder;
  readonly registers: readonly Register[];
  readonly tests: readonly ProfileTest[];
}

/** A profile that somebody wrote on this device. */
export interface OwnProfile extends ProfileHead {
  /** The digest of its text: whatever is changed makes another one. */
  readonly revision: string;
  readonly framing: Framing;
  readonly figures: readonly PlannedFigure[];
}

export type AnyProfile = Profile | OwnProfile;

/** One figure of a profile, with all that holds for it. */
export interface PlannedFigure extends Omit<RegisterTraits, 'command'> {
  readonly command: 3 | 4;
  readonly address: number;
  readonly words: number;
  readonly type: NumberType;
  readonly order: WordOrder;
  readonly scale: number;
  readonly text: string;
  readonly obis: string;
  readonly unit: string;
  readonly tariff: number;
}

/** Address as on the wire, what it is, and what differs from the rest of the profile. */
export type Register = readonly [address: number, quantity: Quantity, traits?: RegisterTraits];

export interface RegisterTraits {
  readonly command?: 3 | 4;
  readonly type?: NumberType;
  readonly order?: WordOrder;
  /** Unit after scaling, where it is not the quantity's usual one. */
  readonly unit?: string;
  /** Power of ten by which the number is multiplied. */
  readonly scale?: number;
  /** Hex of the number where there is none, highest byte first; several with commas between. */
  readonly invalid?: string;
  readonly note?: string;
}

/** Registers that only this model has so: their text, or their number within limits. */
export interface Sign {
  readonly command: ReadFunction;
  readonly address: number;
  readonly count: number;
  /** Pattern of the text in them. */
  readonly text?: string;
  /** They hold one of these words. */
  readonly words?: readonly number[];
}

/** Record data as the meter gives it, and how it reads. */
export interface ProfileTest {
  readonly data: string;
  readonly shows: readonly string[];
}

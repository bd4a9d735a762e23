import type { Secret } from '../common/secret.ts';
import type { KeptCounter } from '../common/kept-counter.ts';

/** What is remembered of a meter between reads, by a key the protocol chooses. */
export interface MeterMemory {
  recall(key: string): LearnedSettings | undefined;
  remember(key: string, learned: LearnedSettings): void;
}

export interface LearnedSettings {
  /** It announced a higher rate and went on at its first one. */
  readonly staysAtFirstRate?: boolean;
  /** When that was seen, milliseconds since the epoch: a habit is tried again now and then. */
  readonly learnedAt?: number;
  /** What its data looks like, where nothing else shows that a part of it is missing. */
  readonly form?: string;
}

/** What is kept for a meter beside its address and settings. */
export interface MeterAccess {
  readonly memory?: MeterMemory;
  /** A password or key of this meter, by the name of its field; rejects with a MeterError where it is locked or damaged. */
  readonly secret?: (name: string) => Promise<Secret | undefined>;
  /** What the meter made of it: one that it refused is not sent again by the schedule for a while. */
  readonly secretSaid?: (name: string, how: 'taken' | 'refused') => Promise<void>;
  /**
   * Numbers for the messages under a key of this meter; `use` is what else has numbers of its own, `ownTitle` a title by
   * which the meter knows us and which other meters may know. Rejects with a
   * MeterError, as its `next` does, where the disk does not take it: then nothing may be sent.
   */
  readonly counter?: (key: Secret, use: string, ownTitle?: Uint8Array) => Promise<KeptCounter>;
}

import type { LogState } from '../log-state.ts';
import type { JournalWriter } from './writer.ts';

/** Whether a copy that is true had better be written anew all the same. */
export interface RewriteRule {
  /** A session begins: what may be tried once in it may be tried. */
  renew(): void;
  /** It has grown too large, and writing it anew may help. */
  isTooLarge(usedBytes: number): boolean;
  /** Uses up what may be tried. */
  wants(log: Pick<LogState, 'firstSeq' | 'usedBytes'>): boolean;
  /** It was written anew, whole. */
  succeeded(): void;
}

export function createRewriteRule(writer: Pick<JournalWriter, 'fromSeq' | 'isBloated'>): RewriteRule {
  /** A copy that lacks the oldest records is written anew once a session, if there is room; */
  let mayComplete = true;
  /** one that has grown too large whenever that has succeeded. */
  let mayShrink = true;
  const isTooLarge = (usedBytes: number) => mayShrink && writer.isBloated(usedBytes);
  return {
    renew() {
      mayComplete = mayShrink = true;
    },
    isTooLarge,
    wants({ firstSeq, usedBytes }) {
      const isShort = mayComplete && writer.fromSeq > firstSeq;
      const isLarge = isTooLarge(usedBytes);
      if (isShort) mayComplete = false;
      if (isLarge) mayShrink = false;
      return isShort || isLarge;
    },
    succeeded() {
      mayShrink = true;
    },
  };
}

import { hasOddOnes } from '../../line/framing.ts';
import type { ReceivedParity } from '../../line/line.ts';

/** What a sender does with bit 7: a parity of the other seven, always 0 or always 1. */
export type SentParity = 'even' | 'odd' | 'none' | 'mark';

const all: readonly SentParity[] = ['even', 'odd', 'none', 'mark'];
/** Of this share of characters being wrong, one in so many, the sender rather uses another parity than was thought. */
const DOUBT = 8;

/** Counts, character by character, what would be wrong under each parity a sender may use. */
export interface ParityTally {
  /** A seven-bit character as the line gives it. */
  add(byte: number, parityOk: boolean): void;
  reset(): void;
  /**
   * What the sender does with bit 7, and how many characters were not so; `known`: its parity, from what it sent before.
   */
  judge(known?: SentParity): { readonly sent: SentParity; readonly wrong: number };
}

/**
 * `ours`: the parity that was taken off by software and that `parityOk` speaks of; undefined where the chip checks it,
 * and a character marked as wrong is one that the chip refused.
 */
export function parityTally(ours: 'even' | 'odd' | undefined): ParityTally {
  const wrong: Record<SentParity, number> = { even: 0, odd: 0, none: 0, mark: 0 };
  let total = 0;
  return {
    add(byte, parityOk) {
      total++;
      // A marked NUL stands for a character that was swallowed: no sender's parity explains it.
      if (!parityOk && (ours === undefined || byte === 0)) {
        for (const parity of all) wrong[parity]++;
      } else if (ours !== undefined) {
        const oddOnes = hasOddOnes(byte);
        const bit7 = oddOnes === (parityOk === (ours === 'even'));
        wrong[bit7 === oddOnes ? 'odd' : 'even']++;
        wrong[bit7 ? 'none' : 'mark']++;
      }
    },
    reset() {
      total = 0;
      for (const parity of all) wrong[parity] = 0;
    },
    judge(known) {
      const likeliest = all.reduce((one, other) => (wrong[other] < wrong[one] ? other : one));
      const sent = known && wrong[known] * DOUBT <= total ? known : likeliest;
      return { sent, wrong: wrong[sent] };
    },
  };
}

/** Bit 7 as it came, of a character whose parity was taken off by software. */
export function hasHighBit(byte: number, parityOk: boolean, ours: 'even' | 'odd' | undefined): boolean {
  if (ours === undefined || (byte === 0 && !parityOk)) return byte >= 0x80;
  return hasOddOnes(byte) === (parityOk === (ours === 'even'));
}

/** The parity a line made out, where it is one. */
export function sentParity(received: ReceivedParity): SentParity | undefined {
  return all.find((parity) => parity === received);
}

import type { ReceivedParity } from './line.ts';
import { hasOddOnes } from './framing.ts';

const ENOUGH = 8;
/** A few characters may be noise; this share must agree. */
const MAJORITY = 0.9;

/**
 * Watches bit 7 of eight-bit characters and says what parity the sender really uses: a meter set to 8N1 or odd parity
 * is read all the same, and a TCP modem that passes the parity bit is recognized (pwitab#16, energomera-iec#1).
 */
export function parityObserver(): { observe(byte: number): void; verdict(): ReceivedParity } {
  let total = 0;
  let even = 0;
  let marked = 0;
  let oddOnes = 0;
  return {
    observe(byte) {
      const bit7 = byte >= 0x80;
      const odd = hasOddOnes(byte);
      total++;
      if (bit7) marked++;
      if (odd) oddOnes++;
      if (bit7 === odd) even++;
    },
    verdict() {
      // Characters of one parity only cannot tell "always 0" from "even": wait until both kinds were seen.
      if (total < ENOUGH || oddOnes === 0 || oddOnes === total) return 'unknown';
      if (even >= total * MAJORITY) return 'even';
      if (total - marked >= total * MAJORITY) return 'none';
      if (total - even >= total * MAJORITY) return 'odd';
      if (marked >= total * MAJORITY) return 'mark';
      return 'mixed';
    },
  };
}

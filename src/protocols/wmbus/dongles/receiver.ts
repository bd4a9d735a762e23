import type { DongleReceiver, DongleSaid } from './dongle.ts';

/** So many bytes at the front are done with; with what they said, where they said something. */
export interface Cut {
  readonly used: number;
  readonly said?: DongleSaid;
}

/** Longer than anything that a stick says. */
const LONGEST = 1100;

/** `cut` looks at what has come so far: undefined while it may still become something. */
export function receiverOf(cut: (bytes: Uint8Array) => Cut | undefined): DongleReceiver {
  let buffer = new Uint8Array(0);
  return {
    take(byte) {
      buffer = Uint8Array.of(...buffer.subarray(buffer.length >= LONGEST ? 1 : 0), byte);
      for (;;) {
        const found = buffer.length === 0 ? undefined : cut(buffer);
        if (!found) return undefined;
        buffer = buffer.slice(found.used);
        if (found.said) return found.said;
      }
    },
    reset: () => {
      buffer = new Uint8Array(0);
    },
  };
}

/** The first byte begins nothing. */
export const SKIP: Cut = { used: 1 };

export const signed = (byte: number): number => (byte << 24) >> 24;

export const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes).replaceAll(/[^\x20-\x7e]/g, '');

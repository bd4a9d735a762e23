import { fromHex, toHex } from '../../../common/bytes.ts';

/** What a meter wants to hear in P2, from the operand of its P0 and the password; undefined where they do not fit. */
export type PasswordAlgorithm = (operand: string, password: Uint8Array) => string | undefined;

/**
 * Elster A1140 and A1700 as published by Gurux: each character with the seed's byte by XOR, then running sums that begin
 * with the last one. Operand of 16 hexadecimal digits, password of eight characters.
 */
export const elsterPassword: PasswordAlgorithm = (operand, password) => {
  const seed = fromHex(operand);
  if (seed?.length !== 8 || password.length !== 8) return undefined;
  const mixed = password.map((character, i) => character ^ (seed[i] ?? 0));
  let sum = mixed[7] ?? 0;
  return toHex(
    mixed.map((byte) => {
      sum = (sum + byte) & 0xff;
      return sum;
    }),
  );
};

/** The public algorithm of this make; undefined: the password goes out as it is (P1). */
export function algorithmOf(manufacturer: string): PasswordAlgorithm | undefined {
  return manufacturer.toUpperCase() === 'GEC' ? elsterPassword : undefined;
}

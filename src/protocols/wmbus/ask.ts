import type { Dialogue } from '../protocol.ts';
import { radioNumber } from './address.ts';

/** Sticks are looked for at their own rates, this one first. */
const FIRST_RATE = 9600;

export const wmbusDialogue: Dialogue = {
  normal: radioNumber,
  lineOf: () => ({ baudRate: FIRST_RATE, framing: '8N1' }),
  // Loaded with the first read: a first visit does not wait for it.
  read: async (line, { address, settings }, options) => {
    const { readRadio } = await import('./session.ts');
    return await readRadio(line, radioNumber(address), settings, options);
  },
};

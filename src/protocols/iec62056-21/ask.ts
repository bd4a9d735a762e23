import type { Dialogue } from '../protocol.ts';
import { formatIecAddress, parseIecAddress } from './address.ts';
import { iecSettings } from './settings.ts';

/** Mode D is 2400 Bd by the standard; a rate set by hand or in the address wins. */
const PUSH_RATE = 2400;
const FIRST_RATE = 300;
/** It waits for a NAK for the reader's longest reaction time, 1500 ms, before it is back at its first rate (6.3.13). */
const REST_MS = 1600;

export const iecDialogue: Dialogue = {
  normal: (address) => formatIecAddress(parseIecAddress(address)),
  lineOf({ address, settings }) {
    const { mode, baudRate, framing } = iecSettings(settings);
    const usual = mode === 'D' && baudRate === FIRST_RATE ? PUSH_RATE : baudRate;
    return { baudRate: parseIecAddress(address).baudRate ?? usual, framing };
  },
  // Modes A and D stay at one rate.
  restMs: ({ data, circumstances: { mode } = {} }) => (data !== '' && (mode === 'B' || mode === 'C') ? REST_MS : 0),
  // Loaded with the first read: a first visit does not wait for it.
  read: async (line, { address, settings }, options) => {
    const { readIec } = await import('./session.ts');
    return await readIec(line, parseIecAddress(address), iecSettings(settings), options);
  },
};

import type { Dialogue } from '../protocol.ts';
import { formatSmlAddress, parseSmlAddress } from './address.ts';

export const smlDialogue: Dialogue = {
  normal: (address) => formatSmlAddress(parseSmlAddress(address)),
  lineOf: ({ address }) => ({ baudRate: parseSmlAddress(address).baudRate, framing: '8N1' }),
  // Loaded with the first read: a first visit does not wait for it.
  read: async (line, { address, settings }, options) => {
    const { readSml } = await import('./session.ts');
    return await readSml(line, parseSmlAddress(address), settings, options);
  },
};

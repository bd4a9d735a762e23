import type { Dialogue } from '../protocol.ts';
import { formatInmatAddress, parseInmatAddress } from './address.ts';
import { inmatSettings } from './settings.ts';

export const inmatDialogue: Dialogue = {
  normal: (address) => formatInmatAddress(parseInmatAddress(address)),
  lineOf: ({ address, settings }) => ({
    baudRate: parseInmatAddress(address).baudRate,
    framing: inmatSettings(settings).framing,
  }),
  read: async (line, { address, settings }, options) => {
    const { readInmat } = await import('./session.ts');
    return await readInmat(line, parseInmatAddress(address), inmatSettings(settings), options);
  },
};

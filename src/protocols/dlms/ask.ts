import type { Dialogue } from '../protocol.ts';
import { formatDlmsAddress, parseDlmsAddress } from './address.ts';
import { dlmsSettings } from './settings.ts';

export const dlmsDialogue: Dialogue = {
  normal: (address) => formatDlmsAddress(parseDlmsAddress(address)),
  lineOf: ({ address, settings }) => ({
    baudRate: parseDlmsAddress(address).baudRate,
    framing: dlmsSettings(settings).framing,
  }),
  read: async (line, { address, settings }, options) => {
    const { readDlms } = await import('./session.ts');
    return await readDlms(line, parseDlmsAddress(address), dlmsSettings(settings), options);
  },
};

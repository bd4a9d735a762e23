import type { Dialogue } from '../protocol.ts';
import { formatMbusAddress, parseMbusAddress } from './address.ts';
import { mbusSettings } from './settings.ts';

export const mbusDialogue: Dialogue = {
  normal: (address) => formatMbusAddress(parseMbusAddress(address)),
  lineOf: ({ address, settings }) => ({
    baudRate: parseMbusAddress(address).baudRate,
    framing: mbusSettings(settings).framing,
  }),
  // Loaded with the first read: most heads are optical ones.
  read: async (line, { address, settings }, options) => {
    const { readMbus } = await import('./session.ts');
    return await readMbus(line, parseMbusAddress(address), mbusSettings(settings), options);
  },
};

import type { Dialogue } from '../protocol.ts';
import { formatDlmsAddress, parseDlmsAddress } from './address.ts';
import { dlmsSettings } from './settings.ts';

export const dlmsDialogue: Dialogue = {
  normal: (address) => formatDlmsAddress(parseDlmsAddress(address)),
  lineOf({ address, settings }) {
    const { opening, framing } = dlmsSettings(settings);
    if (opening === 'mode E') return { baudRate: 300, framing: '7E1' };
    return { baudRate: parseDlmsAddress(address).baudRate, framing };
  },
  read: async (line, { address, settings }, options) => {
    const typed = dlmsSettings(settings);
    if (typed.opening === 'push') {
      const { readPushed } = await import('./push/listener.ts');
      return await readPushed(line, typed.listenMs, options);
    }
    const [{ readDlms }, { accessOf }] = await Promise.all([import('./session.ts'), import('./access.ts')]);
    return await readDlms(line, parseDlmsAddress(address), typed, options, await accessOf(typed, options));
  },
};

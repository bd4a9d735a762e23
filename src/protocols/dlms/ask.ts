import type { Dialogue } from '../protocol.ts';
import { formatDlmsAddress, parseDlmsAddress } from './address.ts';
import { PASSWORD } from './secrets.ts';
import { dlmsSettings } from './settings.ts';

const PUBLIC = 16;

export const dlmsDialogue: Dialogue = {
  normal: (address) => formatDlmsAddress(parseDlmsAddress(address)),
  lineOf({ address, settings }) {
    const { opening, framing } = dlmsSettings(settings);
    if (opening === 'mode E') return { baudRate: 300, framing: '7E1' };
    return { baudRate: parseDlmsAddress(address).baudRate, framing };
  },
  read: async (line, { address, settings }, options) => {
    const { readDlms } = await import('./session.ts');
    const typed = dlmsSettings(settings);
    // The public client has none: what it may see, anybody may.
    const password = typed.client === PUBLIC ? undefined : await options.secret?.(PASSWORD);
    const said = async (how: 'taken' | 'refused') => await options.secretSaid?.(PASSWORD, how);
    const authentication = password && ({ mechanism: 1, password: password.bytes, said } as const);
    return await readDlms(line, parseDlmsAddress(address), typed, options, authentication);
  },
};

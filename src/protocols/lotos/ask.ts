import type { Dialogue } from '../protocol.ts';
import { lotosError } from './errors.ts';
import { lotosSettings } from './settings.ts';

export const lotosDialogue: Dialogue = {
  /** Throws MeterError 4259843 for a rate, which is a setting, and 4259842 for any other text that is not empty. */
  normal(address) {
    const text = address.trim();
    if (text === '') return '';
    if (text.startsWith('@')) throw lotosError(4259843, 'The rate of a LOTOS 301 is a setting, and no address.');
    throw lotosError(4259842, `A LOTOS 301 has no address, and “${text.slice(0, 40)}” is one.`);
  },
  lineOf({ settings }) {
    const { baudRate, framing } = lotosSettings(settings);
    return { baudRate, framing };
  },
  read: async (line, { settings }, options) => {
    const { readLotos } = await import('./session.ts');
    return await readLotos(line, lotosSettings(settings), options);
  },
};

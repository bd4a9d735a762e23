import type { Reader } from '../protocol.ts';
import { decodeDlms } from './decode.ts';
import { decodeInModeC, isInModeC } from './mode-c.ts';
import { decodePush } from './push/decode.ts';
import { pushedIn } from './record-data.ts';

export const dlmsReader: Reader = {
  decode(stored, _profiles, keys) {
    if (isInModeC(stored)) return decodeInModeC(stored);
    const pushed = pushedIn(stored.data);
    if (!pushed) return decodeDlms(stored);
    return decodePush(pushed, keys, stored.circumstances?.blockCheck !== 'absent');
  },
};

import type { Reader } from '../protocol.ts';
import { decodeDlms } from './decode.ts';
import { decodeInModeC, isInModeC } from './mode-c.ts';

export const dlmsReader: Reader = {
  decode: (stored) => (isInModeC(stored) ? decodeInModeC(stored) : decodeDlms(stored)),
};

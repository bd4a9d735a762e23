import { fromLatin1 } from '../../../common/bytes.ts';
import { household } from './household.ts';
import type { MeterSpec } from './server.ts';

const range = (from: number) => Uint8Array.from({ length: 16 }, (_, at) => from + at);

/** The household's meter with high level security (mechanism 5), all authenticated and encrypted. */
export const keyed: MeterSpec = {
  ...household,
  keys: {
    encryption: range(0x00),
    authentication: range(0xd0),
    title: fromLatin1('OHU00012'),
    counter: 1000,
  },
};

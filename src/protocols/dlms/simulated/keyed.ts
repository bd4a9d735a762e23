import { fromLatin1 } from '../../../common/bytes.ts';
import { household } from './household.ts';
import type { MeterSpec } from './server.ts';

/** The household's meter with high level security (mechanism 5), all authenticated and encrypted. */
export const keyed: MeterSpec = {
  ...household,
  keys: {
    encryption: fromLatin1('OpenHHU-demo-EK1'),
    authentication: fromLatin1('OpenHHU-demo-AK1'),
    title: fromLatin1('OHU00012'),
    counter: 1000,
  },
};

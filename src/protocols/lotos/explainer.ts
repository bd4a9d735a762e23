import type { Explainer } from '../protocol.ts';
import { decodeLotos } from './decode.ts';

/** What the values of a record are: the meter names none of them. */
export const lotosExplainer: Explainer = {
  describe: ({ data, facts, identification }) => ({
    kind: 'LOTOS 301 cycle',
    meter: identification,
    facts: [...facts, ['Values', String(decodeLotos({ data, identification }).length)]],
    limit: '',
  }),
};

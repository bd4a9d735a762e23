import type { Explainer } from '../protocol.ts';

export const ainDinExplainer: Explainer = {
  describe: ({ identification, data, facts }) => ({
    kind: 'A/D input',
    meter: identification,
    facts: [...facts, ...(data === '' ? [] : [['Value', data] as const])],
    limit: '',
  }),
};

import type { Explainer } from '../protocol.ts';

/** A readout is text: it speaks for itself. */
export const iecExplainer: Explainer = {
  describe({ facts, identification }) {
    const manufacturer = facts.find(([name]) => name === 'Manufacturer')?.[1] ?? '';
    const meter = [manufacturer, identification].filter((word) => word !== '').join(' ');
    return { kind: 'IEC 62056-21 readout', meter, facts, limit: '' };
  },
};

import type { Explainer } from '../protocol.ts';
import type { Recognizer } from '../recognizer.ts';

/** Flag, frame format type 3 (IEC 62056-46), and the least that addresses, control and check sequences take. */
const LEAST_BYTES = 9;

export const hdlcRecognizer: Recognizer = {
  sees: (bytes) =>
    bytes.length >= LEAST_BYTES && bytes[0] === 0x7e && ((bytes[1] ?? 0) & 0xf0) === 0xa0 ? 'whole' : undefined,
};

export const hdlcExplainer: Explainer = {
  describe: ({ facts }) => ({
    kind: 'HDLC frame',
    meter: '',
    facts,
    limit: 'Probably DLMS/COSEM in an HDLC frame. This version does not decode it.',
  }),
};

import type { FrameFormat } from '../protocol.ts';

/** The frames in which DLMS/COSEM goes over a serial line: told from others and no more. */
export const hdlc: FrameFormat = {
  name: 'HDLC',
  parts: {
    recognizer: async () => (await import('./recognizer.ts')).hdlcRecognizer,
    explainer: async () => (await import('./recognizer.ts')).hdlcExplainer,
  },
};
